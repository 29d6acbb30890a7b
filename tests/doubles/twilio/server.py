"""The double's HTTP face: the REST API on good and bad days, the webhooks, and the doors for tests and for people."""

import asyncio
import json
import re
import time
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_request import BaseRequest

from tests.doubles.twilio.carrier import Message, Sender
from tests.doubles.twilio.clock import Clock, RealClock
from tests.doubles.twilio.handsets import Handsets
from tests.doubles.twilio.hook_troubles import CATALOGUE, HookMix, HookTrouble
from tests.doubles.twilio.hook_troubles import FINE as NO_TROUBLE
from tests.doubles.twilio.hooks import Hooks
from tests.doubles.twilio.page import PAGE, conversations
from tests.doubles.twilio.record import HandsetText, Record, at_most_one_per_miss, handset_texts
from tests.doubles.twilio.rest import OUR_NUMBER, RestApi
from tests.doubles.twilio.troubles import FINE, Canned, End, Mix, Trouble, trouble_named

SENDER = re.compile(r"\+?[0-9]{3,15}")
"""Short codes text too."""


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


class TwilioDouble(RestApi):
    """An async context manager; `base_url` is the door. Time is the machine's, or a VirtualClock.

    Troubles: `on_post(...)` and `on_get(...)` queue them for the next requests, else `mix` draws one for each POST and
    `get_mix` for each GET;
    `on_hook(...)` queues them for the calls about the next texts, else `hooks.mix` draws one for each text.
    Bad days: `skew` (its clock less ours), `list_lag`, `price_after` (seconds), `carrier.fates`, `tokens`, `down()`.
    Webhooks: `hooks` (see there); handsets that answer by themselves: `handsets.answers`.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        senders: tuple[Sender, ...] = (),
        service: str | None = None,
        mix: Mix | None = None,
        ledger: Path | None = None,
        inbound_url: str | None = None,
        hook_mix: HookMix | None = None,
        page: bool = False,
    ) -> None:
        super().__init__(clock or RealClock(), Record(ledger), senders or (Sender(OUR_NUMBER),), service)
        self.mix = mix
        self.get_mix: Mix | None = None
        self.hooks = Hooks(self)
        self.hooks.inbound_url, self.hooks.mix = inbound_url, hook_mix
        self.handsets = Handsets(self, self.reply)
        self.port = 0
        self._page = page
        self._troubles: Mapping[str, deque[Trouble]] = {"POST": deque(), "GET": deque()}
        self._runner: web.ServerRunner | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def on_post(self, *troubles: Trouble) -> None:
        """The next POSTs meet these, one each."""
        self._troubles["POST"].extend(troubles)

    def on_get(self, *troubles: Trouble) -> None:
        """The next GETs meet these, one each."""
        self._troubles["GET"].extend(troubles)

    def on_hook(self, *troubles: HookTrouble) -> None:
        """The calls about the next texts meet these, one each; texts with nothing to call don't count."""
        self.hooks.queue.extend(troubles)

    def rotate_token(self, token: str) -> None:
        """A new auth token: the old one is dead at once, for requests and for signatures."""
        self.tokens = {token}
        self.hooks.poster.token = token

    def posts(self) -> int:
        """How many POSTs of a text were read."""
        return len(self.record.of("post"))

    def handset(self, number: str) -> list[HandsetText]:
        """What reached that handset, or is on its way, with the instant."""
        return [text for text in handset_texts(self.record.events) if text.to == number]

    def at_most_one_per_miss(self, misses: Mapping[str, int] | None = None) -> None:
        """See record.at_most_one_per_miss."""
        at_most_one_per_miss(handset_texts(self.record.events), misses)

    def reply(
        self, sender: str, body: str, to: str | None = None, *, machine_made: bool = False, media: int = 0
    ) -> Message:
        """The person at `sender` texts the office (its first number)."""
        told = self.hooks.inbound_url is not None and not machine_made
        trouble = self.hooks.next_trouble() if told else NO_TROUBLE
        to = to or next(iter(self.carrier.senders))
        message = self.carrier.receive(sender, to, trouble.body(body), self.now(), failed=machine_made, media=media)
        self.hooks.received(message, trouble)
        return message

    def on_taken(self, message: Message) -> None:
        self.hooks.taken(message)
        self.handsets.got(message)

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
        await self.close()

    async def close(self) -> None:
        """End for good; raises what went wrong in the calls of webhooks."""
        await self.down()
        try:
            await self.handsets.close()
            await self.hooks.close()
        finally:
            self.record.close()

    async def _handle(self, request: BaseRequest) -> web.StreamResponse:
        protocol = request.protocol
        assert isinstance(protocol, _Timed)
        first_byte_ns = protocol.first_byte_ns
        fields = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        protocol.first_byte_ns = None
        if request.path.startswith("/double/"):
            return await self._control(request)
        if self._page and request.path == "/" and "text/html" in request.headers.get("Accept", ""):
            return web.Response(
                body=PAGE, content_type="text/html", charset="utf-8", headers={"Cache-Control": "no-store"}
            )
        seen = {"first_byte_ns": first_byte_ns, "connection": protocol.number, "path": request.path_qs}
        self.record.write(request.method.lower(), self.now(), **seen, to=fields.get("To"), body=fields.get("Body"))
        trouble = self._trouble(request.method)
        answer = self.answer(request, fields) if trouble.stores or request.method == "GET" else None
        await self.hooks.before_answer()
        return await self._end(request, protocol, trouble, answer)

    def _trouble(self, method: str) -> Trouble:
        queue = self._troubles.get(method)
        if queue:
            return queue.popleft()
        mix = {"POST": self.mix, "GET": self.get_mix}.get(method)
        return mix.draw() if mix is not None else FINE

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

    async def _control(self, request: BaseRequest) -> web.Response:
        """For the page, and a test in another process: GET /double/conversations, POST /double/reply {"from", "body"},
        /double/trouble {"post"|"get"|"hook": name}."""
        if request.path == "/double/conversations":
            return web.json_response(conversations(self), headers={"Cache-Control": "no-store"})
        try:
            asked = json.loads(await request.text())
            if request.path == "/double/reply":
                return self._reply_asked_for(asked["from"], asked["body"], asked.get("to"))
            if request.path == "/double/trouble":
                for kind, name in asked.items():
                    self._queue(kind, name)
                return web.json_response({})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return web.json_response({"error": f"that can't be read: {error!r}"}, status=400)
        return web.Response(status=404)

    def _reply_asked_for(self, sender: str, body: str, to: str | None) -> web.Response:
        if to is not None and to not in self.carrier.senders:
            return web.json_response({"error": f"{to} is no number of the account"}, status=400)
        if not SENDER.fullmatch(sender):
            return web.json_response({"error": "a number looks like +12025550143"}, status=400)
        whole = body.encode("utf-8", "replace").decode()  # half a surrogate pair can't be posted
        return web.json_response({"sid": self.reply(sender, whole, to).sid})

    def _queue(self, kind: str, name: str) -> None:
        if kind == "hook":
            self.on_hook(CATALOGUE[name])
        else:
            {"post": self.on_post, "get": self.on_get}[kind](trouble_named(name))


def _http_date(at: float) -> str:
    return format_datetime(datetime.fromtimestamp(int(at), UTC), usegmt=True)
