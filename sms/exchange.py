"""One exchange with a provider over aiohttp: our time-outs, bounded bodies, no redirects, no second try.

The providers' own clients are not used: where a client posts again after a failure, that is a second text.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import aiohttp
from yarl import URL

from sms.answers import Message, date_of, json_object, wait_of
from sms.provider import ProviderTrouble

TIMEOUT = aiohttp.ClientTimeout(total=10, connect=3)
"""Seconds. Connecting covers name, TCP and TLS; after it a request counts as handed over."""

KEEPALIVE = 15.0
"""Seconds an idle connection is kept. Longer, and the other end may be gone: a lost text of unknown fate."""

WARM_FOR = 5.0
"""Seconds for which a connection counts as warm; well under the keep-alive."""

BEFORE_ANY_BYTE = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
"""What aiohttp raises while it has no connection yet (name, TCP, TLS). Every other failure may come after a
byte left."""

ANY_FAILURE = (aiohttp.ClientError, TimeoutError, OSError, ValueError)
"""All that a request can raise but cancellation."""

CLOCK_MAY_DIFFER = 10.0
"""Seconds. Freshness and quiet hours go by our clock, a lost text is found by comparing both."""

_LONGEST_ANSWER = 64 * 1024
_LONGEST_LIST = 4 * 1024 * 1024
_REQUEST = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `clock` is the provider's time less ours in seconds, if it sent a Date (exact to a
    second). `request`: its id of the request in words, for support."""

    status: int
    content: bytes
    retry_after: float | None
    request: str
    clock: float | None


class Exchange:
    """The requests to one provider, under its name. Holds one aiohttp session, made at the first request.

    `authorization` is that header's value, `request_id` the name of the header with the provider's id of a request,
    `trouble_of` tells from status and content why a question was refused, in a sentence with what to do.
    """

    def __init__(
        self,
        provider: str,
        base: URL,
        authorization: str,
        request_id: str,
        trouble_of: Callable[[int, bytes], str],
        timeout: aiohttp.ClientTimeout,
        now: Callable[[], float],
    ) -> None:
        self.provider = provider
        self.base = base
        self._authorization = authorization
        self._request_id = request_id
        self._trouble_of = trouble_of
        self._our_name = f"secondring/{_our_version()}"
        self._timeout = timeout
        self._now = now
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: URL, body: bytes, headers: Mapping[str, str]) -> Answer:
        """POST once. Raises one of ANY_FAILURE; only BEFORE_ANY_BYTE says that nothing left."""
        return await self._exchange("POST", url, body, headers, _LONGEST_ANSWER)

    async def get(self, url: URL) -> Answer:
        """GET. Raises one of ANY_FAILURE."""
        return await self._exchange("GET", url, None, {}, _LONGEST_LIST)

    async def ask(self, url: URL) -> tuple[Message, Answer]:
        """GET a JSON object. Raises ProviderTrouble, which says what to do."""
        try:
            answer = await self.get(url)
        except ANY_FAILURE as error:
            raise ProviderTrouble(f"{self.provider} at {self.base.host} can't be asked: {reason(error)}") from error
        if answer.status != 200:
            raise ProviderTrouble(self.trouble(answer))
        content = json_object(answer.content)
        if content is None:
            raise ProviderTrouble(f"{self.base.host} gave no readable answer; check [sms] base_url{answer.request}")
        return content, answer

    def trouble(self, answer: Answer) -> str:
        """Why a question was refused, in a sentence with what to do."""
        return self._trouble_of(answer.status, answer.content) + answer.request

    async def close(self) -> None:
        """Close the sockets. A later request opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _exchange(
        self, method: str, url: URL, body: bytes | None, headers: Mapping[str, str], longest: int
    ) -> Answer:
        session = self._session or self._open()
        async with session.request(method, url, data=body, headers=headers, allow_redirects=False) as response:
            content = await _read(response, longest)
            now = self._now()
            theirs = date_of(response.headers.get("Date"))
            request = response.headers.get(self._request_id, "")
            return Answer(
                status=response.status,
                content=content,
                retry_after=wait_of(response.headers.get("Retry-After"), now if theirs is None else theirs),
                request=f" ({self.provider} request {request})" if _REQUEST.fullmatch(request) else "",
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


def clocks(provider: str, answer: Answer) -> tuple[str, bool, str]:
    """What `doctor` is told of the two clocks."""
    if answer.clock is None:
        return ("clock", True, f"{provider} sent no date to compare with")
    ahead = -answer.clock
    if abs(ahead) <= CLOCK_MAY_DIFFER:
        return ("clock", True, f"agrees with {provider}'s")
    word = "ahead of" if ahead > 0 else "behind"
    return (
        "clock",
        False,
        f"this machine is {abs(ahead):.0f} s {word} {provider}; switch on NTP (timedatectl set-ntp true)",
    )


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
