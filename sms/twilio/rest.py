"""The addresses and credentials of one Twilio account, on top of the exchange.

Twilio's own client is not used: its asynchronous form has no time-out that works and posts again after a
failure, which for a text means a second text.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from sms.exchange import Answer, Exchange
from sms.twilio.reading import trouble_of

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class TwilioAccount:
    """What one Twilio account needs. `user` is the account SID with its auth token as `secret`, or an API key
    (SK…) with its own. `sender` (E.164) or `messaging_service` (MG…); both: that sender of the service.
    `own_numbers` are polled for replies; empty: those of the sender, else all of the service. `hook_url`: our public
    webhook; `hook_secrets`: what Twilio may sign with: auth tokens (two while they are rotated), shared keys."""

    account_sid: str
    user: str
    secret: str = field(repr=False)
    sender: str | None = None
    messaging_service: str | None = None
    base_url: str = "https://api.twilio.com"
    own_numbers: tuple[str, ...] = ()
    hook_url: str | None = None
    hook_secrets: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if not self.sender and not self.messaging_service:
            raise ValueError("a Twilio account needs a sender number or a messaging service")
        if ":" in self.user:
            raise ValueError("the Twilio user (account SID or API key) has no colon in it")


class Rest(Exchange):
    """The requests of one account."""

    def __init__(self, account: TwilioAccount, timeout: aiohttp.ClientTimeout, now: Callable[[], float]) -> None:
        authorization = aiohttp.encode_basic_auth(account.user, account.secret)
        super().__init__("Twilio", URL(account.base_url), authorization, "Twilio-Request-Id", trouble_of, timeout, now)
        self.account = self.base / "2010-04-01" / "Accounts" / account.account_sid
        self.messages = self.account / "Messages.json"
        host = self.base.host or ""
        self.messaging = self.base.with_host(f"messaging.{host[4:]}") if host.startswith("api.") else self.base

    async def post_form(self, url: URL, fields: Mapping[str, str]) -> Answer:
        """POST a form once. Raises one of ANY_FAILURE; only BEFORE_ANY_BYTE says that nothing left."""
        return await self.post(url, urlencode(fields).encode("ascii"), _FORM)
