"""What is remembered of a leg and of a call while they live. Mutable, and nobody's but the tracker's."""

from enum import Enum

from agent.calls.states import CallState, Limit
from agent.calls.verdicts import Call, Phone
from agent.pbx.events import App, DialResult, EndCause, LegCreated, LegRole
from storage.vocabulary import Direction, Reason


class Attempt(Enum):
    """How the attempt to reach a phone went, so far as known."""

    OPEN = "open"
    BUSY = "busy"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    NO_ANSWER = "no_answer"
    CANCELLED = "cancelled"
    ANSWERED = "answered"


BY_CAUSE = {
    EndCause.BUSY: Attempt.BUSY,
    EndCause.DECLINED: Attempt.DECLINED,
    EndCause.UNREACHABLE: Attempt.UNREACHABLE,
}


class TrackedLeg:
    """One leg. `call` is None while nobody knows whose it is."""

    __slots__ = (
        "attempt",
        "call",
        "created",
        "ended",
        "id",
        "joined_at",
        "mailbox",
        "number",
        "pair",
        "phone",
        "rang_at",
        "ringing",
        "role",
        "room",
        "seen_room",
        "trunk",
        "up",
    )

    def __init__(self, leg: str, role: LegRole, created: LegCreated | None = None) -> None:
        self.id = leg
        self.role = role
        self.created = created
        self.phone = created.phone if created else ""
        self.pair = created.pair if created else ""
        self.number = ""
        self.trunk = created.trunk if created else False
        self.call: TrackedCall | None = None
        self.attempt = Attempt.OPEN
        self.ringing = False
        self.rang_at: float | None = None
        self.joined_at: float | None = None
        self.up = False
        self.ended = False
        self.mailbox = False
        self.room: str | None = None
        self.seen_room: str | None = None

    def story(self) -> Phone:
        """The leg as `explain` tells it."""
        return Phone(self.phone or self.id, self.rang_at, self.joined_at, self.attempt.value, self.number)


class TrackedCall:
    """One call: what the tracker must remember to give its one verdict."""

    __slots__ = (
        "announced",
        "answered_at",
        "answered_by",
        "attested",
        "caller",
        "cleared",
        "dialled",
        "dialling",
        "direction",
        "doubt_since",
        "elsewhere",
        "ended_at",
        "first_ringing_at",
        "hung_up",
        "id",
        "in_doubt",
        "in_queue",
        "known_at",
        "last_dial",
        "legs",
        "limit_due",
        "limit_started_at",
        "mailbox_answered",
        "menu",
        "queue_due",
        "queue_joined_at",
        "ran_out",
        "rang_since_talk",
        "reason",
        "started_at",
        "state",
        "talking",
        "tried_phone",
        "tried_queue",
        "withheld",
    )

    def __init__(self, caller: TrackedLeg, created: LegCreated, now: float) -> None:
        self.id = created.call
        self.caller = caller
        self.dialled = created.dialled
        self.direction = Direction.INBOUND if created.trunk else Direction.INTERNAL
        self.withheld = created.withheld
        self.attested: str | None = None
        self.state = CallState.OPEN
        self.started_at = now
        self.legs: dict[str, TrackedLeg] = {}
        self.first_ringing_at: float | None = None
        self.limit_started_at: float | None = None
        self.limit_due: float | None = None
        self.queue_joined_at: float | None = None
        self.queue_due: float | None = None
        self.in_doubt = False
        self.doubt_since: float | None = None
        self.ran_out: tuple[float, Limit] | None = None
        self.in_queue = False
        self.tried_queue = False
        self.tried_phone = False
        self.dialling = False
        self.last_dial: DialResult | None = None
        self.menu = False
        self.announced = False
        self.elsewhere = False
        self.mailbox_answered = False
        self.cleared = False
        self.hung_up = False
        self.talking = False
        self.rang_since_talk = False
        self.answered_at: float | None = None
        self.answered_by = ""
        self.ended_at: float | None = None
        self.known_at: float | None = None
        self.reason: Reason | None = None

    @property
    def phones(self) -> list[TrackedLeg]:
        """The legs of those who were dialled for it."""
        return [leg for leg in self.legs.values() if leg.role is LegRole.PARTY and leg is not self.caller]

    def enter(self, app: App) -> None:
        """Remember what the PBX tried for the caller."""
        match app:
            case App.DIAL:
                self.tried_phone = self.dialling = True
            case App.BUSY_TONE:
                self.tried_phone = True
            case App.QUEUE:
                self.tried_queue = True
            case App.MENU:
                self.menu = True
            case App.ANNOUNCEMENT:
                self.announced = True
            case App.OTHER:
                self.elsewhere = True
            case App.MAILBOX:
                pass

    def snapshot(self, *, whole: bool = True) -> Call:
        """The call as the rest of the program sees it; its phones only if `whole`."""
        made = self.caller.created
        assert made is not None
        return Call(
            id=self.id,
            direction=self.direction,
            number=made.number,
            name=made.name,
            dialled=made.dialled,
            trunk=made.phone,
            withheld=self.withheld,
            attested=self.attested,
            started_at=self.started_at,
            first_ringing_at=self.first_ringing_at,
            queue_joined_at=self.queue_joined_at,
            answered_at=self.answered_at,
            answered_by=self.answered_by,
            ended_at=self.ended_at,
            reason=self.reason,
            known_at=self.known_at,
            transfer_unanswered=self.answered_at is not None and self.rang_since_talk,
            phones=tuple(leg.story() for leg in self.phones) if whole else (),
        )
