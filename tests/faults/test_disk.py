"""The disk fills to the last byte: calls are followed all the same, and what waited is decided once there is room."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.agent import FREESWITCH, KINDS, Kind
from tests.faults.disk import small_disk
from tests.faults.judge import texted_late
from tests.faults.rest import comes_to_rest
from tests.faults.world import world

Note = Callable[[str, object], None]

pytestmark = pytest.mark.deep

FRESHNESS = 14.0


async def test_the_ballast_lets_decisions_go_on_for_a_while(tmp_path: Path, record_property: Note) -> None:
    with small_disk(tmp_path / "disk", megabytes=100) as disk:
        async with world(tmp_path, faults="none", seed=5, disk=disk) as around:
            await around.agent.start()
            await around.callers.more(8)
            disk.fill()
            await around.callers.more(40)
            found = await comes_to_rest(around)
            assert disk.free > 0, "nothing was given away"
    record_property("the disk full, with ballast", str(found))
    assert not found.wrong, found.told


@pytest.mark.quick
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_no_miss_is_lost_and_none_texted_late_while_not_a_byte_is_left(
    tmp_path: Path, kind: Kind, record_property: Note
) -> None:
    limits = f'freshness = "{FRESHNESS:g}s"'
    with small_disk(tmp_path / "disk", megabytes=24) as disk:
        async with world(tmp_path, kind=kind, faults="none", seed=6, disk=disk, limits=limits) as around:
            await around.agent.start()
            await around.callers.more(8)
            disk.fill()
            await around.agent.says("condition=disk-full began")
            await around.callers.more(60)
            disk.clear()
            await around.agent.says("condition=disk-full is over")
            await around.callers.more(8)
            found = await comes_to_rest(around)
            found.wrong += texted_late(around.truth, around.handsets, FRESHNESS)
    record_property(f"{kind.name}, the disk full to the last byte", str(found))
    assert not found.wrong, found.told


async def test_while_the_disk_is_full_for_half_a_minute_the_socket_is_read(
    tmp_path: Path, record_property: Note
) -> None:
    """A FreeSWITCH kills a listener who doesn't read, and everybody else waits until he does."""
    with small_disk(tmp_path / "disk", megabytes=24) as disk:
        async with world(tmp_path, kind=FREESWITCH, faults="none", rate=20.0, seed=9, disk=disk) as around:
            await around.agent.start()
            await around.callers.more(20)
            disk.fill()
            await around.agent.says("condition=disk-full began")
            await around.callers.more(600)
            disk.clear()
            await around.agent.says("condition=disk-full is over")
            found = await comes_to_rest(around)
            said = around.agent.said()
    record_property("freeswitch, the disk full for half a minute", str(found))
    assert not found.wrong, found.told
    assert "condition=pbx-" not in said, "the link was lost"


async def test_killed_on_a_full_disk_it_comes_back_once_there_is_room(tmp_path: Path, record_property: Note) -> None:
    with small_disk(tmp_path / "disk", megabytes=24) as disk:
        async with world(tmp_path, faults="none", seed=8, disk=disk) as around:
            await around.agent.start()
            await around.callers.more(8)
            disk.fill()
            await around.agent.says("condition=disk-full began")
            await around.agent.kill()
            process = await around.agent.spawn()
            await around.callers.more(16)
            with pytest.raises(TimeoutError):  # it waits for room; an exit would be a restart a second
                await asyncio.wait_for(asyncio.shield(process.wait()), 0.1)
            disk.clear()
            await around.callers.more(16)
            found = await comes_to_rest(around)
    record_property("killed on a full disk", str(found))
    assert not found.wrong, found.told
