"""The Twilio provider: one POST a text, and questions afterwards.

There is no retry of any kind in here, and none below: Twilio's create has no idempotency key, so a second
POST is a second text. aiohttp repeats only idempotent methods on a stale connection, never a POST.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection

import aiohttp

from sms.exchange import ANY_FAILURE, BEFORE_ANY_BYTE, TIMEOUT, WARM_FOR, reason
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
from sms.twilio import check, hooks, poll
from sms.twilio.reading import fate_of, is_that_text, sid_of, status_of
from sms.twilio.rest import Rest, TwilioAccount

log = logging.getLogger(__name__)

SHORTEST_VALIDITY, LONGEST_VALIDITY = 10, 36000
"""Seconds. Twilio takes 1 to 36000 and advises more than 5."""

ANSWERED = frozenset(
    ("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "start", "unstop", "help", "info")
)
"""Twilio's default keywords on long codes, which it answers itself (https://www.twilio.com/docs, advanced opt-out). On
a toll-free number it answers fewer; leaving the rest unanswered beats answering twice."""

_PAGE = "100"
_DATES_ARE_WHOLE_SECONDS = 2.0


class TwilioProvider:
    """`sms.provider.Provider` over Twilio's REST API 2010-04-01.

    `timeout` and `now` (epoch seconds) are settable for tests only.
    """

    name = "twilio"
    asks = True
    hook_answer = hooks.ANSWER
    answers = ANSWERED

    def __init__(
        self,
        account: TwilioAccount,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._account = account
        self._rest = Rest(account, timeout, now)
        self._warmed: float | None = None

    async def send(self, text: OutgoingText) -> Fate:
        """POST the text once.

        Never raises but CancelledError. A cancelled send may have been taken: the caller must record it as
        Unknown and settle it with `find`, like every text whose answer never came.
        """
        try:
            answer = await self._rest.post_form(self._rest.messages, self._form(text))
        except UnicodeEncodeError:
            return Refused(Fault.OUR_MISTAKE, "unencodable", "the text holds half a character and can't be encoded")
        except BEFORE_ANY_BYTE as error:
            return NotSent(f"no connection to {self._rest.base.host}: {reason(error)}")
        except ANY_FAILURE as error:
            return Unknown(f"the answer was lost: {reason(error)}")
        return fate_of(answer.status, answer.content, answer.retry_after, answer.request)

    async def find(self, text: OutgoingText, since: float, known: Collection[str] = ()) -> Found | None:
        """Look for a text of unknown fate among Twilio's newest to that number.

        `since` is our own clock's epoch second just before the POST; it is compared by Twilio's clock.
        `known` are ids that already belong to other texts and are not taken. Twilio doesn't say how soon a
        new message is listed, so None now may be Found a minute later. Raises ProviderTrouble.
        """
        page, answer = await self._rest.ask(self._rest.messages.with_query({"To": text.to, "PageSize": _PAGE}))
        earliest = since + (answer.clock or 0.0) - _DATES_ARE_WHOLE_SECONDS
        candidates = [m for m in poll.messages_of(page) if is_that_text(m, text.to, text.body, earliest)]
        sids = [sid for sid in map(sid_of, candidates) if sid is not None and sid not in known]
        return Found(sids[-1]) if sids else None  # newest first: the last is the first made since

    async def status(self, sid: str) -> Status:
        """How the text stands. Raises ProviderTrouble."""
        message, answer = await self._rest.ask(self._rest.account / "Messages" / f"{sid}.json")
        status = status_of(message)
        if status is None or status.sid != sid:
            raise ProviderTrouble(f"Twilio's answer about {sid} is no message{answer.request}")
        return status

    async def received(self, since: float) -> list[Inbound]:
        """Texts received since `since`, oldest first, and those of the 24 hours before it again. Raises
        ProviderTrouble."""
        return await poll.received(self._rest, self._account, since)

    def heard(self, posted: Posted, now: float) -> Inbound | Status | None:
        """What a webhook request tells. Raises NotGenuine."""
        return hooks.heard(posted, self._account.account_sid, self._account.hook_secrets, now)

    async def warm(self) -> None:
        """Open a connection with a cheap GET, so that a POST soon after needs no handshake. Never raises."""
        clock = asyncio.get_running_loop().time()
        if self._warmed is not None and clock - self._warmed < WARM_FOR:
            return
        self._warmed = clock
        try:
            await self._rest.get(self._rest.messages.with_query({"PageSize": "1"}))
        except ANY_FAILURE as error:
            log.info("no connection to %s could be opened ahead: %s", self._rest.base.host, reason(error))

    async def check(self) -> list[tuple[str, bool, str]]:
        """What doctor asks: credentials, clock, numbers. Raises ProviderTrouble if Twilio can't be
        reached."""
        return await check.check(self._rest, self._account)

    async def close(self) -> None:
        """Let go of sockets."""
        await self._rest.close()

    def _form(self, text: OutgoingText) -> dict[str, str]:
        validity = min(max(text.valid_for, SHORTEST_VALIDITY), LONGEST_VALIDITY)
        form = {"To": text.to, "Body": text.body, "ValidityPeriod": str(validity)}
        if self._account.sender:
            form["From"] = self._account.sender
        if self._account.messaging_service:
            form["MessagingServiceSid"] = self._account.messaging_service
        if self._account.hook_url:
            form["StatusCallback"] = hooks.callback(self._account.hook_url, text.ref)
        return form
