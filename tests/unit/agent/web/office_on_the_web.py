"""The web server as the world meets it: real sockets, its own thread, a real ledger, requests signed as Twilio's."""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
from twilio.request_validator import RequestValidator

from agent.conversations.reception import receive
from agent.office import Office
from agent.web.intake import Heard, Intake, Kept
from agent.web.server import HOOK_PATH, Parts, WebServer, hook_url
from agent.web.take import TakeLink
from agent.web.webhook import Webhook
from sms.provider import Inbound
from sms.reconcile import record_status
from sms.twilio.client import TwilioProvider
from sms.twilio.rest import TwilioAccount
from storage.ledger import Ledger
from storage.queries import callers
from tests.doubles.twilio import ACCOUNT, OUR_NUMBER, TOKEN
from tests.story import office

ANNA = "+12025550143"
TIM = "+13125550171"
PUBLIC = "https://office.example/secondring"
NEXT_TOKEN, SHARED_KEY = "the-next-auth-token", "the-shared-key"
STAFF = ({"name": "Tim", "number": TIM}, {"name": "Maria", "number": "+13125550172"})


@dataclass
class WebOffice:
    """An office that listens. `told` is what was kept, in order."""

    ledger: Ledger
    port: int
    session: aiohttp.ClientSession
    office: Office
    told: list[tuple[Heard, Kept]] = field(default_factory=list)
    fill_up: Callable[[], bool] = lambda: False

    async def post(
        self,
        fields: Mapping[str, str],
        *,
        secret: str = TOKEN,
        signature: str | None = None,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        prefix: str = "",
        sha256: bool = False,
    ) -> tuple[int, str]:
        """A form is posted to the webhook, signed with `secret` unless a signature is given ("" sends none)."""
        url = hook_url(PUBLIC) + query
        algorithm = "HMAC_SHA256" if sha256 else None
        if signature is None:
            signature = RequestValidator(secret).compute_signature(url, fields, algorithm)
        sent = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        if signature:
            sent["X-Twilio-Signature"] = signature
        if sha256:
            sent["X-Twilio-Webhooks-Signature-Settings"] = "key=webhooks_1,algorithm=HMAC_SHA256"
        where = f"http://127.0.0.1:{self.port}{prefix}{HOOK_PATH}{query}"
        async with self.session.post(where, data=urlencode(fields), headers=sent) as answer:
            return answer.status, await answer.text()

    async def replies(self) -> list[str]:
        """What callers wrote, as the ledger has it."""
        rows = await self.ledger.read(callers.replies, 0.0, 1000)
        return [row["body"] for row in reversed(rows)]

    def receive(self, db: sqlite3.Connection, heard: Heard, now: float) -> Kept:
        if isinstance(heard, Inbound):
            received = receive(db, self.office, frozenset(("stop",)), heard, now)
            return Kept(received is not None, received)
        return Kept(record_status(db, heard, now))


def reply(body: str, sid: str = "SM" + "1" * 32, sender: str = ANNA, **more: str) -> dict[str, str]:
    """The fields of a text as Twilio posts it."""
    return {
        "MessageSid": sid, "SmsSid": sid, "AccountSid": ACCOUNT, "From": sender, "To": OUR_NUMBER, "Body": body,
        "NumSegments": "1", "NumMedia": "0", "SmsStatus": "received", "ApiVersion": "2010-04-01", "FromCity": "",
        **more,
    }  # fmt: skip


def status(word: str, sid: str, **more: str) -> dict[str, str]:
    """The fields of a status callback."""
    return {
        "MessageSid": sid, "SmsSid": sid, "MessageStatus": word, "SmsStatus": word, "AccountSid": ACCOUNT, "To": ANNA,
        "From": OUR_NUMBER, "ApiVersion": "2010-04-01", **more,
    }  # fmt: skip


@contextlib.asynccontextmanager
async def web_office(folder: Path) -> AsyncIterator[WebOffice]:
    """Listening until the block ends."""
    ledger = await Ledger.open(folder / "ledger.db")
    account = TwilioAccount(
        ACCOUNT, ACCOUNT, TOKEN, OUR_NUMBER, hook_url=hook_url(PUBLIC), hook_secrets=(TOKEN, NEXT_TOKEN, SHARED_KEY)
    )
    provider = TwilioProvider(account)
    async with aiohttp.ClientSession() as session:
        web = WebOffice(ledger, 0, session, office(staff=STAFF, web={"public_url": PUBLIC}))

        def keep(db: sqlite3.Connection, heard: Heard, now: float) -> Kept:
            if web.fill_up():
                error = sqlite3.OperationalError("database or disk is full")
                error.sqlite_errorcode = sqlite3.SQLITE_FULL
                raise error
            return web.receive(db, heard, now)

        def make() -> Parts:
            intake = Intake(ledger, keep, time.time, lambda heard, kept: web.told.append((heard, kept)))
            return Webhook(provider, intake, time.time), TakeLink(ledger, lambda: web.office, time.time, print), intake

        up = asyncio.Event()
        server = WebServer("127.0.0.1:0", PUBLIC, make, lambda trouble: None if trouble else up.set())
        server.refused_after = 0.0
        serving = asyncio.create_task(server.run())
        try:
            await up.wait()
            web.port = server.port
            yield web
        finally:
            serving.cancel()
            await asyncio.wait({serving})
            await provider.close()
            await ledger.close()
