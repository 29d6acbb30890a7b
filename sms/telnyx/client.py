"""The Telnyx provider: one POST a text under a key of its own, and questions afterwards.

Every POST bears the text's own id as its Idempotency-Key (https://developers.telnyx.com/docs/development/
api-fundamentals/idempotency): for 24 hours Telnyx gives a key's first success again instead of doing it again. That
makes a repeated POST harmless only if the first one succeeded. Where it failed or never arrived, the repeated one is
the first, and where it failed after the text was taken, it is a second text. So nothing is repeated here either
unless Telnyx has first said that it holds a success under that key (`find`).

What Telnyx can't do, and how that shows:
- A text's validity can't be set. One that waits in Telnyx's queue leaves whenever it leaves.
- There is no list of messages: the detail records name them, and each is then asked for (records.py). How soon a
  message is listed isn't documented, so replies come late without a webhook.
- Messages older than 10 days can't be asked for.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection

import aiohttp

from sms.answers import id_of, object_of
from sms.exchange import ANY_FAILURE, BEFORE_ANY_BYTE, TIMEOUT, WARM_FOR, Answer, reason
from sms.provider import (
    Fate,
    Fault,
    Found,
    Inbound,
    NotSent,
    OutgoingText,
    Posted,
    ProviderTrouble,
    Refused,
    Status,
    Unknown,
)
from sms.telnyx import check, hooks
from sms.telnyx.reading import data_of, fate_of, is_about_key, is_to, status_of
from sms.telnyx.records import Records
from sms.telnyx.rest import Rest, TelnyxAccount, body_of

log = logging.getLogger(__name__)

KEY_LASTS = 23 * 3600.0
"""Seconds after a POST for which its key is asked about. Telnyx keeps it 24 hours; an hour is left for clocks, and for
the question itself."""

NO_TEXT = b"{}"
"""A request that can't be a text: it has no addressee, no sender and no words."""


ANSWERED = frozenset(("stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "start", "unstop", "help"))
"""Keywords that a messaging profile answers itself by default (Telnyx's documentation of opt-out management). Not seen
on a live account; leaving one unanswered beats answering it twice."""


class TelnyxProvider:
    """`sms.provider.Provider` over Telnyx's API v2.

    `timeout` and `now` (epoch seconds) are settable for tests only.
    """

    name = "telnyx"
    asks = True
    hook_answer = hooks.ANSWER
    answers = ANSWERED

    def __init__(
        self,
        account: TelnyxAccount,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._account = account
        self._rest = Rest(account, timeout, now)
        self._records = Records(self._rest, account)
        self._now = now
        self._key = hooks.key_of(account.public_key)
        self._warmed: float | None = None

    async def send(self, text: OutgoingText) -> Fate:
        """POST the text once.

        Never raises but CancelledError. A cancelled send may have been taken: the caller must record it as
        Unknown and settle it with `find`, like every text whose answer never came.
        """
        try:
            answer = await self._rest.post_under(text.ref, body_of(text, self._account))
        except UnicodeEncodeError:
            return Refused(Fault.OUR_MISTAKE, "unencodable", "the text holds half a character and can't be encoded")
        except BEFORE_ANY_BYTE as error:
            return NotSent(f"no connection to {self._rest.base.host}: {reason(error)}")
        except ANY_FAILURE as error:
            return Unknown(f"the answer was lost: {reason(error)}")
        return fate_of(answer.status, answer.content, answer.retry_after, answer.request)

    async def find(self, text: OutgoingText, since: float, known: Collection[str] = ()) -> Found | None:
        """Ask Telnyx for what it did under the text's key, else look for the text's words among the newest records.

        Neither sends anything: a text that Telnyx never took isn't found. None now may be Found a minute later.
        Raises ProviderTrouble.
        """
        if self._now() - since <= KEY_LASTS:
            found = await self._under_key(text, known)
            if found is not None:
                return found
        return await self._records.sent(text, since, known)

    async def _under_key(self, text: OutgoingText, known: Collection[str]) -> Found | None:
        """First a request that can't be a text is posted under the key. Only if Telnyx refuses it because the key
        stands for another request does it hold a success, and only then is the text's own request repeated, which
        Telnyx answers with that success. Every other answer, also "still at it" (409), is None. Where Telnyx took the
        text and then failed, it holds no success.
        """
        asked = await self._ask_under(text.ref, NO_TEXT)
        if not is_about_key(asked.status, asked.content):
            return None
        again = await self._ask_under(text.ref, body_of(text, self._account))
        message = data_of(again.content) if 200 <= again.status < 300 else None
        sid = None if message is None else id_of(message, "id")
        if message is None or sid is None or not is_to(message, text.to) or sid in known:
            return None
        return Found(sid)

    async def status(self, sid: str) -> Status:
        """How the text stands. Raises ProviderTrouble."""
        answered, answer = await self._rest.ask(self._rest.messages / sid)
        status = status_of(object_of(answered.get("data")) or {})
        if status is None or status.sid != sid:
            raise ProviderTrouble(f"Telnyx's answer about {sid} is no message{answer.request}")
        return status

    async def received(self, since: float) -> list[Inbound]:
        """Texts received since `since`, oldest first, and those of the 24 hours before it again. Raises
        ProviderTrouble."""
        return await self._records.received(since)

    def heard(self, posted: Posted, now: float) -> Inbound | Status | None:
        """What a webhook request tells. Raises NotGenuine."""
        return hooks.heard(posted, self._key, self._account.messaging_profile, now)

    async def warm(self) -> None:
        """Open a connection with a cheap GET, so that a POST soon after needs no handshake. Never raises."""
        clock = asyncio.get_running_loop().time()
        if self._warmed is not None and clock - self._warmed < WARM_FOR:
            return
        self._warmed = clock
        try:
            await self._rest.get(check.cheapest(self._rest))
        except ANY_FAILURE as error:
            log.info("no connection to %s could be opened ahead: %s", self._rest.base.host, reason(error))

    async def check(self) -> list[tuple[str, bool, str]]:
        """What doctor asks: credentials, clock, number, profile, webhook. Raises ProviderTrouble if Telnyx can't be
        reached."""
        return await check.check(self._rest, self._account)

    async def close(self) -> None:
        """Let go of sockets."""
        await self._rest.close()

    async def _ask_under(self, key: str, body: bytes) -> Answer:
        """POST under a key as a question. Raises ProviderTrouble if it got no answer, or one about us."""
        try:
            answer = await self._rest.post_under(key, body)
        except ANY_FAILURE as error:
            raise ProviderTrouble(f"Telnyx at {self._rest.base.host} can't be asked: {reason(error)}") from error
        if answer.status in (401, 403, 404, 429) or answer.status >= 500:
            raise ProviderTrouble(self._rest.trouble(answer))
        return answer
