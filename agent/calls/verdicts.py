"""What the tracker tells: frozen pictures of calls, and what happened to them. Times are the tracker's clock, s."""

from dataclasses import dataclass, replace
from enum import Enum

from storage.vocabulary import Direction, Reason


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone of a call: what people call it, when it rang, when it talked with the caller, how the attempt went.

    `number`: what was dialled to reach it for a caller to whom nobody had talked yet; else "".
    """

    phone: str
    rang_at: float | None
    joined_at: float | None
    attempt: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One call at one instant; `phones` only at its end.

    `number`, `name`, `dialled` as received; `withheld` and `attested` None while nobody knows.
    """

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
    attested: str | None = None
    phones: tuple[Phone, ...] = ()


def shifted(call: Call, offset: float) -> Call:
    """The same call with `offset` added to all its times: from the tracker's clock to another."""

    def at(time: float | None) -> float | None:
        return None if time is None else time + offset

    return replace(
        call,
        started_at=call.started_at + offset,
        first_ringing_at=at(call.first_ringing_at),
        queue_joined_at=at(call.queue_joined_at),
        answered_at=at(call.answered_at),
        ended_at=at(call.ended_at),
        known_at=at(call.known_at),
        phones=tuple(replace(p, rang_at=at(p.rang_at), joined_at=at(p.joined_at)) for p in call.phones),
    )


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
