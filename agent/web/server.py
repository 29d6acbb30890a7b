"""The web server, on a loop and a thread of its own: whatever the world sends can't hold the live loop up.

It listens where the reverse proxy reaches it (`[web] listen`). What the proxy asks for is read as the public address,
whether the proxy passes the public path on or strips it: signatures are over the address that the provider called.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from aiohttp import web

from agent.web.door import Door
from agent.web.intake import Intake
from agent.web.take import TakeLink
from agent.web.webhook import LONGEST_BODY, Webhook

log = logging.getLogger(__name__)

HOOK_PATH = "/hooks/sms"
TRY_AGAIN = 5.0
"""Seconds until a taken port is tried again."""
KEEPALIVE = 30.0

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

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        asked = request.raw_path
        if self._prefix and asked.startswith(f"{self._prefix}/"):
            asked = asked[len(self._prefix) :]
        path = asked.partition("?")[0]
        if path == HOOK_PATH and request.method == "POST":
            return await self._webhook.handle(request, self._public_url + asked)
        if path.startswith("/take/"):
            token = path.removeprefix("/take/")
            if request.method == "POST":
                return await self._take.take(token)
            if request.method in ("GET", "HEAD"):
                return await self._take.show(token)
        return web.Response(status=404)


class WebServer:
    """Listens while `run` runs. `make` is called on the server's own loop."""

    def __init__(
        self, listen: str, public_url: str, make: Callable[[], Parts], listening: Callable[[str], None]
    ) -> None:
        host, _, port = listen.rpartition(":")
        self._host, self.port = host.strip("[]"), int(port)
        """The port; once it listens the one that was given, where 0 was asked for."""
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
        app = web.Application(client_max_size=LONGEST_BODY)
        door: Door | None = None

        async def handle(request: web.Request) -> web.StreamResponse:
            answer = await site.handle(request)
            if door is not None:
                door.served(request.transport)
            return answer

        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(
            app, access_log=None, keepalive_timeout=KEEPALIVE, auto_decompress=False, handle_signals=False
        )
        await runner.setup()
        assert runner.server is not None
        door = Door(runner.server)
        try:
            server = await self._bind(door, tell)
            self.port = server.sockets[0].getsockname()[1]
            with contextlib.closing(server):
                tell("")
                log.info("action=web listening on %s:%d for %s", self._host, self.port, self._public_url)
                await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    async def _bind(self, door: Door, tell: Callable[[str], object]) -> asyncio.Server:
        while True:
            try:
                return await asyncio.get_running_loop().create_server(door, self._host, self.port)
            except OSError as error:
                tell(f"{self._host}:{self.port}: {error.strerror or error}")
                await asyncio.sleep(TRY_AGAIN)
