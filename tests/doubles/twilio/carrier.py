"""Twilio's inside and the carriers behind it: senders, queues, opt-outs, and what becomes of each message.

A message's whole life is planned when it is taken: a list of steps in time. So nothing runs in the background, and how
it stands at an instant is only looked up.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from uuid import uuid4

from tests.doubles.twilio.record import Record

LONGEST_QUEUE = 36000.0
OPT_OUT = frozenset(["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"])
OPT_IN = frozenset(["start", "unstop"])
HELP = frozenset(["help", "info"])
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = frozenset("^{}\\[]~|€\f")


@dataclass(frozen=True, slots=True)
class Step:
    """From `at` on the message stands at `status`."""

    at: float
    status: str
    error: int | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The POST is refused."""

    code: int
    message: str
    http: int = 400


@dataclass(slots=True)
class Sender:
    """One number of the account. `rate` in segments a second; a toll-free number knows only STOP, START, UNSTOP."""

    number: str
    rate: float = 1.0
    toll_free: bool = False
    sms: bool = True
    free_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Order:
    """The fields of one POST, as received."""

    to: str
    body: str
    sender: Sender | None
    service: str | None
    validity: float
    callback: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """One message resource, inbound or outbound."""

    sid: str
    direction: str
    sender: str
    to: str
    body: str
    service: str | None
    created: float
    plan: tuple[Step, ...]
    callback: str | None = None
    media: int = 0
    by_provider: bool = False

    def step(self, now: float) -> Step:
        """How it stands at `now`."""
        return [s for s in self.plan if s.at <= now or s is self.plan[0]][-1]

    @property
    def final(self) -> Step:
        return self.plan[-1]

    @property
    def sent_at(self) -> float | None:
        """When it left Twilio, or came in."""
        if self.direction == "inbound":
            return self.created
        return next((s.at for s in self.plan if s.status == "sent"), None)


@dataclass(slots=True)
class Pace:
    """Seconds after leaving the queue."""

    sent: float = 0.5
    delivered: float = 2.0


