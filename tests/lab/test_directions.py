"""Calls that don't come in, callers who were called back, callers who call twice."""

from tests.lab.stage import scenario
from tests.lab.story import Office


@scenario("direct")
async def test_an_outbound_call(office: Office) -> None:
    """Its trunk leg starts in the inbound context, and is no inbound call."""
    await office.mobile.answers(after=1)
    call = await office.dial(1, office.new_caller(), talks=1)
    assert (await call.over()).answered
    await office.expect_no_text(call, rule="not_inbound")
    assert [r for r in await office.world.agent.rows() if r["line"] == office.did] == []


@scenario("direct")
async def test_an_outbound_call_that_nobody_takes(office: Office) -> None:
    await office.mobile.rings()
    number = office.new_caller()
    call = await office.dial(1, number, gives_up=5)
    assert (await call.over()).cancelled
    await office.expect_no_text(call, rule="not_inbound")
    assert office.world.texts(number) == []


@scenario("direct")
async def test_an_internal_call_that_nobody_takes(office: Office) -> None:
    await office.phone(2).rings()
    call = await office.dial(1, office.phone(2).extension, gives_up=5)
    assert (await call.over()).cancelled
    await office.expect_no_text(call, rule="not_inbound")


@scenario("direct", quick=True)
async def test_missed_again_after_the_text(office: Office) -> None:
    """One text, however many calls."""
    await office.phone(1).rings()
    first = await office.call()
    await first.over()
    await office.expect_text(first, reason="no_answer")
    second = await office.call(first.caller)
    await second.over()
    await office.expect_no_text(second, rule="cooldown", reason="no_answer")


@scenario("direct")
async def test_missed_after_he_was_called_back(office: Office) -> None:
    await office.phone(1).rings()
    await office.mobile.answers(after=1)
    first = await office.call(gives_up=1)
    await first.over()
    await office.expect_no_text(first, rule="short_ring", reason="abandoned")
    assert first.caller is not None
    back = await office.dial(2, first.caller, talks=2)
    assert (await back.over()).answered
    await office.expect_no_text(back, rule="not_inbound")
    second = await office.call(first.caller)
    await second.over()
    await office.expect_no_text(second, rule="in_touch", reason="no_answer")


@scenario("first_come", ring=6, quick=True)
async def test_the_same_caller_on_two_calls_and_one_is_answered(office: Office) -> None:
    """The missed one ends while the other is talking."""
    await office.phone(1).answers(after=1)
    await office.phone(2).rings()
    talking = await office.call(talks=12)
    await talking.answered()
    missed = await office.call(talking.caller)
    assert not (await missed.over()).answered
    await office.expect_no_text(missed, rule="in_touch", reason="no_answer")
    assert (await talking.over()).answered
    await office.expect_no_text(talking, rule="answered")


@scenario("direct")
async def test_the_same_caller_misses_twice_at_once(office: Office) -> None:
    """Two calls of one number in the same second give one text."""
    await office.phone(1).rings()
    number = office.new_caller()
    first = await office.call(number)
    second = await office.call(number)
    await first.over()
    await second.over()
    await office.expect_text(first, reason="no_answer")
    await office.expect_no_text(second, rule="cooldown", reason="no_answer")


@scenario("spread", ring=5, quick=True)
async def test_twenty_calls_at_once(office: Office) -> None:
    """Ten ring a phone that answers, ten one that doesn't."""
    await office.phone(1).answers(after=2)
    await office.phone(2).rings()
    numbers = [office.new_caller() for _ in range(20)]
    calls = [await office.call(number, talks=3) for number in numbers]
    answered = [call for call in calls if (await call.over()).answered]
    assert len(answered) == 10
    for call in calls:
        if call in answered:
            await office.expect_no_text(call, rule="answered")
        else:
            await office.expect_text(call, reason="no_answer")
