"""Queues: the PBX has answered and plays music, which is no answer."""

from tests.lab.sip_scripts import PhonePlan, Press, Talk
from tests.lab.stage import scenario
from tests.lab.story import Office


@scenario("queue", ring=12)
async def test_an_agent_answers(office: Office) -> None:
    await office.phone(1).rings()
    await office.phone(2).answers(after=2)
    call = await office.call(talks=5)
    await call.over()
    assert office.phone(2).calls()[0].answered
    await office.expect_no_text(call, rule="answered")


@scenario("queue_local", ring=12, quick=True)
async def test_an_agent_behind_a_local_channel_answers(office: Office) -> None:
    await office.phone(1).answers(after=2)
    await office.phone(2).rings()
    call = await office.call(talks=5)
    await call.over()
    assert office.phone(1).calls()[0].answered
    await office.expect_no_text(call, rule="answered")


@scenario("queue", ring=20)
async def test_the_caller_leaves_the_queue(office: Office) -> None:
    await office.phone(1).rings()
    await office.phone(2).is_busy()
    call = await office.call(talks=5)
    truth = await call.over()
    assert truth.answered and truth.bye_sent
    await office.expect_text(call, reason="queue_abandoned")


@scenario("queue_local", ring=20)
async def test_the_caller_leaves_a_queue_of_local_members(office: Office) -> None:
    await office.phone(1).rings()
    await office.phone(2).rings()
    call = await office.call(talks=5)
    assert (await call.over()).bye_sent
    await office.expect_text(call, reason="queue_abandoned")


@scenario("queue", ring=20)
async def test_the_caller_leaves_the_queue_at_once(office: Office) -> None:
    await office.phone(1).rings()
    await office.phone(2).rings()
    call = await office.call(talks=1)
    assert (await call.over()).bye_sent
    await office.expect_no_text(call, rule="short_ring", reason="queue_abandoned")


@scenario("queue", ring=5)
async def test_the_queue_gives_up(office: Office) -> None:
    await office.phone(1).rings()
    await office.phone(2).rings()
    call = await office.call()
    truth = await call.over()
    assert truth.answered and not truth.bye_sent
    await office.expect_text(call, reason="queue_timeout")


@scenario("queue_local", ring=5, quick=True)
async def test_a_queue_of_local_members_gives_up(office: Office) -> None:
    await office.phone(1).rings()
    await office.phone(2).rings()
    call = await office.call()
    truth = await call.over()
    assert truth.answered and not truth.bye_sent
    await office.expect_text(call, reason="queue_timeout")


@scenario("queue_announced", ring=30, quick=True)
async def test_the_agent_drops_before_the_join(office: Office) -> None:
    """She picks up, hears the announcement and hangs up; the PBX says DialEnd ANSWER, and nobody talked."""
    await office.phone(1).does(PhonePlan(final=200, after=1, steps=(Talk(0.4),)))
    await office.phone(2).is_busy()
    call = await office.call(talks=6)
    truth = await call.over()
    assert truth.answered and truth.bye_sent
    assert all(leg.answered and leg.bye_sent for leg in office.phone(1).calls()[:1])
    await office.expect_text(call, reason="queue_abandoned")


@scenario("queue_mailbox", ring=4)
async def test_a_queue_and_then_the_mailbox(office: Office) -> None:
    await office.phone(1).rings()
    await office.phone(2).rings()
    call = await office.call(talks=12)
    await call.over()
    await office.expect_text(call, reason="voicemail")


@scenario("queue_failover", ring=5)
async def test_a_queue_and_then_a_phone_that_answers(office: Office) -> None:
    await office.phone(1).rings()
    await office.phone(2).rings()
    await office.phone(3).answers(after=1)
    call = await office.call(talks=12)
    await call.over()
    assert office.phone(3).calls()[0].answered
    await office.expect_no_text(call, rule="answered")


@scenario("menu", ring=12)
async def test_a_menu_and_then_a_queue_that_answers(office: Office) -> None:
    await office.phone(1).answers(after=2)
    await office.phone(2).rings()
    call = await office.call(steps=(Talk(1), Press("2"), Talk(6)))
    await call.over()
    assert office.phone(1).calls()[0].answered
    await office.expect_no_text(call, rule="answered")
