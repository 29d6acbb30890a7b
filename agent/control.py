"""How commands reach the running agent: a Unix socket beside the ledger, one JSON object a line each way.

Only the agent writes the ledger while it runs (SQLite before 3.51.3 can corrupt a WAL file that two processes write).
A command that must write asks it; where no agent runs, the command opens the ledger itself, under the same lock.
Who may open the socket (mode 0600) may do all of it: it is for root and the service's own user.
"""

import asyncio
import contextlib
import json
import logging
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

log = logging.getLogger(__name__)

LONGEST_LINE = 64 * 1024
ANSWER_WITHIN = 20.0

Answer = dict[str, object]
Handler = Callable[[Answer], Awaitable[Answer]]


class NoAgent(Exception):
    """No agent listens."""


def socket_path(ledger: Path) -> Path:
    """Where the agent that owns this ledger listens."""
    return ledger.with_name(ledger.name + ".sock")


@contextlib.asynccontextmanager
async def listening(path: Path, handle: Handler) -> AsyncIterator[None]:
    """Answer commands while the block runs. One that raises is answered with its words."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, ValueError, TimeoutError):
            async with asyncio.timeout(ANSWER_WITHIN):
                asked = json.loads(await reader.readline())
                writer.write(json.dumps(await _answer(handle, asked)).encode() + b"\n")
                await writer.drain()
        writer.close()

    _remove(path)
    before = os.umask(0o177)
    try:
        server = await asyncio.start_unix_server(serve, path, limit=LONGEST_LINE)
    finally:
        os.umask(before)
    try:
        yield
    finally:
        server.close()
        _remove(path)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


async def _answer(handle: Handler, asked: object) -> Answer:
    if not isinstance(asked, dict):
        return {"error": "a command is a JSON object"}
    try:
        return await handle(asked)
    except Exception as error:
        log.exception("action=command failed")
        return {"error": str(error) or type(error).__name__}


def ask(path: Path, command: Answer) -> Answer:
    """Ask the running agent. Raises NoAgent, and OSError for a socket that may not be opened."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ANSWER_WITHIN)
        try:
            connection.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            raise NoAgent from None
        connection.sendall(json.dumps(command).encode() + b"\n")
        with connection.makefile("rb") as answers:
            answer = json.loads(answers.readline(LONGEST_LINE) or b'{"error": "the agent gave no answer"}')
    return answer if isinstance(answer, dict) else {"error": "the agent gave no readable answer"}
