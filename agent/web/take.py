"""The link by which a person takes an urgent caller. It shows a button: messengers open links by themselves."""

import re
import sqlite3
from collections.abc import Awaitable, Callable
from html import escape

from aiohttp import web

from agent.conversations.ladder import NOBODY_YET, acknowledge
from agent.office import Office
from storage.ledger import DiskFull, Ledger
from storage.queries import ladders

TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Urgent caller</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem}}
button{{font:inherit;padding:.8rem 1.4rem;border:0;border-radius:.5rem;background:#b3261e;color:#fff}}
blockquote{{margin:1rem 0;padding:.6rem 1rem;border-left:.3rem solid #b3261e;overflow-wrap:anywhere}}</style>
<main><h1>{title}</h1>{body}</main></html>"""


class TakeLink:
    """`told` is called after the commit with the texts that were queued."""

    def __init__(
        self,
        ledger: Ledger,
        office: Callable[[], Office],
        clock: Callable[[], float],
        told: Callable[[tuple[int, ...]], None],
    ) -> None:
        self._ledger = ledger
        self._office = office
        self._clock = clock
        self._told = told

    async def show(self, token: str) -> web.Response:
        """Who waits, and a button; or who has it already."""
        return await self._answered(self._ledger.read(self._state, token))

    async def take(self, token: str) -> web.Response:
        """The button was pressed."""
        try:
            queued = await self._ledger.write(self._acknowledge, token)
        except DiskFull:
            return _page(
                503, "Not now", "<p>This can't be written down at the moment. Call the caller all the same.</p>"
            )
        self._told(queued)
        return await self.show(token)

    async def _answered(self, state: Awaitable[tuple[str, str] | None]) -> web.Response:
        found = await state
        return _page(404, "Nothing here", "<p>This link leads nowhere.</p>") if found is None else _page(200, *found)

    def _state(self, db: sqlite3.Connection, token: str) -> tuple[str, str] | None:
        ask = ladders.asked_by_link(db, token) if TOKEN.fullmatch(token) else None
        if ask is None:
            return None
        ladder = ladders.get(db, ask.ladder_id)
        number = f'<a href="tel:{escape(ladder.number)}">{escape(ladder.number)}</a>'
        said = f"<blockquote>{escape(ladder.words)}</blockquote>"
        if ladder.state in NOBODY_YET:
            form = '<form method="post"><button>I take it</button></form>'
            return "Urgent caller", f"<p>{number} wrote:</p>{said}{form}"
        if ladder.seen_by == ask.person:
            return "It's yours", f"<p>Call {number} now.</p>{said}"
        return "Taken care of", f"<p>{escape(ladder.seen_by or 'Somebody')} has it.</p>"

    def _acknowledge(self, db: sqlite3.Connection, token: str) -> tuple[int, ...]:
        ask = ladders.asked_by_link(db, token) if TOKEN.fullmatch(token) else None
        if ask is None:
            return ()
        ladder = ladders.get(db, ask.ladder_id)
        if ladder.state not in NOBODY_YET:
            return ()
        return acknowledge(db, self._office(), ladder, ask.person, self._clock())


def _page(status: int, title: str, body: str) -> web.Response:
    text = _PAGE.format(title=title, body=body)
    return web.Response(status=status, text=text, content_type="text/html", headers=HEADERS)
