"""One exchange with Twilio over aiohttp: our time-outs, bounded bodies, no redirects, no second try.

Twilio's own client is not used: its asynchronous form has no time-out that works and posts again after a
failure, which for a text means a second text.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from sms.provider import ProviderTrouble
from sms.twilio.reading import Message, date_of, json_object, trouble_of, wait_of

TIMEOUT = aiohttp.ClientTimeout(total=10, connect=3)
"""Seconds. Connecting covers name, TCP and TLS; after it a request counts as handed over."""

KEEPALIVE = 15.0
"""Seconds an idle connection is kept. Longer, and Twilio's end may be gone: a lost text of unknown fate."""

BEFORE_ANY_BYTE = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
"""What aiohttp raises while it has no connection yet (name, TCP, TLS). Every other failure may come after a
byte left."""

ANY_FAILURE = (aiohttp.ClientError, TimeoutError, OSError, ValueError)
"""All that a request can raise but cancellation."""

_LONGEST_ANSWER = 64 * 1024
_LONGEST_LIST = 4 * 1024 * 1024


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


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `clock` is the provider's time less ours in seconds, if it sent a Date (exact to a
    second)."""

    status: int
    content: bytes
    retry_after: float | None
    request: str
    clock: float | None


class Rest:
    """The requests of one account. Holds one aiohttp session, made at the first request."""

    def __init__(self, account: TwilioAccount, timeout: aiohttp.ClientTimeout, now: Callable[[], float]) -> None:
        self._authorization = aiohttp.encode_basic_auth(account.user, account.secret)
        self._our_name = f"secondring/{_our_version()}"
        self._timeout = timeout
        self._now = now
        self._session: aiohttp.ClientSession | None = None
        self.base = URL(account.base_url)
        self.account = self.base / "2010-04-01" / "Accounts" / account.account_sid
        self.messages = self.account / "Messages.json"
        host = self.base.host or ""
        self.messaging = self.base.with_host(f"messaging.{host[4:]}") if host.startswith("api.") else self.base

    async def post(self, url: URL, fields: Mapping[str, str]) -> Answer:
        """POST a form once. Raises one of ANY_FAILURE; only BEFORE_ANY_BYTE says that nothing left."""
        form = urlencode(fields).encode("ascii")
        return await self._exchange("POST", url, form, _LONGEST_ANSWER)

    async def get(self, url: URL) -> Answer:
        """GET. Raises one of ANY_FAILURE."""
        return await self._exchange("GET", url, None, _LONGEST_LIST)

    async def ask(self, url: URL) -> tuple[Message, Answer]:
        """GET a JSON object. Raises ProviderTrouble, which says what to do."""
        try:
            answer = await self.get(url)
        except ANY_FAILURE as error:
            raise ProviderTrouble(f"Twilio at {self.base.host} can't be asked: {reason(error)}") from error
        if answer.status != 200:
            raise ProviderTrouble(trouble_of(answer.status, answer.content) + answer.request)
        content = json_object(answer.content)
        if content is None:
            raise ProviderTrouble(f"{self.base.host} gave no readable answer; check [sms] base_url{answer.request}")
        return content, answer

    async def close(self) -> None:
        """Close the sockets. A later request opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _exchange(self, method: str, url: URL, form: bytes | None, longest: int) -> Answer:
        session = self._session or self._open()
        headers = {} if form is None else {"Content-Type": "application/x-www-form-urlencoded"}
        async with session.request(method, url, data=form, headers=headers, allow_redirects=False) as response:
            content = await _read(response, longest)
            now = self._now()
            theirs = date_of(response.headers.get("Date"))
            request = response.headers.get("Twilio-Request-Id", "")
            return Answer(
                status=response.status,
                content=content,
                retry_after=wait_of(response.headers.get("Retry-After"), now if theirs is None else theirs),
                request=f" (Twilio request {request})" if request.isalnum() and len(request) <= 64 else "",
                clock=None if theirs is None else theirs - now,
            )

    def _open(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(keepalive_timeout=KEEPALIVE),
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            # Compressed answers are neither asked for nor opened: a few bytes could become gigabytes.
            auto_decompress=False,
            headers={
                "Authorization": self._authorization,
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": self._our_name,
            },
        )
        return self._session


def reason(error: Exception) -> str:
    """An exception in words; many of aiohttp's and all time-outs have no text of their own."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


async def _read(response: aiohttp.ClientResponse, longest: int) -> bytes:
    """The body, cut off (and so unreadable) after `longest` bytes."""
    content = bytearray()
    async for piece in response.content.iter_chunked(64 * 1024):
        content += piece
        if len(content) > longest:
            response.close()
            break
    return bytes(content)


def _our_version() -> str:
    try:
        return version("secondring")
    except PackageNotFoundError:
        return "0"
