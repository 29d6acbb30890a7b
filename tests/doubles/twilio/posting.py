"""One call of a webhook, as Twilio makes it: signed, timed, tried again by the rules in the address's #fragment.

Rules (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides): without a fragment one retry, and
only if the connection failed. `rc` retries, `rp` on what (`ct` connecting, `rt` reading, `4xx`, `5xx`, `all`), `ct`,
`rt` and `tt` milliseconds for connecting, reading and everything. A retry follows at once. A redirect is followed with
a GET, so what was posted is gone.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Self
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import aiohttp
from multidict import MultiDict
from twilio.request_validator import HMAC_SHA256, SIGNATURE_HEADER, SIGNATURE_SETTINGS_HEADER, RequestValidator
from yarl import URL

from tests.doubles.twilio.answers import Answer
from tests.doubles.twilio.record import Record

IDEMPOTENCY_HEADER = "I-Twilio-Idempotency-Token"
MOST_REDIRECTS = 5
LOST, FAILED = 11205, 11200
"""Error codes of the debugger: no connection; no good answer."""

Fields = tuple[tuple[str, str], ...]


class Forgery(Enum):
    """How a call is not Twilio's."""

    WRONG_SECRET = "wrong_secret"
    ALTERED_BODY = "altered_body"  # the signature is a true one, of other words
    UNSIGNED = "unsigned"


@dataclass(frozen=True, slots=True)
class Call:
    """One call to make at `at`. The very same call again is the same bytes again, its signature and token too.

    `early`: the answer to the POST of the text is held back until this is done.
    """

    at: float
    kind: str  # inbound or status
    sid: str
    url: str
    fields: Fields
    token: str
    forgery: Forgery | None = None
    early: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """Time-outs in seconds; `on`: the failures after which it's tried again."""

    retries: int = 1
    on: frozenset[str] = frozenset(["ct"])
    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0

    @classmethod
    def of(cls, url: str) -> Self:
        """Those of an address. What is out of range counts as not said."""
        asked = dict(parse_qsl(urlsplit(url).fragment))

        def number(name: str, low: int, high: int, usual: int) -> int:
            word = asked.get(name, "")
            return int(word) if word.isdecimal() and low <= int(word) <= high else usual

        policy = frozenset(asked.get("rp", "ct").split(","))
        return cls(
            retries=number("rc", 0, 5, 1),
            on=frozenset(["ct", "rt", "4xx", "5xx", "cut"]) if "all" in policy else policy,
            connect=number("ct", 100, 10_000, 5000) / 1000,
            read=number("rt", 100, 15_000, 15_000) / 1000,
            total=number("tt", 100, 15_000, 15_000) / 1000,
        )


class Poster:
    """Signs and posts. `token` signs, or the SHA-256 `shared_key` (its id, its secret) if there is one."""

    def __init__(self, record: Record, now: Callable[[], float], token: str) -> None:
        self.token = token
        self.shared_key: tuple[str, str] | None = None
        self.posted: list[Call] = []
        """Each different one once."""
        self._known: set[Call] = set()
        self._record, self._now = record, now
        self._headers: dict[Call, Mapping[str, str]] = {}
        self._session: aiohttp.ClientSession | None = None

    async def post(self, call: Call) -> Answer | None:
        """Make the call, with all retries; None if it was never answered. Each try is recorded as a `hook`."""
        rules = Rules.of(call.url) if call.forgery is None else Rules(retries=0)
        timeless = replace(call, at=0.0, early=False)
        if timeless not in self._known:
            self._known.add(timeless)
            self.posted.append(timeless)
        loop = asyncio.get_running_loop()
        ends = loop.time() + rules.total
        answer, failure = await self._try(call, 1, rules, rules.total)
        for attempt in range(2, rules.retries + 2):
            if failure not in rules.on or loop.time() >= ends:
                break
            answer, failure = await self._try(call, attempt, rules, ends - loop.time())
        if failure and call.forgery is None:
            code = LOST if failure == "ct" else FAILED
            self._record.write("error", self._now(), code=code, sid=call.sid, url=call.url, why=failure)
        return answer

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _try(self, call: Call, attempt: int, rules: Rules, left: float) -> tuple[Answer | None, str]:
        """One attempt with its redirects: the answer, and what failed ("" if nothing did)."""
        method, url, fields = "POST", call.url.partition("#")[0], call.fields
        for _ in range(MOST_REDIRECTS):
            answer, failure, location = await self._exchange(method, url, fields, call, rules, left)
            self._record.write(
                "hook", self._now(), kind=call.kind, sid=call.sid, url=url, method=method, attempt=attempt,
                status=answer.status if answer else None, failure=failure, fields=list(fields), token=call.token,
                forgery=call.forgery.value if call.forgery else None,
            )  # fmt: skip
            if location is None:
                return answer, failure
            method, url, fields = "GET", urljoin(url, location), ()
        return None, "redirects"

    async def _exchange(
        self, method: str, url: str, fields: Fields, call: Call, rules: Rules, left: float
    ) -> tuple[Answer | None, str, str | None]:
        headers = self._signed(replace(call, at=0.0, early=False, url=url, fields=fields))
        form = urlencode(fields).encode() if method == "POST" else None
        timeout = aiohttp.ClientTimeout(total=left, sock_connect=rules.connect, sock_read=rules.read)
        try:
            async with self._open().request(
                method, URL(url, encoded=True), data=form, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                answer = Answer(response.status, response.content_type, await response.read())
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError):
            return None, "ct", None
        except TimeoutError:
            return None, "rt", None
        except (aiohttp.ClientError, OSError):
            return None, "cut", None
        if 300 <= answer.status < 400 and "Location" in response.headers:
            return answer, "", response.headers["Location"]
        return answer, "" if answer.status < 400 else f"{answer.status // 100}xx", None

    def _signed(self, call: Call) -> Mapping[str, str]:
        """The headers of a call, made once: one made again later, with other secrets about, is as it was."""
        if call not in self._headers:
            self._headers[call] = self._sign(call)
        return self._headers[call]

    def _sign(self, call: Call) -> Mapping[str, str]:
        headers = {IDEMPOTENCY_HEADER: call.token, "User-Agent": "TwilioProxy/1.1", "Accept": "*/*"}
        if call.fields:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        if call.forgery is Forgery.UNSIGNED:
            return headers
        secret, algorithm = self.token, None
        if self.shared_key is not None:
            key, secret = self.shared_key
            algorithm = HMAC_SHA256
            headers[SIGNATURE_SETTINGS_HEADER] = f"key={key},algorithm={algorithm}"
        if call.forgery is Forgery.WRONG_SECRET:
            secret += "?"
        of_fields = call.fields
        if call.forgery is Forgery.ALTERED_BODY:
            of_fields = tuple((n, f"{v}?" if n in ("Body", "MessageStatus") else v) for n, v in call.fields)
        signature = RequestValidator(secret).compute_signature(call.url, MultiDict(of_fields), algorithm)
        return headers | {SIGNATURE_HEADER: signature}

    def _open(self) -> aiohttp.ClientSession:
        """Each call has a connection of its own: a kept one that died would look like a fault of the other side."""
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
        return self._session
