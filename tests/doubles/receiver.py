"""A webhook that keeps what it got and proves it as a product should: true calls are answered as told, others 403."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web
from multidict import MultiDict
from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from tests.doubles.twilio import TOKEN


@dataclass(frozen=True, slots=True)
class Got:
    """One request, with the instant."""

    at: float
    method: str
    path: str
    fields: list[tuple[str, str]]
    headers: Mapping[str, str]
    genuine: bool

    @property
    def of(self) -> dict[str, str]:
        return dict(reversed(self.fields))  # of several with one name the first


@dataclass
class Receiver:
    """An async context manager. `answers` are given in turn, then the empty TwiML; None: never an answer."""

    now: Callable[[], float]
    secret: str = TOKEN
    got: list[Got] = field(default_factory=list)
    answers: deque[web.Response | None] = field(default_factory=deque)
    port: int = 0
    _runner: web.ServerRunner | None = None
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str = "/hooks/twilio") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def statuses(self) -> list[str]:
        return [got.of["MessageStatus"] for got in self.got]

    async def __aenter__(self) -> "Receiver":
        self._runner = web.ServerRunner(web.Server(self._handle), shutdown_timeout=0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = int(self._runner.addresses[0][1])
        return self

    async def __aexit__(self, *_: object) -> None:
        self._over.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        posted = await request.post()
        fields = [(name, value) for name, value in posted.items() if isinstance(value, str)]
        genuine = self._genuine(request, MultiDict(fields))
        self.got.append(Got(self.now(), request.method, request.path_qs, fields, dict(request.headers), genuine))
        if not genuine:
            return web.Response(status=403)
        answer = self.answers.popleft() if self.answers else web.Response(text="<Response/>", content_type="text/xml")
        if answer is None:
            await self._over.wait()
        return answer or web.Response(status=503)

    def _genuine(self, request: web.BaseRequest, fields: MultiDict[str]) -> bool:
        algorithm = get_signature_algorithm(request.headers.get(SIGNATURE_SETTINGS_HEADER))
        signature = request.headers.get(SIGNATURE_HEADER, "")
        return bool(RequestValidator(self.secret).validate(self.url(request.path_qs), fields, signature, algorithm))
