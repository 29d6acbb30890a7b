"""The PBX stops, dies or hangs up on the agent; the provider can't be reached: nothing is lost, nobody texted twice."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.agent import KINDS, Kind
from tests.faults.rest import comes_to_rest
from tests.faults.world import world

Note = Callable[[str, object], None]

pytestmark = pytest.mark.deep


@pytest.mark.quick
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_calls_a_stopping_a_dying_and_a_silent_pbx_cuts_off_are_misses(
    tmp_path: Path, kind: Kind, record_property: Note
) -> None:
    async with world(tmp_path, kind=kind, faults="none", seed=3) as around:
        await around.agent.start()
        await around.callers.more(12)
        await around.pbx.restart(down=0.5, clean=True, shutdown_after=0.3)
        await around.callers.more(12)
        await around.pbx.restart(down=0.5, clean=False)
        await around.callers.more(12)
        around.pbx.cut()
        await around.callers.more(12)
        found = await comes_to_rest(around)
    record_property(f"{kind.name} restarted, killed, its link cut", str(found))
    assert not found.wrong, found.told


async def test_who_is_answered_while_the_link_is_down_is_not_texted_though_the_ring_limit_passed(
    tmp_path: Path, record_property: Note
) -> None:
    picked_up_after_2_seconds = {"answered_handwritten": 1}
    async with world(tmp_path, faults="none", mix=picked_up_after_2_seconds, rate=4.0, speed=1.0, soon=2.5) as around:
        await around.agent.start()
        await around.callers.more(8)
        around.wire.cut()
        await around.callers.more(14)
        await around.wire.mend()
        await around.callers.more(4)
        found = await comes_to_rest(around)
    record_property("answered while the link was down", str(found))
    assert not found.wrong, found.told
    assert found.figures["texted"] == 0


async def test_texts_wait_while_the_provider_cant_be_reached_and_leave_once_when_it_can(
    tmp_path: Path, record_property: Note
) -> None:
    async with world(tmp_path, faults="none", seed=4, rate=4.0) as around:
        await around.agent.start()
        await around.callers.more(8)
        await around.twilio.down()
        await around.callers.more(16)
        await around.twilio.up()
        await around.callers.more(8)
        found = await comes_to_rest(around)
    record_property("the provider down", str(found))
    assert not found.wrong, found.told
    states = {row["state"] for row in around.agent.ask("SELECT state FROM texts")}
    assert states <= {"accepted", "sent", "delivered", "unknown", "cancelled"}
