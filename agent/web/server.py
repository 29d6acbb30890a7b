"""The web server, on a loop and a thread of its own: whatever the world sends can't hold the live loop up.

It listens where the reverse proxy reaches it (`[web] listen`). What the proxy asks for is read as the public address,
whether the proxy passes the public path on or strips it: signatures are over the address that the provider called.
"""

import asyncio
import logging
import socket
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from aiohttp import web

from agent.web.door import Door
from agent.web.intake import Intake
from agent.web.take import TakeLink
from agent.web.webhook import Webhook

log = logging.getLogger(__name__)

HOOK_PATH = "/hooks/sms"
TRY_AGAIN = 5.0
"""Seconds until a taken port is tried again."""
KEEPALIVE = 5.0
"""Seconds for which a connection without a request is kept."""
BACKLOG = 128
"""Connections that wait in the system's queue while all places are taken."""
REFUSED_AFTER = 0.5
"""Seconds until what is refused, or known already, is answered, and its connection closed: a flood is that slow."""
REFUSED_AFTER = 0.5
"""Seconds until what is refused is told so: who floods has a hundred places, and two answers a second in each."""

Parts = tuple[Webhook, TakeLink, Intake]


def hook_url(public_url: str) -> str:
    """Where the provider posts to."""
    return public_url + HOOK_PATH


class Site:
    """Which request goes where."""

    def __init__(self, public_url: str, webhook: Webhook, take: TakeLink) -> None:
        self._public_url = public_url
        self._prefix = urlsplit(public_url).path
        self._webhook = webhook
        self._take = take

    async def handle(self, request: web.BaseRequest) -> tuple[web.Response, bool]:
        """The answer to one request, and whether the request was welcome."""
        asked = request.raw_path
        if self._prefix and asked.startswith(f"{self._prefix}/"):
            asked = asked[len(self._prefix) :]
        path = asked.partition("?")[0]
        if path == HOOK_PATH and request.method == "POST":
            return await self._webhook.handle(request, self._public_url + asked)
        answer = web.Response(status=404)
        if path.startswith("/take/"):
            token = path.removeprefix("/take/")
            if request.method == "POST":
                answer = await self._take.take(token)
            elif request.method in ("GET", "HEAD"):
                answer = await self._take.show(token)
        return answer, answer.status == 200


class WebServer:
    """Listens while `run` runs. `make` is called on the server's own loop."""

    def __init__(
        self, listen: str, public_url: str, make: Callable[[], Parts], listening: Callable[[str], None]
    ) -> None:
        host, _, port = listen.rpartition(":")
        self.refused_after = REFUSED_AFTER
        self._host, self.port = host.strip("[]"), int(port)
        """The port; once it listens the one that was given, where 0 was asked for."""
        self.refused_after = REFUSED_AFTER
        self._public_url = public_url
        self._make = make
        self._listening = listening
        self._end = threading.Event()
        self._wake: Callable[[], object] = lambda: None

    async def run(self) -> None:
        """Until cancelled. The thread has ended when this returns. Raises what went wrong in it."""
        main = asyncio.get_running_loop()
        executor = ThreadPoolExecutor(1, "web")

        def tell(words: str) -> None:
            main.call_soon_threadsafe(self._listening, words)

        served = main.run_in_executor(executor, lambda: asyncio.run(self._serve(tell)))
        try:
            await asyncio.shield(served)
        finally:
            self._end.set()
            self._wake()
            await asyncio.to_thread(executor.shutdown)

    async def _serve(self, tell: Callable[[str], object]) -> None:
        own, stop = asyncio.get_running_loop(), asyncio.Event()
        self._wake = lambda: own.is_closed() or own.call_soon_threadsafe(stop.set)
        if self._end.is_set():
            return
        webhook, take, intake = self._make()
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(work) for work in self._work(Site(self._public_url, webhook, take), intake, tell)
            ]
            await stop.wait()
            for task in tasks:
                task.cancel()

    def _work(
        self, site: Site, intake: Intake, tell: Callable[[str], object]
    ) -> tuple[Coroutine[None, None, None], ...]:
        return intake.run(), self._listen(site, tell)

    async def _listen(self, site: Site, tell: Callable[[str], object]) -> None:
        door: Door | None = None

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            assert door is not None
            answer, welcome = await site.handle(request)
            if not welcome:
                await asyncio.sleep(self.refused_after)
            if not welcome or not door.may_stay(request.transport):
                answer.force_close()
            return answer

        server = web.Server(
            handle, access_log=None, keepalive_timeout=KEEPALIVE, auto_decompress=False, handler_cancellation=True
        )
        door = Door(server)
        with await self._bind(tell) as listening:
            self.port = listening.getsockname()[1]
            tell("")
            log.info("action=web listening on %s:%d for %s", self._host, self.port, self._public_url)
            await door.let_in(listening)

    async def _bind(self, tell: Callable[[str], object]) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        while True:
            try:
                listening = socket.create_server((self._host, self.port), family=family, backlog=BACKLOG)
            except OSError as error:
                tell(f"{self._host}:{self.port}: {error.strerror or error}")
                await asyncio.sleep(TRY_AGAIN)
            else:
                listening.setblocking(False)
                return listening
