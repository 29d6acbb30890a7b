"""Thousands of missed calls whose callers write back, among every fault there is: nothing lost, nothing twice."""

import os
import time
from collections import Counter
from collections.abc import Callable

import pytest

from tests.faults.storm import storm
from tests.virtual_time import in_virtual_time

CALLS = int(os.environ.get("CALLS", "10000"))
Note = Callable[[str, object], None]

pytestmark = pytest.mark.deep


async def weathered(seed: int, calls: int, restarts: int, note: Note) -> None:
    began = time.monotonic()
    async with storm(seed, calls) as around:
        await around.blow(restarts)
        t = Counter((r["kind"], r["state"]) for r in around.ours.ledger.db.execute("select kind,state from texts"))
        note("texts", dict(t))
        note("faults", around.ours.faults)
    note("took", time.monotonic() - began)


@pytest.mark.quick
@in_virtual_time
async def test_a_squall(record_property: Note) -> None:
    await weathered(7, 300, 4, record_property)
