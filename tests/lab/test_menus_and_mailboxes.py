"""Menus, announcements, mailboxes: the PBX talks, nobody else."""

from tests.lab.sip_scripts import Press, Talk
from tests.lab.stage import scenario
from tests.lab.story import Office


@scenario("menu", quick=True)
async def test_the_caller_hangs_up_in_the_menu(office: Office) -> None:
    call = await office.call(talks=3)
    assert (await call.over()).bye_sent
    await office.expect_no_text(call, rule="reason_off", reason="menu_abandoned")


@scenario("menu", line='text_on = ["menu_abandoned"]')
async def test_the_menu_hears_no_choice_and_says_goodbye(office: Office) -> None:
    call = await office.call()
    truth = await call.over()
    assert truth.answered and not truth.bye_sent
    await office.expect_text(call, reason="menu_abandoned")


@scenario("menu", ring=8)
async def test_a_choice_and_an_answer(office: Office) -> None:
    await office.phone(1).answers(after=1)
    call = await office.call(steps=(Talk(1), Press("1"), Talk(4)))
    await call.over()
    assert office.phone(1).calls()[0].answered
    await office.expect_no_text(call, rule="answered")


@scenario("menu")
async def test_a_choice_and_nobody(office: Office) -> None:
    await office.phone(1).rings()
    call = await office.call(steps=(Talk(1), Press("1"), Talk(30)))
    truth = await call.over()
    assert truth.answered and not truth.bye_sent
    await office.expect_text(call, reason="no_answer")


@scenario("mailbox", ring=3)
async def test_a_phone_and_then_its_mailbox(office: Office) -> None:
    await office.phone(1).rings()
    call = await office.call(talks=6)
    text = await office.expect_text(call, reason="voicemail")
    truth = await call.over()
    assert truth.over and text.at < truth.over


@scenario("local_mailbox", ring=3, quick=True)
async def test_a_mailbox_behind_a_local_channel(office: Office) -> None:
    """The caller is bridged to the Local channel and talks to a machine."""
    await office.phone(1).rings()
    call = await office.call(talks=6)
    assert (await call.over()).answered
    await office.expect_text(call, reason="voicemail")


@scenario("mailbox", ring=10)
async def test_a_busy_phone_and_then_its_mailbox(office: Office) -> None:
    await office.phone(1).is_busy()
    call = await office.call(talks=4)
    await call.over()
    await office.expect_text(call, reason="voicemail")


@scenario("closed_mailbox")
async def test_after_hours_a_mailbox_at_once(office: Office) -> None:
    call = await office.call(talks=5)
    await call.over()
    await office.expect_text(call, reason="closed")


@scenario("closed_announcement")
async def test_after_hours_an_announcement(office: Office) -> None:
    call = await office.call()
    truth = await call.over()
    assert truth.answered and not truth.bye_sent
    await office.expect_text(call, reason="closed")
