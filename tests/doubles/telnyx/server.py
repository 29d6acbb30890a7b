"""The double's HTTP face: Telnyx's API v2 as far as texts go, with its validations, its keys and its bad days."""

import asyncio
import json
import re
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web
from aiohttp.web_request import BaseRequest

from tests.doubles.telnyx.carrier import KEPT_FOR, Carrier, Message, Order, Refusal, Sender, resource
from tests.doubles.telnyx.hooks import Webhook, webhooks_of
from tests.doubles.telnyx.keys import Keys
from tests.doubles.telnyx.records import records_of
from tests.doubles.telnyx.troubles import refused
from tests.doubles.twilio.clock import Clock, RealClock
from tests.doubles.twilio.record import HandsetText, Record, at_most_one_per_miss, handset_texts
from tests.doubles.twilio.troubles import FINE, Canned, End, Mix, Trouble

API_KEY = "KEY0" + "1" * 32
OUR_NUMBER = "+13125550100"
PROFILE = "400174af-0a13-4e28-b4f5-0123456789ab"

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_FIELDS = frozenset({"from", "to", "text", "type", "messaging_profile_id", "webhook_url"})
_NOT_FOUND = Refusal(10005, "Resource not found", "The requested resource or URL could not be found.", http=404)


class TelnyxDouble:
    """An async context manager; `base_url` is the door. Time is the machine's, or a VirtualClock.

    Troubles: `on_post(...)` and `on_get(...)` queue them for the next requests, else `mix` draws one for each POST.
    Bad days: `skew` (its clock less ours), `list_lag` (seconds until a message is listed), `carrier.fates`,
    `api_keys`, `keys.under_way`, `enabled`, `down()`.
    Webhooks are posted by nobody until a test says so: `webhooks()` has them in order, `post()` posts any of them.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        senders: tuple[Sender, ...] = (),
        webhook_url: str | None = None,
        mix: Mix | None = None,
        ledger: Path | None = None,
    ) -> None:
        numbers = senders or (Sender(OUR_NUMBER, PROFILE),)
        self.clock = clock or RealClock()
        self.record = Record(ledger)
        self.carrier = Carrier(self.record, {s.number: s for s in numbers})
        self.keys = Keys()
        self.webhook_url = webhook_url  # of the profile
        self.enabled = True
        self.mix = mix
        self.api_keys = {API_KEY}
        self.skew = 0.0
        self.list_lag = 0.0
        self.port = 0
        self._troubles: Mapping[str, deque[Trouble]] = {"POST": deque(), "GET": deque()}
        self._runner: web.ServerRunner | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def now(self) -> float:
        """Epoch seconds by the provider's clock."""
        return self.clock.now() + self.skew

    def on_post(self, *troubles: Trouble) -> None:
        """The next POSTs meet these, one each."""
        self._troubles["POST"].extend(troubles)

    def on_get(self, *troubles: Trouble) -> None:
        """The next GETs meet these, one each."""
        self._troubles["GET"].extend(troubles)

    def handset(self, number: str) -> list[HandsetText]:
        """What reached that handset, or is on its way, with the instant."""
        return [text for text in handset_texts(self.record.events) if text.to == number]

    def at_most_one_per_miss(self, misses: Mapping[str, int] | None = None) -> None:
        """See record.at_most_one_per_miss."""
        at_most_one_per_miss(handset_texts(self.record.events), misses)

    def reply(self, sender: str, body: str, to: str | None = None) -> Message:
        """The person at `sender` texts the office (its first number)."""
        return self.carrier.receive(sender, to or next(iter(self.carrier.senders)), body, self.now())

    def webhooks(self) -> list[Webhook]:
        """Every event so far, message by message, signed now."""
        messages = self.carrier.messages.values()
        return [hook for message in messages for hook in webhooks_of(message, self.webhook_url, self.now())]

    async def post(self, *hooks: Webhook) -> list[int]:
        """Post these to where they belong, in this order, and give what was answered. A test may reverse or repeat."""
        answers = []
        async with aiohttp.ClientSession() as session:
            for hook in hooks:
                async with session.post(hook.url, data=hook.body, headers=hook.headers) as response:
                    answers.append(response.status)
        return answers

    async def start(self, port: int = 0) -> None:
        server = web.Server(self._handle, handler_cancellation=True)  # so that a hang ends when the peer goes
        self._runner = web.ServerRunner(server, shutdown_timeout=0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.port = int(self._runner.addresses[0][1])

    async def down(self) -> None:
        """Stop answering: new connections are refused, open ones closed."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.down()
        self.record.close()

    async def _handle(self, request: BaseRequest) -> web.StreamResponse:
        body = await request.read()
        key = request.headers.get("Idempotency-Key")
        self.record.write(request.method.lower(), self.now(), path=request.path_qs, key=key, body=body.decode())
        trouble = self._trouble(request.method)
        answer = self._answer(request, body, trouble) if trouble.stores or request.method == "GET" else None
        return await self._end(request, trouble, answer)

    def _trouble(self, method: str) -> Trouble:
        queue = self._troubles.get(method)
        if queue:
            return queue.popleft()
        return self.mix.draw() if self.mix is not None and method == "POST" else FINE

    async def _end(self, request: BaseRequest, trouble: Trouble, answer: Canned | None) -> web.StreamResponse:
        await self.clock.sleep(trouble.delay)
        canned = trouble.canned or answer or Canned(200)
        transport = request.transport
        if trouble.end is End.HANG:
            await asyncio.Event().wait()
        if trouble.end is End.HALF and transport is not None:
            head = f"HTTP/1.1 {canned.status} x\r\nContent-Type: application/json\r\nContent-Length: "
            transport.write(f"{head}{len(canned.body)}\r\n\r\n".encode() + canned.body[: len(canned.body) // 2])
            transport.close()
        if trouble.end is End.DROP and transport is not None:
            transport.abort()
        date = format_datetime(datetime.fromtimestamp(int(self.now()), UTC), usegmt=True)
        headers = {"Date": date, "x-request-id": "c2a2f0f5-6c1e-4a86-9a4f-0123456789ab", **canned.headers}
        return web.Response(status=canned.status, body=canned.body, content_type=canned.content_type, headers=headers)

    def _answer(self, request: BaseRequest, body: bytes, trouble: Trouble) -> Canned:
        if request.headers.get("Authorization") not in {f"Bearer {key}" for key in self.api_keys}:
            return refused(Refusal(10009, "Authentication failed", http=401))
        parts = request.path.strip("/").split("/")
        match request.method, parts:
            case "POST", ["v2", "messages"]:
                return self._create(request, body, trouble)
            case "GET", ["v2", "messages", message_id]:
                return self._fetch(message_id)
            case "GET", ["v2", "detail_records"]:
                messages = [m for m in self.carrier.messages.values() if m.created + self.list_lag <= self.now()]
                return records_of(messages, request.query, self.now())
            case "GET", ["v2", "messaging_profiles"]:
                return _data([self._profile()])
            case "GET", ["v2", "messaging_profiles", profile] if profile == PROFILE:
                return _data(self._profile())
            case "GET", ["v2", "phone_numbers", "messaging"]:
                return _data(self._numbers(request.query.get("filter[phone_number]", "")))
            case _:
                return refused(_NOT_FOUND)

    def _create(self, request: BaseRequest, body: bytes, trouble: Trouble) -> Canned:
        if request.content_type != "application/json":
            return refused(Refusal(10014, "Unsupported Media Type", http=415))
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return self._taken(body)
        done = self.keys.answer(key, body, self.now())
        if isinstance(done, Refusal):
            return refused(done)
        if done is not None:
            return done
        answer = self._taken(body)
        self.keys.keep(key, body, trouble.canned or answer, self.now())
        return answer

    def _taken(self, body: bytes) -> Canned:
        order = self._order(body)
        taken = order if isinstance(order, Refusal) else self.carrier.submit(order, self.now())
        if isinstance(taken, Refusal):
            self.record.write("refused", self.now(), code=taken.code)
            return refused(taken)
        return _data(resource(taken, self.now()))

    def _order(self, body: bytes) -> Order | Refusal:
        """The shape of each field. A field that Telnyx doesn't have is refused, so that none is sent by mistake."""
        try:
            fields = json.loads(body)
        except ValueError:
            return Refusal(10023, "Invalid JSON")
        if not isinstance(fields, dict) or set(fields) - _FIELDS:
            return Refusal(10015, "Bad Request", "The request was not well-formed.", http=422)
        if not fields.get("to"):
            return Refusal(10004, "Missing required parameter", "The 'to' parameter is required.", http=422)
        if not _E164.fullmatch(fields["to"]):
            return Refusal(40310, "Invalid 'to' address", f"'{fields['to']}' is not a valid phone number.")
        if not fields.get("text"):
            return Refusal(40316, "No content provided for message")
        sender = self._sender(fields.get("from"), fields.get("messaging_profile_id"))
        if isinstance(sender, Refusal):
            return sender
        return Order(fields["to"], fields["text"], sender, fields.get("webhook_url"))

    def _sender(self, number: str | None, profile: str | None) -> Sender | Refusal:
        if number is None and profile is None:
            return Refusal(10004, "Missing required parameter", "The 'from' parameter is required.", http=422)
        pool = [s for s in self.carrier.senders.values() if profile in (None, s.profile) and number in (None, s.number)]
        if not pool and number is None:
            return Refusal(40321, "No usable numbers on messaging profile")
        if not pool:
            return Refusal(40305, "Invalid 'from' address", f"'{number}' is not a number of this profile.")
        return pool[0] if self.enabled else Refusal(40312, "Messaging profile is disabled")

    def _fetch(self, message_id: str) -> Canned:
        message = self.carrier.messages.get(message_id)
        if message is None or message.created < self.now() - KEPT_FOR:
            return refused(_NOT_FOUND)
        return _data(resource(message, self.now()))

    def _profile(self) -> Mapping[str, object]:
        return {
            "record_type": "messaging_profile",
            "id": PROFILE,
            "enabled": self.enabled,
            "webhook_url": self.webhook_url,
            "whitelisted_destinations": ["US"],
        }

    def _numbers(self, number: str) -> list[Mapping[str, object]]:
        owned = [s for s in self.carrier.senders.values() if number in ("", s.number)]
        sms = {"domestic_two_way": True, "international_inbound": True, "international_outbound": False}
        return [
            {
                "record_type": "messaging_settings",
                "phone_number": s.number,
                "messaging_profile_id": s.profile,
                "features": {"sms": sms if s.sms else None, "mms": None},
            }
            for s in owned
        ]


def _data(content: object) -> Canned:
    return Canned(200, json.dumps({"data": content}).encode())
