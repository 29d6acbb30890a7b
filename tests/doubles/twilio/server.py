"""The double's HTTP face: Twilio's REST API 2010-04-01 as far as texts go, with its validations and its bad days."""

import asyncio
import json
import operator
import re
import time
from base64 import b64decode
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlencode, urlsplit

from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_request import BaseRequest

from tests.doubles.twilio.carrier import Carrier, Message, Order, Refusal, Sender, resource
from tests.doubles.twilio.clock import Clock, RealClock
from tests.doubles.twilio.record import HandsetText, Record, at_most_one_per_miss, handset_texts
from tests.doubles.twilio.troubles import FINE, Canned, End, Mix, Trouble, trouble_named

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "the-auth-token"
API_KEY, API_SECRET = "SK" + "0" * 31 + "2", "the-api-secret"
SERVICE = "MG" + "0" * 31 + "3"
OUR_NUMBER = "+13125550100"

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_DAY_FILTERS: Mapping[str, Callable[[str, str], bool]] = {
    "DateSent": operator.eq,
    "DateSent>": operator.ge,
    "DateSent<": operator.le,
}
_NO_TO = Refusal(21604, "A 'To' phone number is required.")


class _Timed(RequestHandler):
    """A connection that notes when the first byte of a request was read."""

    first_byte_ns: int | None = None

    def __init__(self, server: web.Server, number: int) -> None:
        super().__init__(server, loop=asyncio.get_running_loop())
        self.number = number
        self.gone = asyncio.Event()

    def connection_lost(self, exc: BaseException | None) -> None:
        self.gone.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.first_byte_ns is None:
            self.first_byte_ns = time.monotonic_ns()
        super().data_received(data)


class _TimedServer(web.Server):
    opened = 0

    def __call__(self) -> RequestHandler:
        self.opened += 1
        return _Timed(self, self.opened)


