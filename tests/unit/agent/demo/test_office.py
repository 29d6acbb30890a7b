"""The demo's agent as a process."""

import asyncio
from pathlib import Path

import pytest

from agent.demo.office import CONSOLE, Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    folder = tmp_path / "office"
    folder.mkdir()
    return Office(folder)


async def _deaf_pbx() -> asyncio.Server:
    return await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)


async def test_the_agent_ends_when_the_demo_does_however_that_ends(office: Office) -> None:
    async with await _deaf_pbx() as pbx:
        office.furnish("asterisk", pbx.sockets[0].getsockname()[1], "secret", CONSOLE)
        async with office.agent() as agent:
            assert agent.stdin is not None
            agent.stdin.close()  # as the system does with the pipes of a process that was killed
            assert await agent.wait() == 0, office.last_words()


async def test_the_agent_s_own_words_are_kept_for_when_it_fails(office: Office) -> None:
    office.furnish("asterisk", 1, "secret", 'provider = "pigeon"')
    async with office.agent() as agent:
        assert await agent.wait() != 0
    assert "pigeon" in office.last_words()


def test_a_folder_in_which_nothing_happened_is_taken_away(office: Office) -> None:
    office.tidy()
    assert not office.folder.exists()


def test_what_was_recorded_stays_without_the_space_kept_in_reserve(office: Office) -> None:
    office.ledger.write_bytes(b"ledger")
    reserve = office.folder / "ledger.db.ballast"
    reserve.write_bytes(b"0" * 1000)
    office.tidy()
    assert office.ledger.exists() and not reserve.exists()
