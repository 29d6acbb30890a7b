"""Calls that move: parking, pickup, transfers, conferences."""

from tests.lab.stage import scenario
from tests.lab.story import Office

PARKING = "9990"


@scenario("direct", ring=8, quick=True)
async def test_answered_then_parked_and_abandoned(office: Office) -> None:
    await office.phone(1).answers(after=1)
    call = await office.call(talks=6)
    await office.phone(1).answered()
    await office.phone(1).transfers(PARKING)
    assert (await call.over()).bye_sent
    await office.expect_no_text(call, rule="answered")


@scenario("park_straight")
async def test_parked_straight(office: Office) -> None:
    call = await office.call(talks=4)
    assert (await call.over()).bye_sent
    await office.expect_no_text(call, rule="reason_off", reason="other")


@scenario("direct", ring=12, quick=True)
async def test_picked_up_at_another_phone(office: Office) -> None:
    await office.phone(1).rings()
    call = await office.call(talks=3)
    await call.rings()
    taker = await office.dial(3, f"**{office.phone(1).extension}")
    assert (await call.over()).answered
    assert (await taker.over()).answered and not office.phone(1).calls()[0].answered
    await office.expect_no_text(call, rule="answered")


@scenario("direct", ring=12, quick=True)
async def test_attended_transfer(office: Office) -> None:
    await office.phone(1).answers(after=1)
    await office.phone(2).answers(after=1)
    call = await office.call(talks=8)
    await office.phone(1).answered()
    asked = await office.dial(1, office.phone(2).extension)
    await asked.answered()
    await office.phone(1).transfers(office.phone(2).extension, replacing=asked)
    truth = await call.over()
    joined = (await asked.over()).bye
    last = await office.phone(2).until(lambda leg: leg.bye)
    assert truth.answered and truth.bye_sent and joined
    assert last.bye and not last.bye_sent and last.bye > joined, "phone 2 stayed with the caller to the end"
    await office.expect_no_text(call, rule="answered")
    await office.expect_no_text(asked, rule="not_inbound")


@scenario("direct", ring=12)
async def test_blind_transfer(office: Office) -> None:
    await office.phone(1).answers(after=1)
    await office.phone(2).answers(after=1)
    call = await office.call(talks=6)
    await office.phone(1).answered()
    await office.phone(1).transfers(office.phone(2).extension)
    await call.over()
    assert office.phone(2).calls()[0].answered
    await office.expect_no_text(call, rule="answered")


@scenario("direct", ring=4)
async def test_blind_transfer_that_nobody_takes(office: Office) -> None:
    """Once a human has answered, the call stays answered."""
    await office.phone(1).answers(after=1)
    await office.phone(2).rings()
    call = await office.call()
    await office.phone(1).answered()
    await office.phone(1).transfers(office.phone(2).extension)
    await call.over()
    assert office.phone(2).calls()[0].rang
    await office.expect_no_text(call, rule="answered")


@scenario("conference")
async def test_alone_in_a_conference(office: Office) -> None:
    call = await office.call(talks=4)
    assert (await call.over()).bye_sent
    await office.expect_no_text(call, rule="reason_off", reason="other")


@scenario("conference")
async def test_a_phone_joins_the_conference(office: Office) -> None:
    call = await office.call(talks=5)
    await call.answered()
    joined = await office.dial(2, f"{office.number}8", talks=2)
    assert (await joined.answered()).answered
    assert (await call.over()).bye_sent
    await office.expect_no_text(call, rule="answered")
