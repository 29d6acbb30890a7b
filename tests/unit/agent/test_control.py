"""How commands reach the running agent: answered, refused in words, and never at the agent's cost."""

import asyncio
import json
import socket
import stat
from pathlib import Path

import pytest

from agent.control import LONGEST_LINE, Answer, NoAgent, ask, listening, socket_path


async def echo(asked: Answer) -> Answer:
    if asked.get("do") == "break":
        raise ZeroDivisionError("division by zero")
    return {"done": asked.get("do")}


async def raw(path: Path, data: bytes) -> bytes:
    """Send bytes, read the whole answer."""
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(data)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    return answer


def mode_of(path: Path) -> int | None:
    return stat.S_IMODE(path.stat().st_mode) if path.exists() else None


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return socket_path(tmp_path / "ledger.db")


async def test_a_command_is_answered(path: Path) -> None:
    async with listening(path, echo):
        assert await asyncio.to_thread(ask, path, {"do": "pause"}) == {"done": "pause"}


async def test_one_that_breaks_is_answered_with_its_words_and_the_next_one_works(path: Path) -> None:
    async with listening(path, echo):
        assert await asyncio.to_thread(ask, path, {"do": "break"}) == {"error": "division by zero"}
        assert await asyncio.to_thread(ask, path, {"do": "x"}) == {"done": "x"}


@pytest.mark.parametrize(
    "words",
    [b"", b"\n", b"not json\n", b"[1, 2]\n", b'"text"\n', b"\xff\xfe\n", b"x" * (LONGEST_LINE + 10), b'{"do": "x"}'],
)
async def test_what_is_no_command_harms_nothing(path: Path, words: bytes) -> None:
    async with listening(path, echo):
        answer = await raw(path, words)
        assert not answer or "error" in json.loads(answer) or json.loads(answer) == {"done": "x"}
        assert await asyncio.to_thread(ask, path, {"do": "x"}) == {"done": "x"}


async def test_only_the_owner_may_open_it_and_it_is_gone_afterwards(path: Path) -> None:
    async with listening(path, echo):
        assert mode_of(path) == 0o600
    assert mode_of(path) is None


async def test_a_socket_left_over_by_a_killed_agent_is_in_nobodys_way(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    async with listening(path, echo):
        assert await asyncio.to_thread(ask, path, {"do": "x"}) == {"done": "x"}


def test_where_no_agent_runs_it_is_said(path: Path) -> None:
    with pytest.raises(NoAgent):
        ask(path, {"do": "status"})
