"""What an admin or systemd does to a running agent: stop, reload, start it twice."""

import signal
from pathlib import Path

import pytest

from tests.doubles.twilio import handset_texts
from tests.doubles.twilio.troubles import hangs, late
from tests.faults.agent import MESSAGE
from tests.faults.rest import comes_to_rest
from tests.faults.world import World, world

pytestmark = pytest.mark.deep

BUSY = {"busy": 1}


def bodies(around: World) -> list[str]:
    return [text.body for text in handset_texts(around.twilio.record.events)]


@pytest.mark.quick
async def test_a_second_agent_on_one_ledger_refuses_and_the_first_goes_on(tmp_path: Path) -> None:
    async with world(tmp_path, faults="none", mix=BUSY, rate=2.0) as around:
        await around.agent.start()
        first = around.agent.process
        second = await around.agent.spawn()
        assert await second.wait() == 1
        assert "Another secondring already uses this ledger" in around.agent.said()
        around.agent.process = first
        await around.twilio.record.wait_for("handset", len(around.twilio.record.of("handset")) + 2)
        await around.quiet()
        assert await around.agent.end() == 0


@pytest.mark.quick
async def test_a_text_in_flight_when_it_is_stopped_is_waited_for(tmp_path: Path) -> None:
    async with world(tmp_path, faults="none", mix=BUSY, rate=2.0) as around:
        around.twilio.on_post(late(2.0))
        await around.agent.start()
        await around.twilio.record.wait_for("post")
        assert await around.agent.end() == 0
        assert [row["state"] for row in around.agent.ask("SELECT state FROM texts ORDER BY id LIMIT 1")] == ["accepted"]


async def test_a_text_whose_answer_never_comes_is_asked_for_at_the_next_start_and_never_sent_again(
    tmp_path: Path,
) -> None:
    async with world(tmp_path, faults="none", mix=BUSY, rate=2.0) as around:
        around.twilio.on_post(hangs(stores=True))
        await around.agent.start()
        await around.twilio.record.wait_for("post")
        assert await around.agent.end() == 0
        await around.agent.start()
        found = await comes_to_rest(around)
    assert not found.wrong, found.told
    assert found.figures["adopted"] == 1


@pytest.mark.quick
async def test_a_bad_new_configuration_is_refused_and_a_good_one_taken(tmp_path: Path) -> None:
    async with world(tmp_path, faults="none", mix=BUSY, rate=4.0) as around:
        await around.agent.start()
        await around.twilio.record.wait_for("handset", 2)
        around.agent.configure(message="Call {busines} back. Reply STOP to opt out.")
        around.agent.send(signal.SIGHUP)
        await around.agent.says("the old configuration stays in force")
        assert "busines" in around.agent.said()
        before = len(around.twilio.record.of("handset"))
        await around.twilio.record.wait_for("handset", before + 2)
        old = MESSAGE.replace("{business}", "Acme Plumbing")
        assert set(bodies(around)) == {old}
        around.agent.configure(message="{business} missed you. Reply STOP to opt out.")
        around.agent.send(signal.SIGHUP)
        await around.agent.says("the new configuration is in force")
        before = len(around.twilio.record.of("handset"))
        await around.twilio.record.wait_for("handset", before + 3)
        assert bodies(around)[-1] == "Acme Plumbing missed you. Reply STOP to opt out."
        await around.quiet()
        assert await around.agent.end() == 0
