"""What the tracker tells: frozen pictures of calls, and what happened to them. Times are the tracker's clock, s."""

from dataclasses import dataclass
from enum import Enum

from storage.vocabulary import Direction, Reason


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone of a call: what people call it, when it rang, when it talked with the caller, how the attempt went."""

    phone: str
    rang_at: float | None
    joined_at: float | None
    attempt: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call at one instant. `number`, `name`, `dialled` as received; `withheld` None while nobody knows."""

    id: str
    direction: Direction
    number: str
    name: str
    dialled: str
    trunk: str
    withheld: bool | None
    started_at: float
    first_ringing_at: float | None = None
    queue_joined_at: float | None = None
    answered_at: float | None = None
    answered_by: str = ""
    ended_at: float | None = None
    reason: Reason | None = None
    known_at: float | None = None
    transfer_unanswered: bool = False
    phones: tuple[Phone, ...] = ()


class News(Enum):
    """What just happened to a call."""

    STARTED = "started"
    RINGING = "ringing"  # the first ringing of any phone
    MISSED = "missed"
    ANSWERED = "answered"
    ANSWERED_LATE = "answered_late"  # a human after the miss was known
    ENDED = "ended"  # the caller's leg is gone
    VANISHED = "vanished"  # gone while nobody was listening, undecided: only records can tell


@dataclass(frozen=True, slots=True)
class Verdict:
    """One piece of news, with the call as it stands."""

    news: News
    call: Call


@dataclass(frozen=True, slots=True)
class RingPlan:
    """How long a line's callers may be left: seconds of ringing, seconds in a queue (None: no limit)."""

    ring_limit: float
    queue_wait: float | None = None
    forwarded: bool = False
