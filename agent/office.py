"""The office as decisions need it: the configuration, prepared once at start and at each reload. Frozen."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent.calls.verdicts import Call, RingPlan
from agent.config.sections import Line, WhenQuiet
from agent.config.settings import Settings
from agent.hours import OpenHours, QuietHours, is_open, is_quiet, quiet_until
from agent.policy.facts import Limits, LineFacts
from sms.body import Template, Values, parse, render
from sms.names import caller_name
from sms.numbers import Number, match_line, read_number

IF_URGENT = "If it's urgent, reply URGENT."
"""What `{if_urgent}` says once somebody is there to take urgent callers."""


@dataclass(frozen=True, slots=True)
class OfficeLine:
    """One `[[line]]`, prepared."""

    number: str
    name: str
    country: str
    facts: LineFacts
    plan: RingPlan
    delay: float
    message: Template
    closed_message: Template | None
    hours: OpenHours | None
    callback_in: str
    booking_url: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is asked to take urgent callers. `notify` and the file hold addresses besides the number."""

    name: str
    number: str | None
    notify: tuple[str, ...] = ()
    notify_file: Path | None = None

    @property
    def has_notices(self) -> bool:
        """Whether the person is reached by anything but a text."""
        return bool(self.notify) or self.notify_file is not None


@dataclass(frozen=True, slots=True)
class UrgentPlan:
    """Within how many seconds an urgent caller is called, and how long each person has to acknowledge."""

    within: float
    each: float


@dataclass(frozen=True, slots=True)
class Office:
    """The whole office."""

    business: str
    country: str
    zone: str
    lines: tuple[OfficeLine, ...]
    limits: Limits
    own_numbers: frozenset[str]
    quiet: QuietHours | None
    shadow: bool
    transfers_count: bool
    people: tuple[Person, ...] = ()
    urgent: UrgentPlan = UrgentPlan(300.0, 120.0)
    follow_up_after: float | None = None
    follow_up_message: Template | None = None
    public_url: str | None = None

    @classmethod
    def of(cls, settings: Settings, *, shadow: bool | None = None) -> "Office":
        """Prepare a checked configuration. `shadow` overrides `[sms] shadow`."""
        limits = settings.limits
        own = {
            *settings.business.own_numbers,
            *(person.number or "" for person in settings.staff),
            settings.sms.from_ or "",
            *(line.number for line in settings.line),
        }
        follow_up = settings.follow_up
        return cls(
            business=settings.business.name,
            country=settings.business.country,
            zone=settings.business.timezone,
            lines=tuple(_line(settings, line) for line in settings.line),
            limits=Limits(
                cooldown=limits.cooldown,
                freshness=limits.freshness,
                per_hour=limits.per_hour,
                per_day=limits.per_day,
                trust_numbers=settings.pbx.trust_numbers,
                attestation=settings.policy.attestation,
                defer_quiet=limits.quiet_hours_then is WhenQuiet.DEFER,
            ),
            own_numbers=frozenset(own - {"", "*"}),
            quiet=settings.quiet_hours(),
            transfers_count=settings.policy.transfer_unanswered_counts,
            shadow=settings.sms.shadow if shadow is None else shadow,
            people=tuple(
                Person(person.name, person.number, person.notify, person.notify_file)
                for person in settings.staff
                if person.urgent
            ),
            urgent=UrgentPlan(settings.urgent.within, settings.urgent.each),
            follow_up_after=follow_up.after,
            follow_up_message=parse(follow_up.message) if follow_up.message else None,
            public_url=settings.web.public_url,
        )

    def dialled(self, received: str) -> str | None:
        """The number that was dialled: E.164 where it can be read, else as received; None for `s` or nothing."""
        if received in ("", "s"):
            return None
        return read_number(received, self.country).e164 or received

    def outside(self, dialled: str) -> str | None:
        """The number staff dialled, perhaps behind one digit for an outside line."""
        readings = [read_number(number, self.country) for number in (dialled, dialled[1:])]
        at_home = [number for number in readings if number.region == self.country]
        return next((number.e164 for number in (*at_home, *readings) if number.e164 is not None), None)

    def line_for(self, received: str) -> OfficeLine:
        """The first line that matches the number dialled. Without a `*` line, others get one that isn't enabled."""
        for line in self.lines:
            if match_line(line.number, received, self.country):
                return line
        return self._nobodys_line(self.dialled(received))

    def plan_for(self, received: str) -> RingPlan:
        """How long callers of that number may be left ringing."""
        return self.line_for(received).plan

    def caller(self, call: Call) -> Number:
        """The caller's number as it can be read."""
        return read_number(call.number, self.line_for(call.dialled).country)

    def is_open(self, line: OfficeLine, at: float) -> bool:
        """Whether the line's office is open at `at` (epoch s); always, where no hours are set."""
        return line.hours is None or is_open(line.hours, datetime.fromtimestamp(at, UTC))

    def quiet_until(self, number: str, at: float) -> float | None:
        """When the caller's quiet hours end, if `at` is inside them (epoch s)."""
        when = datetime.fromtimestamp(at, UTC)
        if self.quiet is None or not is_quiet(self.quiet, number, self.zone, when):
            return None
        return quiet_until(self.quiet, number, self.zone, when).timestamp()

    def body(self, line: OfficeLine, name: str, at: float) -> str:
        """The text to a caller of this line, at `at` (epoch s). `name` as the caller ID gave it."""
        template = line.message
        if line.closed_message is not None and not self.is_open(line, at):
            template = line.closed_message
        person = caller_name(name)
        values = Values(
            business=self.business,
            line=line.name,
            first_name=person.first if person else None,
            caller_name=person.full if person else None,
            callback_in=line.callback_in or None,
            booking_url=line.booking_url or None,
            if_urgent=IF_URGENT if self.people else None,
        )
        return render(template, values)

    def follow_up_body(self, line: OfficeLine) -> str:
        """The second text to a caller of this line. Raises ValueError where none is set."""
        if self.follow_up_message is None:
            raise ValueError("no follow-up is set")
        values = Values(self.business, line.name, callback_in=line.callback_in or None, booking_url=line.booking_url)
        return render(self.follow_up_message, values)

    def _nobodys_line(self, number: str | None) -> OfficeLine:
        first = self.lines[0]
        off = LineFacts(False, first.facts.text_on, first.facts.min_ring, first.facts.countries)
        name = number or "unknown line"
        return OfficeLine(
            name, name, self.country, off, RingPlan(first.plan.ring_limit), 0.0, first.message, None, None, "", ""
        )


def _line(settings: Settings, line: Line) -> OfficeLine:
    return OfficeLine(
        number=line.number,
        name=line.name,
        country=settings.country_of(line),
        facts=LineFacts(line.enabled, frozenset(line.text_on), line.min_ring, settings.countries_for(line)),
        plan=RingPlan(settings.ring_limit(line), line.queue_wait, line.forwarded),
        delay=line.delay,
        message=parse(line.message),
        closed_message=parse(line.closed_message) if line.closed_message else None,
        hours=settings.hours_of(line),
        callback_in=line.callback_in or settings.business.callback_in or "",
        booking_url=str(line.booking_url or settings.business.booking_url or ""),
    )
