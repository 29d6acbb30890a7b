"""What is written to and read from the ledger. Frozen; times are epoch seconds, numbers E.164 unless said otherwise."""

from dataclasses import dataclass, fields
from typing import Any

from storage.vocabulary import (
    Decision,
    Direction,
    Intent,
    LadderState,
    OptOutSource,
    Reason,
    ReplyMeaning,
    TextKind,
    TextState,
)


@dataclass(frozen=True, slots=True)
class PhoneRecord:
    """One phone of a call. `number`: the number outside that reaches it, E.164."""

    phone: str
    rang_at: float | None
    joined_at: float | None
    attempt: str
    number: str | None = None


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call as it is written. `caller` is None where withheld; `peer` is the outside party's number, if it is one.

    `source`: "live" as seen happening, "records" as read from the PBX's own records afterwards.
    """

    pbx_call: str
    direction: Direction
    caller: str | None
    peer: str | None
    caller_name: str | None
    line: str | None
    line_name: str | None
    trunk: str | None
    started_at: float
    first_ringing_at: float | None
    answered_at: float | None
    answered_by: str | None
    answered_late: bool
    transfer_unanswered: bool
    ended_at: float | None
    reason: Reason | None
    known_at: float | None
    source: str = "live"
    phones: tuple[PhoneRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class PutCall:
    """A call's row after writing: its id, the decision where it is taken already, whether a human has answered."""

    id: int
    decision: Decision | None
    answered: bool = False


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call whose end nobody saw."""

    id: int
    pbx_call: str
    direction: Direction
    caller: str | None
    line: str | None
    started_at: float
    answered_at: float | None
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class NewText:
    """A text as decided. `state` QUEUED, DEFERRED or SHADOW."""

    ref: str
    call_id: int | None
    kind: TextKind
    number: str
    body: str
    segments: int
    state: TextState
    due_at: float
    fresh_until: float


@dataclass(frozen=True, slots=True)
class TextRow:
    """One text as it stands."""

    id: int
    ref: str
    call_id: int | None
    kind: TextKind
    number: str
    body: str
    segments: int
    state: TextState
    created_at: float
    due_at: float
    fresh_until: float
    sending_at: float | None
    sid: str | None
    asked: int


@dataclass(frozen=True, slots=True)
class Move:
    """One move of a text. None leaves a column as it is; `ask_at` is set as given (None: nothing more to ask)."""

    text_id: int
    before: TextState
    after: TextState
    at: float
    note: str = ""
    ask_at: float | None = None
    sending_at: float | None = None
    sid: str | None = None
    fault: str | None = None
    code: str | None = None
    detail: str | None = None
    segments: int | None = None
    price: str | None = None
    due_at: float | None = None


@dataclass(frozen=True, slots=True)
class NewReply:
    """One text a caller wrote."""

    sid: str
    number: str
    to_number: str
    body: str
    media: int
    meaning: ReplyMeaning
    intent: Intent | None
    received_at: float
    raw: str


@dataclass(frozen=True, slots=True)
class OptOut:
    """An opt-out in force."""

    number: str
    at: float
    source: OptOutSource
    words: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """An urgent caller's ladder as it stands. `step`: how many people have been asked."""

    id: int
    number: str
    words: str
    opened_at: float
    promised_at: float
    state: LadderState
    step: int
    due_at: float | None
    seen_by: str | None = None
    seen_at: float | None = None
    reached_at: float | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """One person asked about one ladder. `notice`: whether it still has to go by other ways than a text."""

    id: int
    ladder_id: int
    person: str
    number: str | None
    at: float
    token: str
    body: str
    text_id: int | None
    notice: str


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that lasts: `code`, since when, until when (None: until cleared), in words."""

    code: str
    since: float
    until: float | None
    detail: str


_NAMES: dict[type, tuple[str, ...]] = {}


def values(record: Any) -> dict[str, Any]:
    """A record's fields by name, for a query's parameters: what `asdict` gives, at a tenth of its cost."""
    kind = type(record)
    names = _NAMES.get(kind)
    if names is None:
        names = _NAMES[kind] = tuple(field.name for field in fields(record))
    return {name: getattr(record, name) for name in names}
