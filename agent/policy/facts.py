"""What a rule may know about one call, all of it read at one instant inside one transaction. Times: epoch seconds."""

from dataclasses import dataclass
from enum import Enum

from sms.numbers import Number
from storage.vocabulary import Direction, Reason


class Presentation(Enum):
    """Whether the caller withheld the number."""

    SHOWN = "shown"
    WITHHELD = "withheld"
    UNKNOWN = "unknown"  # the PBX was asked and didn't answer in time, or only records tell of the call
    UNASKABLE = "unaskable"  # nobody could be asked (a replay without recorded answers)


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What is set for the line that was called. Durations in seconds, `countries` ISO 3166-1 alpha-2."""

    enabled: bool
    text_on: frozenset[Reason]
    min_ring: float
    countries: frozenset[str]


@dataclass(frozen=True, slots=True)
class Limits:
    """What is set for the whole business. Durations in seconds."""

    cooldown: float
    freshness: float
    per_hour: int
    per_day: int
    trust_numbers: bool = False
    attestation: str | None = None
    defer_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """One call and all that bears on texting its caller.

    `waited`: seconds from the first ringing or joining the queue to the caller's end, None where neither happened.
    `age`: seconds from the miss, or the end of the call if that was earlier, to now.
    Counts are of texts of the kinds first and follow-up.
    The text fields that may be empty say why in words: `blocked`, `in_touch`, `opted_out`, `in_doubt`, `no_texts`,
    `stopped`.
    """

    direction: Direction
    line: LineFacts
    limits: Limits
    answered: bool
    reason: Reason | None
    presentation: Presentation
    number: Number
    now: float
    age: float
    waited: float | None = None
    paused: str = ""
    blocked: str = ""
    opted_out: str = ""
    in_doubt: str = ""
    in_touch: str = ""
    last_text_at: float | None = None
    text_waiting: bool = False
    no_texts: str = ""
    attested: str | None = None
    stopped: str = ""
    texts_last_hour: int = 0
    texts_last_day: int = 0
    texts_to_number_last_day: int = 0
    quiet: bool = False
