"""The wire between the agent and the PBX, to be cut and mended."""

import asyncio
import contextlib
from types import TracebackType
from typing import Self


class Wire:
    """Carries bytes both ways between `port` and the PBX's. `async with Wire(pbx_port)`."""

    def __init__(self, pbx_port: int) -> None:
        self.port = 0
        self._pbx_port = pbx_port
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()

    async def mend(self) -> None:
        """Let the agent through again."""
        self._server = await asyncio.start_server(self._join, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])

    def cut(self) -> None:
        """Whoever is connected is cut off; nobody gets through until it is mended."""
        if self._server is not None:
            self._server.close()
        for end in self._ends:
            end.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, agent: asyncio.StreamWriter) -> None:
        answers, pbx = await asyncio.open_connection("127.0.0.1", self._pbx_port)
        self._ends |= {agent, pbx}
        await asyncio.gather(_carry(reader, pbx), _carry(answers, agent))
        self._ends -= {agent, pbx}

    async def __aenter__(self) -> Self:
        await self.mend()
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.cut()


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    target.close()
