"""What every PBX says, in words of telephony alone.

A dialect turns its PBX's messages into these; the tracker knows nothing else. `leg` is the PBX's name of one party's
connection, unique while it lives; `call` is the PBX's name of the group of legs one arrival brought about, often the
name of its first leg. A dialect never raises for a strange message: it says nothing, or says less.
"""

from dataclasses import dataclass
from enum import Enum


class LegRole(Enum):
    """What a leg is at the PBX."""

    PARTY = "party"  # a person's or carrier's end
    RELAY = "relay"  # one half of a pair inside the PBX (Local, loopback)
    HIDDEN = "hidden"  # the PBX's own (announcer, recorder): never a party to a conversation


class DialResult(Enum):
    """How the attempt to reach one leg ended, in the dialler's words."""

    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no answer"
    CANCELLED = "cancelled"
    FAILED = "failed"


class EndCause(Enum):
    """Why a leg ended, as far as it says something about a phone. It never decides whether a human answered."""

    NORMAL = "normal"
    BUSY = "busy"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"


class App(Enum):
    """What the PBX does with a leg."""

    DIAL = "dial"
    QUEUE = "queue"
    MENU = "menu"  # collects digits
    MAILBOX = "mailbox"  # takes messages for somebody
    ANNOUNCEMENT = "announcement"
    BUSY_TONE = "busy tone"
    OTHER = "other"  # parking, conference, fetching one's own messages, calling out through the PBX (DISA)


@dataclass(frozen=True, slots=True)
class LegCreated:
    """A leg exists.

    `arriving`: it comes into the PBX from outside it (a call somebody makes), rather than being dialled by it.
    `trunk`: its first event matches the configured inbound contexts or trunk channels.
    `phone`: what people call that end ("101", "trunk"). `pair`: the name both halves of a relay share.
    `number`, `name`, `dialled`: as received, at the leg's first event; empty where there is none.
    `withheld`: None where this event doesn't tell.
    """

    leg: str
    call: str
    role: LegRole
    arriving: bool
    trunk: bool
    phone: str
    pair: str = ""
    number: str = ""
    name: str = ""
    dialled: str = ""
    withheld: bool | None = None


@dataclass(frozen=True, slots=True)
class LegArrived:
    """A leg created earlier turns out to be arriving (chan_sip shows it with its first change of state)."""

    leg: str
    call: str


@dataclass(frozen=True, slots=True)
class LegWithheld:
    """Whether this leg's caller withheld the number, learnt after its first event. None: the PBX can't tell."""

    leg: str
    call: str
    withheld: bool | None


@dataclass(frozen=True, slots=True)
class LegAttested:
    """How far the carrier vouches for this caller's number (STIR/SHAKEN, RFC 8588): "A", "B" or "C"."""

    leg: str
    call: str
    level: str


@dataclass(frozen=True, slots=True)
class LegDialled:
    """What the PBX dials to reach this leg: a number outside, or a phone's name."""

    leg: str
    call: str
    number: str


@dataclass(frozen=True, slots=True)
class LegRinging:
    """A phone rings, or its network sends early media (183)."""

    leg: str
    call: str
    role: LegRole


@dataclass(frozen=True, slots=True)
class LegAnswered:
    """The leg is connected to the PBX, which is not yet a conversation."""

    leg: str
    call: str


@dataclass(frozen=True, slots=True)
class DialEnded:
    """The attempt to reach `leg`, made on behalf of leg `by`, ended."""

    leg: str
    call: str
    by: str
    result: DialResult


@dataclass(frozen=True, slots=True)
class LegEntered:
    """The PBX starts an application on the leg."""

    leg: str
    call: str
    app: App


@dataclass(frozen=True, slots=True)
class QueueJoined:
    """The caller waits in a queue."""

    leg: str
    call: str


@dataclass(frozen=True, slots=True)
class QueueLeft:
    """The caller left the queue, for an agent or without one."""

    leg: str
    call: str


@dataclass(frozen=True, slots=True)
class LegJoined:
    """The leg is in a room where those present hear each other. Parking and music are no rooms."""

    leg: str
    call: str
    room: str
    role: LegRole


@dataclass(frozen=True, slots=True)
class LegLeft:
    """The leg left the room."""

    leg: str
    call: str
    room: str


@dataclass(frozen=True, slots=True)
class LegHungUp:
    """The party at this leg asked to end it (BYE, CANCEL, a refusal). The leg itself may linger."""

    leg: str
    call: str
    cause: EndCause


@dataclass(frozen=True, slots=True)
class LegCleared:
    """The PBX clears the leg because it is being stopped."""

    leg: str
    call: str


@dataclass(frozen=True, slots=True)
class LegEnded:
    """The leg is gone."""

    leg: str
    call: str
    cause: EndCause


@dataclass(frozen=True, slots=True)
class LegListed:
    """One leg as a live listing shows it. `age`: whole seconds it has lived; `room`: empty if in none."""

    created: LegCreated
    ringing: bool
    answered: bool
    app: App | None
    room: str
    age: float


@dataclass(frozen=True, slots=True)
class Restarted:
    """The PBX started anew: every leg it had is gone."""


@dataclass(frozen=True, slots=True)
class Gap:
    """The link was away. The legs live on, but what they did meanwhile was not heard."""


@dataclass(frozen=True, slots=True)
class ListingBegins:
    """The PBX is being asked for all legs that live. Events go on meanwhile, and are newer than the list."""


@dataclass(frozen=True, slots=True)
class Listed:
    """All legs that lived when asked. One known before, not here and silent since, is gone."""

    legs: tuple[LegListed, ...]


LegEvent = (
    LegCreated
    | LegArrived
    | LegWithheld
    | LegAttested
    | LegDialled
    | LegRinging
    | LegAnswered
    | DialEnded
    | LegEntered
    | QueueJoined
    | QueueLeft
    | LegJoined
    | LegLeft
    | LegHungUp
    | LegCleared
    | LegEnded
    | Restarted
    | Gap
    | ListingBegins
    | Listed
)
