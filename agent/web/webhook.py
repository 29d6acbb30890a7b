"""The provider's webhook: proven, kept, answered, in this order. What isn't proven is refused without a word."""

import asyncio
import logging
from collections.abc import Callable, Mapping

from aiohttp import web

from agent.web.intake import Intake
from sms.provider import NotGenuine, Posted, Provider
from storage.ledger import DiskFull

log = logging.getLogger(__name__)

LONGEST_BODY = 64 * 1024
BODY_WITHIN = 5.0
"""Seconds for the body of a request."""
TELL_EVERY = 60.0
"""Seconds between two lines about requests that were refused: their number must not fill the journal."""


class Webhook:
    """Handles what is posted. `clock` gives epoch seconds."""

    def __init__(self, provider: Provider, intake: Intake, clock: Callable[[], float]) -> None:
        self._provider = provider
        self._intake = intake
        self._clock = clock
        self._refused = 0
        self._told_at = 0.0

    async def handle(self, request: web.BaseRequest, url: str) -> tuple[web.Response, bool]:
        """Answer one request that asked for `url`, as the public knows it; and whether it told anything new."""
        try:
            async with asyncio.timeout(BODY_WITHIN):
                body = await _read(request)
            heard = self._provider.heard(Posted(url, _first_of_each(request), body), self._clock())
        except TimeoutError:
            return web.Response(status=408), False
        except _TooLong:
            return web.Response(status=413), False
        except NotGenuine as why:
            self._refuse(str(why))
            return web.Response(status=403), False
        try:
            fresh = heard is None or await self._intake.keep(heard)
        except DiskFull:
            return web.Response(status=503), True  # the provider tries again; polling finds it else
        answer = self._provider.hook_answer
        return web.Response(status=answer.status, body=answer.body, content_type=answer.content_type), fresh

    def _refuse(self, why: str) -> None:
        self._refused += 1
        now = self._clock()
        if now - self._told_at >= TELL_EVERY:
            log.warning("action=webhook refused %d requests that aren't proven; the last: %s", self._refused, why)
            self._refused, self._told_at = 0, now


class _TooLong(Exception):
    """A body beyond all measure; the rest of it isn't read."""


async def _read(request: web.BaseRequest) -> bytes:
    if (request.content_length or 0) > LONGEST_BODY:
        raise _TooLong
    body = bytearray()
    async for piece in request.content.iter_any():
        body += piece
        if len(body) > LONGEST_BODY:
            raise _TooLong
    return bytes(body)


def _first_of_each(request: web.BaseRequest) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, value in request.headers.items():
        found.setdefault(name.lower(), value)
    return found
