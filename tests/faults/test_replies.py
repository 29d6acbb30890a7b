"""Thousands of missed calls whose callers write back, among every fault there is: nothing lost, nothing twice."""

import os
import time
from collections.abc import Callable

import pytest

from tests.faults.judge_replies import judge_storm
from tests.faults.storm import storm
from tests.virtual_time import in_virtual_time

CALLS = int(os.environ.get("CALLS", "10000"))
Note = Callable[[str, object], None]

pytestmark = pytest.mark.deep


async def weathered(seed: int, calls: int, gap: float, restarts: int, note: Note) -> None:
    began = time.monotonic()
    async with storm(seed, calls, gap) as around:
        await around.blow(restarts)
        found = judge_storm(around)
    note(f"storm {seed}", f"{found}; {time.monotonic() - began:.0f} s")
    assert not found.wrong, found.told


@pytest.mark.quick
@in_virtual_time
async def test_a_squall(record_property: Note) -> None:
    await weathered(7, 250, 8.0, 4, record_property)


@in_virtual_time
async def test_ten_thousand_missed_calls(record_property: Note) -> None:
    await weathered(11, CALLS, 2.0, max(3, CALLS // 140), record_property)
