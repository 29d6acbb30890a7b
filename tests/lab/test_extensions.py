"""A number that rings one phone."""

from tests.lab.stage import scenario
from tests.lab.story import Office


@scenario("direct", quick=True)
async def test_answered(office: Office) -> None:
    await office.phone(1).answers(after=1)
    call = await office.call(talks=2)
    truth = await call.over()
    assert truth.answered and truth.bye_sent
    row = await office.expect_no_text(call, rule="answered")
    assert row["answered_at"]


@scenario("plain")
async def test_answered_in_a_handwritten_dialplan(office: Office) -> None:
    await office.phone(1).answers(after=1)
    call = await office.call(talks=1, handmade=True)
    assert (await call.over()).answered
    await office.expect_no_text(call, rule="answered")


@scenario("plain_audio")
async def test_answered_and_the_local_channel_optimised_away(office: Office) -> None:
    """With real audio the phone moves from its own bridge into the caller's, and the Local halves hang up."""
    audio = office.tone()
    await office.phone(1).answers(after=1, audio=audio)
    call = await office.call(talks=3, audio=audio)
    assert (await call.over()).answered
    await office.expect_no_text(call, rule="answered")


@scenario("direct", quick=True)
async def test_nobody_takes_it(office: Office) -> None:
    await office.phone(1).rings()
    call = await office.call()
    truth = await call.over()
    assert truth.rang and not truth.answered and not truth.cancelled
    await office.expect_text(call, reason="no_answer")


@scenario("plain")
async def test_nobody_in_a_handwritten_dialplan(office: Office) -> None:
    await office.phone(1).rings()
    call = await office.call(handmade=True)
    assert (await call.over()).rang
    await office.expect_text(call, reason="no_answer")


@scenario("direct", ring=10, line="rings = 1", quick=True)
async def test_the_ring_limit_passes_while_the_phone_rings(office: Office) -> None:
    """One ring is six seconds in the US: the text comes while the caller still waits."""
    await office.phone(1).rings()
    call = await office.call()
    text = await office.expect_text(call, reason="no_answer")
    truth = await call.over()
    assert truth.rang and truth.over
    assert truth.rang < text.at < truth.over


@scenario("direct", ring=12, line="rings = 1")
async def test_answered_after_the_ring_limit(office: Office) -> None:
    """The text is gone by then; the answer is recorded all the same."""
    await office.phone(1).answers(after=8)
    call = await office.call(talks=1)
    await office.expect_text(call, reason="no_answer")
    assert (await call.over()).answered
    row = await office.row(call, ended=True)
    assert row["answered_at"]


@scenario("direct")
async def test_busy(office: Office) -> None:
    await office.phone(1).is_busy()
    call = await office.call()
    await call.over()
    assert office.phone(1).calls()[0].rang is None
    await office.expect_text(call, reason="busy")


@scenario("direct")
async def test_declined(office: Office) -> None:
    await office.phone(1).declines()
    call = await office.call()
    assert (await call.over()).rang
    await office.expect_text(call, reason="declined")


@scenario("direct")
async def test_do_not_disturb(office: Office) -> None:
    await office.phone(1).wants_quiet()
    call = await office.call()
    await call.over()
    assert office.phone(1).calls()[0].rang is None
    await office.expect_text(call, reason="unreachable")


@scenario("direct")
async def test_the_phone_says_nothing(office: Office) -> None:
    await office.phone(1).is_silent()
    call = await office.call()
    await call.over()
    assert office.phone(1).calls()[0].rang is None
    await office.expect_text(call, reason="unreachable")


@scenario("direct")
async def test_the_phone_is_unplugged(office: Office) -> None:
    """Registered, but nothing listens at its address."""
    call = await office.call()
    assert not (await call.over()).answered
    await office.expect_text(call, reason="unreachable")


@scenario("direct", unregistered=True)
async def test_the_phone_is_not_registered(office: Office) -> None:
    call = await office.call()
    assert not (await call.over()).answered
    await office.expect_text(call, reason="unreachable")


@scenario("plain", unregistered=True)
async def test_the_phone_is_not_registered_and_the_call_is_over_in_a_millisecond(office: Office) -> None:
    """Often gone before the PBX could be asked whether the number was withheld; then it is listed for call-back."""
    call = await office.call()
    assert not (await call.over()).answered
    if (await office.row(call, ended=True))["rule"] == "text":
        await office.expect_text(call, reason="unreachable")
    else:
        await office.expect_no_text(call, rule="presentation_unknown", reason="unreachable")


@scenario("direct", ring=10)
async def test_the_caller_leaves_at_once(office: Office) -> None:
    await office.phone(1).rings()
    call = await office.call(gives_up=1)
    truth = await call.over()
    assert truth.rang and truth.cancelled
    await office.expect_no_text(call, rule="short_ring", reason="abandoned")


@scenario("direct", ring=12, quick=True)
async def test_the_caller_leaves_late(office: Office) -> None:
    await office.phone(1).rings()
    call = await office.call(gives_up=5)
    truth = await call.over()
    assert truth.rang and truth.cancelled
    await office.expect_text(call, reason="abandoned")


@scenario("direct", ring=12, line="rings = 1")
async def test_a_phone_that_plays_early_media_rings(office: Office) -> None:
    """183 instead of 180 starts the ring limit too."""
    await office.phone(1).plays_early_media()
    call = await office.call()
    text = await office.expect_text(call, reason="no_answer")
    truth = await call.over()
    seen = office.phone(1).calls()[0]
    assert seen.rang is None and seen.early_media and truth.over
    assert text.at < truth.over


@scenario("answer_first")
async def test_the_pbx_answers_first_and_nobody_takes_it(office: Office) -> None:
    await office.phone(1).rings()
    call = await office.call()
    assert (await call.over()).answered
    assert office.phone(1).calls()[0].rang and not office.phone(1).calls()[0].answered
    await office.expect_text(call, reason="no_answer")


@scenario("answer_first")
async def test_the_pbx_answers_first_and_then_a_phone(office: Office) -> None:
    await office.phone(1).answers(after=1)
    call = await office.call(talks=3)
    await call.over()
    assert office.phone(1).calls()[0].answered
    await office.expect_no_text(call, rule="answered")


@scenario("direct", ring=8)
async def test_the_phone_forwards_to_another(office: Office) -> None:
    await office.phone(1).forwards(office.phone(2).extension)
    await office.phone(2).answers(after=1)
    call = await office.call(talks=1)
    assert (await call.over()).answered
    assert office.phone(2).calls()[0].answered
    await office.expect_no_text(call, rule="answered")


@scenario("direct", ring=5)
async def test_the_phone_forwards_and_nobody_takes_it(office: Office) -> None:
    await office.phone(1).forwards(office.phone(2).extension)
    await office.phone(2).rings()
    call = await office.call()
    await call.over()
    assert office.phone(2).calls()[0].rang
    await office.expect_text(call, reason="no_answer")


@scenario("forward_mobile", ring=8)
async def test_forwarded_to_a_mobile_that_answers(office: Office) -> None:
    await office.mobile.answers(after=2)
    call = await office.call(talks=1)
    assert (await call.over()).answered
    assert office.mobile.calls()[0].answered
    await office.expect_no_text(call, rule="answered")


@scenario("forward_mobile")
async def test_forwarded_to_a_mobile_that_rings_on(office: Office) -> None:
    await office.mobile.rings()
    call = await office.call()
    await call.over()
    assert office.mobile.calls()[0].rang
    await office.expect_text(call, reason="no_answer")
