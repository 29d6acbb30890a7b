"""Telnyx's inside and the carriers behind it: profiles, numbers, block rules, and what becomes of each message.

A message's whole life is planned when it is taken: a list of steps in time. So nothing runs in the background, and how
it stands at an instant is only looked up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from tests.doubles.twilio.record import Record

OPT_OUT = frozenset(["stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit"])
OPT_IN = frozenset(["start", "unstop"])
KEPT_FOR = 10 * 86400.0
"""Seconds after which a message can't be asked for any more."""


@dataclass(frozen=True, slots=True)
class Step:
    """From `at` on the message stands at `status`."""

    at: float
    status: str
    error: int | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The request is refused."""

    code: int
    title: str
    detail: str = ""
    http: int = 400


@dataclass(frozen=True, slots=True)
class Sender:
    """One number of the account and the profile it is in."""

    number: str
    profile: str | None
    sms: bool = True


@dataclass(frozen=True, slots=True)
class Order:
    """The fields of one POST, as received."""

    to: str
    body: str
    sender: Sender
    webhook_url: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """One message resource, inbound or outbound."""

    id: str
    direction: str
    sender: str
    to: str
    body: str
    profile: str | None
    created: float
    plan: tuple[Step, ...]
    webhook_url: str | None = None

    def step(self, now: float) -> Step:
        """How it stands at `now`."""
        return [s for s in self.plan if s.at <= now or s is self.plan[0]][-1]

    @property
    def final(self) -> Step:
        return self.plan[-1]


@dataclass(slots=True)
class Carrier:
    """The state. What a test may set: `fates` (code with which texts to a number end; 0: no receipt ever comes),
    `countries` (allowed prefixes), `takes_no_texts` numbers, `sent_after` and `delivered_after` (seconds)."""

    record: Record
    senders: dict[str, Sender]
    fates: dict[str, int] = field(default_factory=dict)
    countries: tuple[str, ...] = ("+1",)
    takes_no_texts: set[str] = field(default_factory=set)
    opted_out: set[tuple[str | None, str]] = field(default_factory=set)
    messages: dict[str, Message] = field(default_factory=dict)
    sent_after: float = 0.5
    delivered_after: float = 2.0

    def submit(self, order: Order, now: float) -> Message | Refusal:
        """Take one text, or refuse it for what the numbers say. The fields' shapes were looked at before."""
        refusal = self._refusal(order)
        if refusal is not None:
            return refusal
        message = Message(
            str(uuid4()), "outbound", order.sender.number, order.to, order.body, order.sender.profile, now,
            self._plan(order, now), order.webhook_url,
        )  # fmt: skip
        self.messages[message.id] = message
        self.record.write(
            "stored", now, sid=message.id, to=message.to, body=message.body, **{"from": message.sender}
        )  # fmt: skip
        if message.final.error is None:
            self._reaches(message, by_provider=False)
        return message

    def receive(self, sender: str, to: str, body: str, now: float) -> Message:
        """A person texts `to`. Keywords are obeyed and answered for the whole profile, as Telnyx does by itself."""
        profile = self.senders[to].profile
        message = Message(str(uuid4()), "inbound", sender, to, body, profile, now, (Step(now, "webhook_delivered"),))
        self.messages[message.id] = message
        self.record.write("reply", now, sid=message.id, to=to, body=body, **{"from": sender})
        word, who = body.strip().casefold(), (profile, sender)
        if word in OPT_OUT and who not in self.opted_out:
            self.opted_out.add(who)
            self._answer(message, "You have been unsubscribed. Reply START to opt back in.", now)
        elif word in OPT_IN and who in self.opted_out:
            self.opted_out.discard(who)
            self._answer(message, "You have been re-subscribed. Reply STOP to opt out.", now)
        return message

    def _refusal(self, order: Order) -> Refusal | None:
        if not order.sender.sms:
            return Refusal(40100, "Number not messaging enabled", f"{order.sender.number} can't send messages.")
        if not order.to.startswith(self.countries):
            return Refusal(40309, "Invalid destination region", "The region isn't whitelisted on the profile.")
        if order.to in self.takes_no_texts:
            return Refusal(40301, "Unsupported message type for the 'to' address")
        if (order.sender.profile, order.to) in self.opted_out:
            detail = f"Messages cannot be sent from '{order.sender.number}' to '{order.to}'"
            return Refusal(40300, "Blocked due to STOP message", f"{detail} due to an existing block rule.")
        return None

    def _plan(self, order: Order, now: float) -> tuple[Step, ...]:
        left = (Step(now, "queued"), Step(now + self.sent_after, "sent"))
        arrives, code = now + self.delivered_after, self.fates.get(order.to)
        if code == 0:
            return (*left, Step(arrives, "delivery_unconfirmed"))
        return (*left, Step(arrives, "delivered") if code is None else Step(arrives, "delivery_failed", code))

    def _answer(self, to_this: Message, body: str, now: float) -> None:
        plan = (Step(now, "queued"), Step(now + self.delivered_after, "delivered"))
        answer = Message(str(uuid4()), "outbound", to_this.to, to_this.sender, body, to_this.profile, now, plan)
        self.messages[answer.id] = answer
        self._reaches(answer, by_provider=True)

    def _reaches(self, message: Message, *, by_provider: bool) -> None:
        self.record.write(
            "handset", message.final.at, sid=message.id, to=message.to, body=message.body, by_provider=by_provider,
            **{"from": message.sender},
        )  # fmt: skip


def resource(message: Message, now: float) -> Mapping[str, object]:
    """The message as JSON, at `now`."""
    step = message.step(now)
    final = step is message.final and message.direction == "outbound"
    error = {"code": str(step.error), "title": "Not delivered", "detail": f"The carrier said {step.error}."}
    return {
        "record_type": "message",
        "direction": message.direction,
        "id": message.id,
        "type": "SMS",
        "messaging_profile_id": message.profile,
        "organization_id": "b448f9cc-a842-4784-98e9-03c1a5872950",
        "from": {"phone_number": message.sender, "carrier": "TELNYX LLC", "line_type": "VoIP"},
        "to": [{"phone_number": message.to, "status": step.status, "carrier": "", "line_type": "Wireless"}],
        "cc": [],
        "text": message.body,
        "media": [],
        "webhook_url": message.webhook_url,
        "webhook_failover_url": None,
        "encoding": "GSM-7",
        "parts": 1,
        "tags": [],
        "cost": {"amount": "0.0051", "currency": "USD"} if final else None,
        "received_at": iso(message.created),
        "sent_at": None,
        "completed_at": iso(step.at) if final else None,
        "valid_until": None,
        "errors": [] if step.error is None else [error],
    }


def iso(at: float) -> str:
    """An instant as Telnyx writes it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
