"""The PBX or the agent stops, crashes or restarts in the middle of a call."""

from tests.lab.stage import scenario
from tests.lab.story import Office


@scenario("direct", ring=30, alone=True, quick=True, line="rings = 20")
async def test_the_pbx_is_killed_while_a_phone_rings(office: Office) -> None:
    """No hangup is ever heard of this call; the resync after the crash finds it gone."""
    await office.phone(1).rings()
    call = await office.call()
    await call.rings()
    await office.half_a_second()
    await office.world.pbx.kill()
    await call.stop()
    await office.world.pbx.start()
    await office.expect_text(call, reason="pbx_stopped")


@scenario("direct", ring=30, alone=True, line="rings = 20")
async def test_the_pbx_is_stopped_while_a_phone_rings(office: Office) -> None:
    await office.phone(1).rings()
    call = await office.call()
    await call.rings()
    await office.half_a_second()
    await office.world.pbx.stop()
    await call.over()
    await office.world.pbx.start()
    await office.expect_text(call, reason="pbx_stopped")


@scenario("direct", ring=30, alone=True, quick=True, line="rings = 20")
async def test_the_pbx_restarts_while_a_phone_rings(office: Office) -> None:
    await office.phone(1).rings()
    call = await office.call()
    await call.rings()
    await office.half_a_second()
    await office.world.pbx.restart_now()
    await call.over()
    await office.expect_text(call, reason="pbx_stopped")


@scenario("direct", ring=30, alone=True, line="rings = 20")
async def test_the_pbx_is_killed_during_a_conversation(office: Office) -> None:
    await office.phone(1).answers(after=1)
    call = await office.call()
    await call.answered()
    await office.half_a_second()
    await office.world.pbx.kill()
    await call.stop()
    await office.world.pbx.start()
    await office.expect_no_text(call, rule="answered")


@scenario("direct", ring=10, alone=True)
async def test_a_call_after_the_pbx_came_back(office: Office) -> None:
    await office.phone(1).rings()
    await office.pbx_crashes_and_returns()
    call = await office.call(gives_up=5)
    assert (await call.over()).cancelled
    await office.expect_text(call, reason="abandoned")


@scenario("direct", alone=True, quick=True)
async def test_the_pbx_boots_while_the_agent_knocks(office: Office) -> None:
    """A login that comes before the PBX has booted is told of the boot in its own way, and that is no trouble."""
    for _ in range(5):
        await office.pbx_crashes_and_returns()
    assert "pbx-booting" not in office.world.agent.log()


@scenario("direct", ring=8, alone=True)
async def test_the_configuration_is_reloaded_while_a_phone_rings(office: Office) -> None:
    await office.phone(1).rings()
    call = await office.call()
    await call.rings()
    await office.world.pbx.cli("core reload")
    await call.over()
    await office.expect_text(call, reason="no_answer")


@scenario("direct", ring=12, alone=True, quick=True)
async def test_the_agent_is_killed_while_a_phone_rings(office: Office) -> None:
    """It comes back before the call ends, finds it in the live listing, and texts its caller."""
    await office.phone(1).rings()
    call = await office.call()
    await call.rings()
    await office.half_a_second()
    await office.world.agent.kill()
    await office.world.agent.start()
    assert (await call.over()).answered is None
    await office.expect_text(call, reason="no_answer")


@scenario("direct", ring=12, alone=True)
async def test_the_agent_is_killed_and_the_call_then_answered(office: Office) -> None:
    await office.phone(1).answers(after=5)
    call = await office.call(talks=2)
    await call.rings()
    await office.half_a_second()
    await office.world.agent.kill()
    await office.world.agent.start()
    assert (await call.over()).answered
    await office.expect_no_text(call, rule="answered")


@scenario("direct", ring=12, alone=True)
async def test_the_agent_is_killed_during_a_conversation(office: Office) -> None:
    await office.phone(1).answers(after=1)
    call = await office.call(talks=8)
    await call.answered()
    await office.half_a_second()
    await office.world.agent.kill()
    await office.world.agent.start()
    assert (await call.over()).bye_sent
    await office.expect_no_text(call, rule="answered")


@scenario("queue", ring=60, alone=True)
async def test_the_agent_is_killed_while_a_caller_waits_in_a_queue(office: Office) -> None:
    await office.phone(1).rings()
    await office.phone(2).rings()
    call = await office.call(talks=10)
    await call.answered()
    await office.half_a_second()
    await office.world.agent.kill()
    await office.world.agent.start()
    assert (await call.over()).bye_sent
    await office.expect_text(call, reason="queue_abandoned")


@scenario("direct", ring=4, alone=True, quick=True)
async def test_a_call_is_missed_while_the_agent_is_away(office: Office) -> None:
    """Records tell of it, but not whether the number was withheld: it is listed for call-back."""
    await office.phone(1).rings()
    before = await office.call()
    await before.over()
    await office.expect_text(before, reason="no_answer")
    await office.world.agent.kill()
    call = await office.call()
    assert (await call.over()).rang
    await office.world.agent.start()
    await office.expect_no_text(call, rule="presentation_unknown", reason="no_answer")


@scenario("ring_group_mailbox", ring=3, alone=True)
async def test_a_mailbox_took_the_call_while_the_agent_was_away(office: Office) -> None:
    await office.phone(1).rings()
    await office.phone(2).rings()
    before = await office.call(talks=3)
    await before.over()
    await office.expect_text(before, reason="voicemail")
    await office.world.agent.kill()
    call = await office.call(talks=3)
    assert (await call.over()).answered
    await office.world.agent.start()
    await office.expect_no_text(call, rule="presentation_unknown", reason="voicemail")


@scenario("direct", ring=8, alone=True)
async def test_a_call_is_answered_while_the_agent_is_away(office: Office) -> None:
    await office.phone(1).answers(after=4)
    before = await office.call(talks=1)
    assert (await before.over()).answered
    await office.expect_no_text(before, rule="answered")
    await office.world.agent.kill()
    call = await office.call(talks=1)
    assert (await call.over()).answered
    await office.world.agent.start()
    await office.expect_no_text(call, rule="answered")


@scenario("direct", ring=4, alone=True)
async def test_the_ledger_remembers_the_text_when_the_agent_is_killed(office: Office) -> None:
    await office.phone(1).rings()
    call = await office.call()
    await call.over()
    await office.expect_text(call, reason="no_answer")
    await office.world.agent.kill()
    await office.world.agent.start()
    again = await office.call(call.caller)
    await again.over()
    await office.expect_no_text(again, rule="cooldown", reason="no_answer")
