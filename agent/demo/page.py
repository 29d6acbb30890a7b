"""The demo at a double of Twilio with a page: the script's callers and staff write back there, as people may too."""

import asyncio
import contextlib
import time
from types import TracebackType
from typing import Self, TypedDict

import aiohttp

from agent.demo.script import Script

ACCOUNT, TOKEN = "AC00000000000000000000000000000001", "the-auth-token"
"""What the double knows. Nothing that costs money has such a token."""
LOOK_EVERY = 0.3
"""Seconds between two looks at the handsets."""
REACHED = ("sent", "delivered")


class PageTrouble(Exception):
    """There is no double, or not a fresh one. The message says what to do."""


class _Text(TypedDict):
    sid: str
    side: str
    body: str
    status: str


class _Conversation(TypedDict):
    number: str
    texts: list[_Text]


class _Handsets(TypedDict):
    conversations: list[_Conversation]


class Page:
    """`async with` it. `run` plays the script until cancelled."""

    def __init__(self, url: str, script: Script) -> None:
        self.url = url.rstrip("/")
        self._script = script
        self._known: set[str] = set()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, where: TracebackType | None
    ) -> None:
        assert self._session is not None
        await self._session.close()

    async def check(self) -> None:
        """Raises PageTrouble unless a double is there on which nobody has texted yet."""
        try:
            seen = await self._conversations()
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError) as problem:
            raise PageTrouble(f"No double of Twilio answers at {self.url}; `make demo` starts one.") from problem
        if seen:
            raise PageTrouble(f"The double at {self.url} has texts from before; end it and start it anew.")

    async def run(self) -> None:
        """Look again and again."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Let the script know of each text that reached a handset, and write what it says."""
        now = time.monotonic()
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):  # the double may end a moment before us
            for conversation in await self._conversations():
                for text in conversation["texts"]:
                    if text["side"] == "ours" and text["status"] in REACHED and text["sid"] not in self._known:
                        self._known.add(text["sid"])
                        self._script.texted(conversation["number"], text["body"], now)
            for writing in self._script.written(now):
                await self._write(writing.number, writing.words)

    async def _conversations(self) -> list[_Conversation]:
        assert self._session is not None
        async with self._session.get(f"{self.url}/double/conversations") as answer:
            answer.raise_for_status()
            seen: _Handsets = await answer.json()
        return seen["conversations"]

    async def _write(self, number: str, words: str) -> None:
        assert self._session is not None
        async with self._session.post(f"{self.url}/double/reply", json={"from": number, "body": words}) as answer:
            answer.raise_for_status()
