"""What the outbox asks of a provider, and the only answers there are.

A provider never raises for a fate: it says Accepted, Refused, NotSent or Unknown. Unknown is the honest answer for
everything after the first byte of a request left without a readable answer; the outbox then asks with `find` and
never sends again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from storage.vocabulary import TextState


@dataclass(frozen=True, slots=True)
class OutgoingText:
    """One text as it is handed over. `ref` is our own id of it, `valid_for` whole seconds the provider may queue it."""

    ref: str
    to: str
    body: str
    valid_for: int


class Fault(Enum):
    """What a refusal says about the future. The value is a sentence for people."""

    OPTED_OUT = "the number has opted out at the provider"
    NO_TEXTS = "the number can't receive texts"
    BAD_NUMBER = "the provider doesn't take it for a phone number"
    COUNTRY = "texts to this country are switched off at the provider"
    ACCOUNT = "the provider refuses the whole account or sender"
    BLOCKED = "the recipient or the carrier blocks our texts"
    FILTERED = "the carrier took the text for spam"
    UNREACHABLE = "the handset couldn't be reached"
    RATE = "a rate or daily limit of the provider or carrier"
    EXPIRED = "it was not delivered within its validity"
    OUR_MISTAKE = "the request was wrong, which is a fault of this program"
    OTHER = "the provider gave another reason"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it, under this id. `at` is the provider's own time (epoch seconds) if it told."""

    sid: str
    segments: int | None = None
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider answered that it won't take the text. Final for this text."""

    fault: Fault
    code: str
    message: str
    no_texts_seconds: float | None = None  # how long the number is to be left alone (Fault.NO_TEXTS, BLOCKED)


@dataclass(frozen=True, slots=True)
class NotSent:
    """No byte of the request left, or the provider said "not processed": safe to try again after `retry_after` s."""

    why: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Handed over, no readable answer: it may have been taken. Never send again; ask with `find`."""

    why: str


Fate = Accepted | Refused | NotSent | Unknown


@dataclass(frozen=True, slots=True)
class Found:
    """A text the provider does know, looked up after an unknown fate."""

    sid: str


@dataclass(frozen=True, slots=True)
class Status:
    """How a handed-over text stands at the provider. `state` is one of ours; a fault tells why it failed.

    `ref`: our own id of the text, where the provider gave it back.
    """

    sid: str
    state: TextState  # ACCEPTED, SENT, DELIVERED, FAILED or EXPIRED
    final: bool
    fault: Fault | None = None
    code: str | None = None
    segments: int | None = None
    price: str | None = None
    no_texts_seconds: float | None = None
    raw: str = ""
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """One received text. `at` epoch seconds by the provider's clock; not `timed`: it told none, so of when it came."""

    sid: str
    sender: str
    to: str
    body: str
    at: float
    raw: str = ""
    media: int = 0
    timed: bool = True


@dataclass(frozen=True, slots=True)
class Posted:
    """One request to our webhook. `url`: our public address and what was asked of it, path and query as they came.

    `headers`: names in small letters; of several with one name the first.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """What the provider wants to hear once its request is kept. Nothing in it may reach a handset."""

    status: int
    content_type: str
    body: bytes


class NotGenuine(Exception):
    """A request to the webhook that isn't proven to be the provider's. The message is for the log."""


class ProviderTrouble(Exception):
    """A question (not a send) could not be answered. The message says what to do about it."""


class Provider(Protocol):
    """One SMS provider. Conformance: tests/conformance/test_providers.py judges every one alike."""

    name: str
    asks: bool  # False: it can't be asked afterwards (console), so nothing is polled
    hook_answer: HookAnswer
    answers: frozenset[str]  # whole texts in small letters that it answers by itself (STOP, HELP)

    async def send(self, text: OutgoingText) -> Fate:
        """Hand the text over once. Never repeats a request by itself. Cancellation-safe: cancelled means Unknown."""

    async def find(self, text: OutgoingText, since: float, known: Collection[str] = ()) -> Found | None:
        """Look for a text of unknown fate sent at or after `since` (epoch s); not among those `known` as others.

        Raises ProviderTrouble.
        """

    async def status(self, sid: str) -> Status:
        """How the text stands now. Raises ProviderTrouble."""

    async def received(self, since: float) -> list[Inbound]:
        """Texts received since `since` (epoch s), oldest first, some perhaps again. Raises ProviderTrouble."""

    def heard(self, posted: Posted, now: float) -> Inbound | Status | None:
        """What a request to our webhook tells; None: genuine, and of no interest. No I/O.

        `now` is epoch seconds, for providers whose proof is of a time. Raises NotGenuine for whatever isn't proven to
        be the provider's, and nothing else whatever the bytes are.
        """

    async def warm(self) -> None:
        """Open a connection ahead of a likely text. Never raises."""

    async def check(self) -> list[tuple[str, bool, str]]:
        """What doctor asks: (what, ok, what was seen or what to do). Raises ProviderTrouble."""

    async def close(self) -> None:
        """Let go of sockets."""
