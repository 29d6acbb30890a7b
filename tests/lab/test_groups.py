"""Ring groups, hunts and follow-me: many legs, one call."""

from tests.lab.stage import scenario
from tests.lab.story import Office


@scenario("ring_group", ring=8, quick=True)
async def test_the_second_phone_answers(office: Office) -> None:
    await office.phone(1).rings()
    await office.phone(2).answers(after=2)
    call = await office.call(talks=1)
    assert (await call.over()).answered
    assert office.phone(1).calls()[0].cancelled and office.phone(2).calls()[0].answered
    await office.expect_no_text(call, rule="answered")


@scenario("ring_group", quick=True)
async def test_nobody_of_a_group(office: Office) -> None:
    await office.phone(1).rings()
    await office.phone(2).rings()
    call = await office.call()
    assert not (await call.over()).answered
    assert all(office.phone(n).calls()[0].rang for n in (1, 2))
    await office.expect_text(call, reason="no_answer")


@scenario("ring_group", ring=12)
async def test_the_caller_leaves_a_ringing_group(office: Office) -> None:
    await office.phone(1).rings()
    await office.phone(2).is_busy()
    call = await office.call(gives_up=5)
    assert (await call.over()).cancelled
    await office.expect_text(call, reason="abandoned")


@scenario("ring_group")
async def test_all_of_a_group_are_busy(office: Office) -> None:
    await office.phone(1).is_busy()
    await office.phone(2).is_busy()
    call = await office.call()
    await call.over()
    await office.expect_text(call, reason="busy")


@scenario("parallel")
async def test_nobody_of_two_phones_dialled_together(office: Office) -> None:
    await office.phone(1).rings()
    await office.phone(2).rings()
    call = await office.call(handmade=True)
    await call.over()
    await office.expect_text(call, reason="no_answer")


@scenario("ring_group_mailbox", ring=3, quick=True)
async def test_a_group_and_then_the_mailbox(office: Office) -> None:
    """The text goes out as the mailbox answers, not after the message."""
    await office.phone(1).rings()
    await office.phone(2).rings()
    call = await office.call(talks=6)
    await call.answered()
    text = await office.expect_text(call, reason="voicemail")
    truth = await call.over()
    assert truth.over and text.at < truth.over


@scenario("hunt", ring=3)
async def test_the_third_of_a_hunt_answers(office: Office) -> None:
    await office.phone(1).rings()
    await office.phone(2).rings()
    await office.phone(3).answers(after=1)
    call = await office.call(talks=1)
    assert (await call.over()).answered
    assert office.phone(3).calls()[0].answered
    await office.expect_no_text(call, rule="answered")


@scenario("hunt", ring=2)
async def test_nobody_of_a_hunt_and_then_an_announcement(office: Office) -> None:
    for n in (1, 2, 3):
        await office.phone(n).rings()
    call = await office.call()
    truth = await call.over()
    assert truth.answered and not truth.bye_sent
    await office.expect_text(call, reason="no_answer")


@scenario("hunt", ring=4, line="rings = 1")
async def test_the_ring_limit_runs_on_from_phone_to_phone(office: Office) -> None:
    """The caller hears one run of ringing: the limit of six seconds passes in the second phone's turn."""
    for n in (1, 2, 3):
        await office.phone(n).rings()
    call = await office.call()
    text = await office.expect_text(call, reason="no_answer")
    await call.over()
    second = office.phone(2).calls()[0]
    assert second.rang and second.over
    assert second.rang < text.at < second.over


@scenario("follow_me", ring=10, quick=True)
async def test_the_mobile_answers_and_confirms(office: Office) -> None:
    await office.phone(1).rings()
    await office.mobile.answers(after=1, presses="1")
    call = await office.call(talks=2)
    assert (await call.over()).answered
    assert office.mobile.calls()[0].answered
    await office.expect_no_text(call, rule="answered")


@scenario("follow_me", ring=10, quick=True)
async def test_the_mobile_answers_and_never_confirms(office: Office) -> None:
    """A mobile's own mailbox picks up: nobody talked to the caller."""
    await office.phone(1).rings()
    await office.mobile.answers(after=1)
    call = await office.call()
    assert not (await call.over()).answered
    assert office.mobile.calls()[0].answered and office.phone(1).calls()[0].rang
    await office.expect_text(call, reason="no_answer")


@scenario("follow_me", ring=15)
async def test_the_caller_leaves_while_the_mobile_is_asked(office: Office) -> None:
    await office.phone(1).rings()
    await office.mobile.answers(after=1)
    call = await office.call(gives_up=4)
    assert (await call.over()).cancelled
    assert office.mobile.calls()[0].answered
    await office.expect_text(call, reason="abandoned")


@scenario("follow_me", ring=10)
async def test_the_desk_answers(office: Office) -> None:
    await office.phone(1).answers(after=2)
    await office.mobile.rings()
    call = await office.call(talks=1)
    assert (await call.over()).answered
    assert office.mobile.calls()[0].cancelled
    await office.expect_no_text(call, rule="answered")