@dataclass(slots=True)
class Carrier:
    """The state. What a test may set: `fates` (code with which texts to a number end; 0: `sent` and no more),
    `unregistered` (10DLC), `countries` (allowed prefixes), `not_mobile` numbers, `pace`. `to`: the messages by who gets
    them, oldest first."""

    record: Record
    senders: dict[str, Sender]
    service: str | None = None
    pace: Pace = field(default_factory=Pace)
    fates: dict[str, int] = field(default_factory=dict)
    countries: tuple[str, ...] = ("+1",)
    not_mobile: set[str] = field(default_factory=set)
    unregistered: bool = False
    messages: dict[str, Message] = field(default_factory=dict)
    to: dict[str, list[Message]] = field(default_factory=dict)
    recent: dict[tuple[str, str], deque[float]] = field(default_factory=dict)
    opted_out: set[tuple[str, str]] = field(default_factory=set)

    def submit(self, order: Order, now: float) -> Message | Refusal:
        """Take one text, or refuse it for what the numbers say. The fields' shapes were looked at before."""
        sender = order.sender or next(iter(self.senders.values()))
        refusal = self._refusal(order, sender, now)
        if refusal is not None:
            return refusal
        message = Message(
            sid=f"SM{uuid4().hex}",
            direction="outbound-api",
            sender=sender.number,
            to=order.to,
            body=order.body,
            service=order.service,
            created=now,
            plan=self._plan(order, sender, now),
            callback=order.callback,
        )
        self._keep(message)
        self.record.write(
            "stored", now, sid=message.sid, to=message.to, body=message.body, validity=order.validity,
            **{"from": message.sender},
        )  # fmt: skip
        if message.final.status in ("delivered", "sent"):
            self._reaches(message)
        return message

    def receive(self, sender: str, to: str, body: str, now: float, *, failed: bool = False, media: int = 0) -> Message:
        """A person texts `to`. Keywords are obeyed and answered, as Twilio does by itself.

        `failed`: Twilio took it for machine-made (30039). `media`: how many pictures came with it.
        """
        step = Step(now, "failed", 30039) if failed else Step(now, "received")
        sid = f"{'MM' if media else 'SM'}{uuid4().hex}"
        message = Message(sid, "inbound", sender, to, body, self.service, now, (step,), media=media)
        self._keep(message)
        self.record.write("reply", now, sid=sid, to=to, body=body, **{"from": sender})
        word = self.keyword(message)
        who = (self._scope(to), sender)
        if word == "STOP" and who not in self.opted_out:
            self.opted_out.add(who)
            self._answer(message, "You have successfully been unsubscribed. Reply START to resubscribe.", now)
        elif word == "START" and who in self.opted_out:
            self.opted_out.discard(who)
            self._answer(message, "You have successfully been re-subscribed. Reply STOP to unsubscribe.", now)
        elif word == "HELP":
            self._answer(message, "Reply STOP to unsubscribe. Msg&Data Rates May Apply.", now)
        return message

    def answer(self, received: Message, body: str, now: float) -> None:
        """A webhook's answer orders a text to whom the received one came from. One who has opted out gets none."""
        if (self._scope(received.to), received.sender) not in self.opted_out:
            self._answer(received, body, now, by_provider=False)

    def has_opted_out(self, person: str, ours: str) -> bool:
        return (self._scope(ours), person) in self.opted_out

    def keyword(self, message: Message) -> str | None:
        """STOP, START or HELP, if that is what the whole text says to Twilio."""
        word = message.body.strip().casefold()
        toll_free = message.to in self.senders and self.senders[message.to].toll_free
        if word in (("stop",) if toll_free else OPT_OUT):
            return "STOP"
        if word in OPT_IN:
            return "START"
        return "HELP" if word in HELP and not toll_free else None

    def _keep(self, message: Message) -> None:
        self.messages[message.sid] = message
        self.to.setdefault(message.to, []).append(message)

    def _refusal(self, order: Order, sender: Sender, now: float) -> Refusal | None:
        if not sender.sms:
            return Refusal(21606, f"The 'From' phone number {sender.number} is not a valid, SMS-capable number")
        if order.to == sender.number:
            return Refusal(21266, "'To' and 'From' number cannot be the same")
        if not order.to.startswith(self.countries):
            return Refusal(21408, f"Permission to send an SMS has not been enabled for the region of {order.to}")
        if order.to in self.not_mobile:
            return Refusal(21614, f"'To' number {order.to} is not a valid mobile number")
        if (self._scope(sender.number), order.to) in self.opted_out:
            return Refusal(21610, "Attempt to send to unsubscribed recipient")
        if sender.free_at - now > LONGEST_QUEUE and order.service is None:
            return Refusal(21611, f"This 'From' number {sender.number} has exceeded the queued messages")
        return None

    def _plan(self, order: Order, sender: Sender, now: float) -> tuple[Step, ...]:
        queued = now if order.service is None else now + 0.1
        first = [] if order.service is None else [Step(now, "accepted")]
        first.append(Step(queued, "queued"))
        leaves = max(queued, sender.free_at)
        if leaves > now + order.validity:
            return (*first, Step(now + order.validity, "failed", 30036))
        sender.free_at = leaves + segments(order.body) / sender.rate
        recent = self.recent.setdefault((sender.number, order.to), deque(maxlen=16))
        recent.append(now)
        if len(recent) == 16 and recent[0] > now - 30:
            return (*first, Step(leaves, "failed", 14107))
        left = (*first, Step(leaves, "sending"), Step(leaves + self.pace.sent, "sent"))
        code = 30034 if self.unregistered else self.fates.get(order.to)
        arrives = leaves + self.pace.delivered
        if code == 0:
            return left
        return (*left, Step(arrives, "delivered") if code is None else Step(arrives, "undelivered", code))

    def _answer(self, to_this: Message, body: str, now: float, *, by_provider: bool = True) -> None:
        plan = (Step(now, "queued"), Step(now + self.pace.sent, "sent"), Step(now + self.pace.delivered, "delivered"))
        answer = Message(
            *(f"SM{uuid4().hex}", "outbound-reply", to_this.to, to_this.sender, body, self.service, now, plan),
            by_provider=by_provider,
        )
        self._keep(answer)
        self._reaches(answer)

    def _reaches(self, message: Message) -> None:
        self.record.write(
            "handset", message.final.at, sid=message.sid, to=message.to, body=message.body,
            by_provider=message.by_provider, **{"from": message.sender},
        )  # fmt: skip

    def _scope(self, number: str) -> str:
        """Opt-outs hold for a whole service, else for one sender."""
        return self.service or number


def segments(body: str) -> int:
    """Segments as billed: 160 septets or 153 each, 70 UTF-16 units or 67 each (3GPP TS 23.038)."""
    if all(letter in _GSM or letter in _GSM_TWICE for letter in body):
        length, one, each = sum(2 if letter in _GSM_TWICE else 1 for letter in body), 160, 153
    else:
        length, one, each = len(body.encode("utf-16-le", "replace")) // 2, 70, 67
    return 1 if length <= one else -(-length // each)


def resource(message: Message, account: str, now: float, price_after: float) -> Mapping[str, object]:
    """The Message resource as JSON, at `now`."""

    def date(at: float | None) -> str | None:
        return None if at is None or at > now else format_datetime(datetime.fromtimestamp(int(at), UTC))

    step = message.step(now)
    unpicked = step.status == "accepted"
    charged = message.final.at + price_after <= now and message.final.error != 30036
    path = f"/2010-04-01/Accounts/{account}/Messages/{message.sid}"
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": message.body,
        "date_created": date(message.created),
        "date_sent": date(message.sent_at),
        "date_updated": date(step.at),
        "direction": message.direction,
        "error_code": step.error,
        "error_message": None,
        "from": None if unpicked else message.sender,
        "messaging_service_sid": message.service,
        "num_media": str(message.media),
        "num_segments": "0" if unpicked else str(segments(message.body)),
        "price": f"-{0.0079 * segments(message.body):.5f}" if charged else None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": step.status,
        "subresource_uris": {"media": f"{path}/Media.json"},
        "to": message.to,
        "uri": f"{path}.json",
    }
