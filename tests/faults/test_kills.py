"""`kill -9`, again and again, among calls in every state and texts on their way."""

import asyncio
import os
import random
import statistics
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.agent import ASTERISK, FREESWITCH, KINDS, Kind
from tests.faults.rest import comes_to_rest
from tests.faults.world import World, world

KILLS = int(os.environ.get("N", "200"))
SECONDS = float(os.environ.get("SECONDS", "3"))
"""How many times, and how far apart on average: `make faults N=20 SECONDS=1`."""

Note = Callable[[str, object], None]


async def kill_often(world: World, kills: int, seconds: float, seed: int) -> list[float]:
    """Start the agent and kill it, one time in ten before it is ready; how long each of the others took to be."""
    draw = random.Random(seed)
    ready = []
    for turn in range(kills):
        if turn % 10 == 9:
            await world.agent.spawn()
            await asyncio.sleep(draw.uniform(0.0, 1.0))
        else:
            ready.append(await world.agent.start())
            await asyncio.sleep(draw.uniform(0.0, 2.0 * seconds))
        await world.agent.kill()
    return ready


async def killed_again_and_again(folder: Path, kind: Kind, note: Note, kills: int, seconds: float, seed: int) -> None:
    async with world(folder, kind=kind, seed=seed) as around:
        ready = await kill_often(around, kills, seconds, seed)
        ready.append(await around.agent.start())
        found = await comes_to_rest(around)
    ready.sort()
    p50, p99 = statistics.median(ready), ready[min(len(ready) - 1, round(0.99 * len(ready)))]
    note(f"{kind.name}, {kills} kills", f"{found}; ready again after p50 {p50:.2f} s, p99 {p99:.2f} s")
    assert not found.wrong, found.told


@pytest.mark.deep
@pytest.mark.quick
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_killed_ten_times_it_loses_no_miss_and_texts_nobody_twice(
    tmp_path: Path, kind: Kind, record_property: Note
) -> None:
    await killed_again_and_again(tmp_path, kind, record_property, kills=10, seconds=2.0, seed=7)


@pytest.mark.deep
async def test_killed_200_times_it_loses_no_miss_and_texts_nobody_twice(tmp_path: Path, record_property: Note) -> None:
    await killed_again_and_again(tmp_path, ASTERISK, record_property, kills=KILLS, seconds=SECONDS, seed=11)


@pytest.mark.deep
async def test_killed_50_times_beside_a_freeswitch_it_loses_no_miss_either(
    tmp_path: Path, record_property: Note
) -> None:
    await killed_again_and_again(tmp_path, FREESWITCH, record_property, kills=KILLS // 4, seconds=SECONDS, seed=13)