class TwilioDouble:
    """An async context manager; `base_url` is the door. Time is the machine's, or a VirtualClock.

    Troubles: `on_post(...)` and `on_get(...)` queue them for the next requests, else `mix` draws one for each POST.
    Bad days: `skew` (its clock less ours), `list_lag`, `price_after` (seconds), `carrier.fates`, `tokens`, `down()`.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        senders: tuple[Sender, ...] = (),
        service: str | None = None,
        mix: Mix | None = None,
        ledger: Path | None = None,
    ) -> None:
        numbers = senders or (Sender(OUR_NUMBER),)
        self.clock = clock or RealClock()
        self.record = Record(ledger)
        self.carrier = Carrier(self.record, {s.number: s for s in numbers}, service)
        self.mix = mix
        self.tokens = {TOKEN}
        self.skew = 0.0
        self.list_lag = 0.0
        self.price_after = 120.0
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

    def posts(self) -> int:
        """How many POSTs of a text were read."""
        return len(self.record.of("post"))

    def handset(self, number: str) -> list[HandsetText]:
        """What reached that handset, or is on its way, with the instant."""
        return [text for text in handset_texts(self.record.events) if text.to == number]

    def at_most_one_per_miss(self, misses: Mapping[str, int] | None = None) -> None:
        """See record.at_most_one_per_miss."""
        at_most_one_per_miss(handset_texts(self.record.events), misses)

    def reply(self, sender: str, body: str, to: str | None = None, *, machine_made: bool = False) -> Message:
        """The person at `sender` texts the office (its first number)."""
        to = to or next(iter(self.carrier.senders))
        return self.carrier.receive(sender, to, body, self.now(), failed=machine_made)

    async def start(self, port: int = 0) -> None:
        self._runner = web.ServerRunner(_TimedServer(self._handle), shutdown_timeout=0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.port = int(self._runner.addresses[0][1])

    async def down(self) -> None:
        """Stop answering: new connections are refused, open ones closed."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def up(self) -> None:
        """Answer again on the same port."""
        await self.start(self.port)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.down()
        self.record.close()

    async def _handle(self, request: BaseRequest) -> web.StreamResponse:
        protocol = request.protocol
        assert isinstance(protocol, _Timed)
        first_byte_ns = protocol.first_byte_ns
        fields = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        protocol.first_byte_ns = None
        if request.path.startswith("/double/"):
            return await self._control(request)
        seen = {"first_byte_ns": first_byte_ns, "connection": protocol.number, "path": request.path_qs}
        self.record.write(request.method.lower(), self.now(), **seen, to=fields.get("To"), body=fields.get("Body"))
        trouble = self._trouble(request.method)
        answer = self._answer(request, fields) if trouble.stores or request.method == "GET" else None
        return await self._end(request, protocol, trouble, answer)

    def _trouble(self, method: str) -> Trouble:
        queue = self._troubles.get(method)
        if queue:
            return queue.popleft()
        return self.mix.draw() if self.mix is not None and method == "POST" else FINE

    async def _end(
        self, request: BaseRequest, protocol: _Timed, trouble: Trouble, answer: Canned | None
    ) -> web.StreamResponse:
        await self.clock.sleep(trouble.delay)
        canned = trouble.canned or answer or Canned(200)
        transport = request.transport
        if trouble.end is End.HANG:
            await protocol.gone.wait()
        if trouble.end is End.HALF and transport is not None:
            head = f"HTTP/1.1 {canned.status} x\r\nContent-Type: application/json\r\nContent-Length: "
            transport.write(f"{head}{len(canned.body)}\r\n\r\n".encode() + canned.body[: len(canned.body) // 2])
            transport.close()
        if trouble.end is End.DROP and transport is not None:
            transport.abort()
        headers = {"Date": _http_date(self.now()), "Twilio-Request-Id": "RQ" + "0" * 32, **canned.headers}
        return web.Response(status=canned.status, body=canned.body, content_type=canned.content_type, headers=headers)

    def _answer(self, request: BaseRequest, fields: Mapping[str, str]) -> Canned:
        if request.path == "/":
            return _json(200, {"versions": []})
        user = self._user(request)
        if user is None:
            return _refused(Refusal(20003, "Authenticate", 401))
        account = f"/2010-04-01/Accounts/{ACCOUNT}"
        if request.path == f"{account}.json":
            return _refused(Refusal(20003, "Authenticate", 401)) if user == API_KEY else _json(200, {"sid": ACCOUNT})
        if request.path == f"{account}/Messages.json":
            if request.method == "POST":
                return self._create(fields)
            return self._list(request)
        if found := re.fullmatch(rf"{account}/Messages/(\w+)\.json", request.path):
            return self._fetch(found[1])
        if request.path == f"{account}/IncomingPhoneNumbers.json":
            return self._numbers(request.query.get("PhoneNumber", ""))
        if self.carrier.service and request.path == f"/v1/Services/{self.carrier.service}":
            registered = not self.carrier.unregistered
            return _json(200, {"sid": self.carrier.service, "us_app_to_person_registered": registered})
        return _refused(Refusal(20404, f"The requested resource {request.path} was not found", 404))

    def _user(self, request: BaseRequest) -> str | None:
        scheme, _, words = request.headers.get("Authorization", "").partition(" ")
        user, _, secret = b64decode(words).decode().partition(":") if scheme == "Basic" else ("", "", "")
        known = (user == ACCOUNT and secret in self.tokens) or (user, secret) == (API_KEY, API_SECRET)
        return user if known else None

    def _create(self, fields: Mapping[str, str]) -> Canned:
        order = self._order(fields)
        taken = order if isinstance(order, Refusal) else self.carrier.submit(order, self.now())
        if isinstance(taken, Refusal):
            self.record.write("refused", self.now(), to=fields.get("To"), code=taken.code)
            return _refused(taken)
        return _json(201, resource(taken, ACCOUNT, self.now(), self.price_after))

    def _order(self, fields: Mapping[str, str]) -> Order | Refusal:
        """The shape of each field, in the order in which a person would notice; unknown ones are ignored."""
        to, body = fields.get("To"), fields.get("Body", "")
        sender, service = fields.get("From"), fields.get("MessagingServiceSid")
        callback = fields.get("StatusCallback")
        validity = fields.get("ValidityPeriod", "36000")
        if not to:
            return _NO_TO
        if not _E164.fullmatch(to):
            return Refusal(21211, f"The 'To' number {to} is not a valid phone number.")
        if not sender and not service:
            return Refusal(21603, "A 'From' phone number is required.")
        if service and service != self.carrier.service:
            return Refusal(21703, "The Messaging Service does not exist")
        if sender and not _E164.fullmatch(sender):
            return Refusal(21212, f"The 'From' number {sender} is not a valid phone number")
        if sender and sender not in self.carrier.senders:
            return Refusal(21606, f"The 'From' phone number {sender} is not one of this account")
        if not body:
            return Refusal(21602, "Message body is required.")
        if len(body) > 1600:
            return Refusal(21617, "The concatenated message body exceeds the 1600 character limit")
        if not re.fullmatch(r"[0-9]{1,9}", validity) or not 1 <= int(validity) <= 36000:
            return Refusal(90007, "ValidityPeriod must be between 1 and 36000")
        if callback and "_" in (urlsplit(callback).hostname or "_"):
            return Refusal(21609, "The StatusCallback URL is not valid")
        return Order(to, body, self.carrier.senders[sender] if sender else None, service, float(validity), callback)

    def _fetch(self, sid: str) -> Canned:
        if message := self.carrier.messages.get(sid):
            return _json(200, resource(message, ACCOUNT, self.now(), self.price_after))
        return _refused(Refusal(20404, f"The requested resource {sid} was not found", 404))

    def _list(self, request: BaseRequest) -> Canned:
        """Newest first, by whole days, without what is younger than the lag; pages hang on the last sid shown."""
        query, now = request.query, self.now()
        listed = [
            m for m in self.carrier.messages.values() if m.created + self.list_lag <= now and self._asked_for(m, query)
        ]
        listed.sort(key=lambda m: m.created, reverse=True)
        after = query.get("PageToken", "")[2:]
        begin = next((i + 1 for i, m in enumerate(listed) if m.sid == after), 0)
        size = min(max(int(query.get("PageSize", "50")), 1), 1000)
        page = listed[begin : begin + size]
        following = None
        if begin + size < len(listed):
            kept = {k: v for k, v in query.items() if k not in ("Page", "PageToken")}
            more = {"Page": str(int(query.get("Page", "0")) + 1), "PageToken": f"PA{page[-1].sid}"}
            following = f"{quote(request.path)}?{urlencode(kept | more)}"
        messages = [resource(m, ACCOUNT, now, self.price_after) for m in page]
        return _json(200, {"messages": messages, "next_page_uri": following, "page_size": size, "uri": request.path_qs})

    def _asked_for(self, message: Message, query: Mapping[str, str]) -> bool:
        sent_at = message.sent_at
        day = None if sent_at is None or sent_at > self.now() else _utc_day(sent_at)
        return (
            query.get("To", message.to) == message.to
            and query.get("From", message.sender) == message.sender
            and all(
                day is not None and holds(day, query[name][:10])
                for name, holds in _DAY_FILTERS.items()
                if name in query
            )
        )

    def _numbers(self, number: str) -> Canned:
        owned = [s for s in self.carrier.senders.values() if number in ("", s.number)]
        listed = [
            {"phone_number": s.number, "capabilities": {"sms": s.sms, "mms": s.sms, "voice": True, "fax": False}}
            for s in owned
        ]
        return _json(200, {"incoming_phone_numbers": listed, "next_page_uri": None})

    async def _control(self, request: BaseRequest) -> web.Response:
        """For a test in another process: POST /double/reply {"from", "body"}, /double/trouble {"post"|"get": name}."""
        asked = json.loads(await request.text())
        if request.path == "/double/reply":
            return web.json_response({"sid": self.reply(asked["from"], asked["body"], asked.get("to")).sid})
        if request.path == "/double/trouble":
            queues = {"post": self.on_post, "get": self.on_get}
            for method, name in asked.items():
                queues[method](trouble_named(name))
            return web.json_response({})
        return web.Response(status=404)


def _json(status: int, content: Mapping[str, object]) -> Canned:
    return Canned(status, json.dumps(content).encode())


def _refused(refusal: Refusal) -> Canned:
    more = f"https://www.twilio.com/docs/errors/{refusal.code}"
    body = {"code": refusal.code, "message": refusal.message, "more_info": more, "status": refusal.http}
    return _json(HTTPStatus(refusal.http), body)


def _utc_day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def _http_date(at: float) -> str:
    return format_datetime(datetime.fromtimestamp(int(at), UTC), usegmt=True)
