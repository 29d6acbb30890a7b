"""Handing texts over to a provider that misbehaves in every way it can: once each, or not at all."""

import asyncio
import io

import pytest

from sms import aftermath
from sms.console import ConsoleProvider
from sms.outbox import LOOK_AGAIN, Alarm
from sms.provider import Accepted, Fate, OutgoingText, Status
from sms.reconcile import record_status
from storage.queries import callers, conditions, texts
from storage.vocabulary import OptOutSource, TextState
from tests.doubles.twilio.troubles import (
    Canned,
    Trouble,
    answers,
    drops_after,
    drops_before,
    drops_during,
    error_500,
    error_502,
    hangs,
    late,
    slow_down,
    unauthorized,
)
from tests.unit.sms.desks import ANNA, BERT, text_desk
from tests.virtual_time import clock, in_virtual_time


class TestOnce:
    @in_virtual_time
    async def test_a_text_leaves_and_arrives(self) -> None:
        async with text_desk() as desk:
            text = desk.queue()
            desk.start("outbox", "reconciler")
            await desk.reaches(text, "delivered")
            assert desk.twilio.posts() == 1
            assert desk.moves(text) == [
                (None, "queued"),
                ("queued", "sending"),
                ("sending", "accepted"),
                ("accepted", "delivered"),
            ]

    @pytest.mark.parametrize(
        "trouble",
        [
            drops_before(),
            drops_during(),
            drops_after(),
            error_500(stores=True),
            error_500(stores=False),
            error_502(stores=True),
            error_502(stores=False),
            hangs(stores=True),
            hangs(stores=False),
            late(20),
            answers(Canned(201, b"{}"), stores=True),
            answers(Canned(201, b"not json"), stores=True),
            answers(Canned(302, b""), stores=False),
        ],
        ids=lambda trouble: f"{trouble.name}{'' if trouble.stores else ', not taken'}",
    )
    @in_virtual_time
    async def test_an_unknown_fate_is_asked_for_and_never_sent_again(self, trouble: Trouble) -> None:
        async with text_desk() as desk:
            desk.twilio.on_post(trouble)
            text = desk.queue()
            desk.start("outbox", "reconciler")
            await desk.reaches(text, "unknown", "failed")
            await asyncio.sleep(60)
            await desk.stop()
            desk.start("reconciler")
            await asyncio.sleep(3600)
            assert desk.twilio.posts() == 1
            assert desk.state(text) == ("delivered" if trouble.stores else "unknown")
            assert len(desk.twilio.handset(ANNA)) == (1 if trouble.stores else 0)

    @in_virtual_time
    async def test_one_interrupted_by_the_end_of_the_program_is_adopted_at_the_next_start(self) -> None:
        async with text_desk() as desk:
            desk.twilio.on_post(hangs(stores=True))
            text = desk.queue()
            desk.start("outbox")
            await desk.twilio.record.wait_for("stored")
            await desk.stop()
            assert desk.state(text) == "sending"
            desk.start("outbox", "reconciler")
            await desk.reaches(text, "delivered")
            assert desk.twilio.posts() == 1
            assert ("sending", "unknown") in desk.moves(text)

    @in_virtual_time
    async def test_one_interrupted_though_the_provider_had_spoken_of_it_is_no_unknown(self) -> None:
        """Its webhook outran its answer: the provider's name of it is known, and the rest can be asked by that."""
        async with text_desk() as desk:
            desk.twilio.on_post(hangs(stores=True))
            text = desk.queue()
            desk.start("outbox")
            [stored] = await desk.twilio.record.wait_for("stored")
            early = Status(str(stored["sid"]), TextState.ACCEPTED, final=False, ref=texts.get(desk.db, text).ref)
            record_status(desk.db, early, clock())
            await desk.stop()
            desk.start("outbox", "reconciler")
            await asyncio.sleep(600)
            assert desk.state(text) == "delivered"
            assert desk.twilio.posts() == 1

    @in_virtual_time
    async def test_one_interrupted_before_it_left_stays_unknown_for_ever(self) -> None:
        async with text_desk() as desk:
            desk.twilio.on_post(hangs(stores=False))
            text = desk.queue()
            desk.start("outbox")
            await desk.twilio.record.wait_for("post")
            await desk.stop()
            desk.start("outbox", "reconciler")
            await asyncio.sleep(600)
            assert desk.state(text) == "unknown"
            assert desk.twilio.posts() == 1

    @in_virtual_time
    async def test_an_answer_of_another_text_is_not_adopted(self) -> None:
        """Two of the same body to the same number: the one known already isn't taken for the lost one."""
        async with text_desk() as desk:
            first = desk.queue()
            desk.start("outbox", "reconciler")
            await desk.reaches(first, "delivered")
            desk.twilio.on_post(drops_before())
            second = desk.queue()
            await desk.reaches(second, "unknown")
            await asyncio.sleep(400)
            assert desk.state(second) == "unknown"

    @in_virtual_time
    async def test_a_list_that_lags_is_asked_again(self) -> None:
        async with text_desk() as desk:
            desk.twilio.list_lag = 45.0
            desk.twilio.on_post(drops_after())
            text = desk.queue()
            desk.start("outbox", "reconciler")
            await desk.reaches(text, "delivered")

    @in_virtual_time
    async def test_one_of_unknown_fate_is_found_behind_many_others_to_that_number(self) -> None:
        """As among the texts to a busy person of the staff."""
        async with text_desk() as desk:
            desk.twilio.list_lag = 200.0
            desk.twilio.on_post(drops_after())
            text = desk.queue()
            desk.start("outbox", "reconciler")
            await desk.reaches(text, "unknown")
            for n in range(30):
                desk.queue(due=3.0 * n, body=f"URGENT, number {n}")
            await asyncio.sleep(600)
            assert desk.state(text) == "delivered"

    @in_virtual_time
    async def test_one_that_nobody_asks_for_any_more_is_asked_about_once_the_provider_speaks_of_it(self) -> None:
        async with text_desk() as desk:
            desk.twilio.list_lag = 86_400.0
            desk.twilio.on_post(drops_after())
            text = desk.queue()
            desk.start("outbox", "reconciler")
            [stored] = await desk.twilio.record.wait_for("stored")
            await asyncio.sleep(400)
            assert desk.state(text) == "unknown"
            late = Status(str(stored["sid"]), TextState.SENT, final=False, ref=texts.get(desk.db, text).ref)
            record_status(desk.db, late, clock())
            await asyncio.sleep(2 * 3600)
            assert desk.state(text) == "delivered"

    @in_virtual_time
    async def test_a_hundred_at_once_leave_once_each(self) -> None:
        async with text_desk() as desk:
            numbers = [f"+12025550{100 + n}" for n in range(100)]
            ids = [desk.queue(number) for number in numbers]
            desk.start("outbox")
            for text in ids:
                desk.outbox.hand_over(text)
                desk.outbox.hand_over(text)
            await asyncio.gather(*(desk.reaches(text, "accepted") for text in ids))
            assert desk.twilio.posts() == 100
            desk.twilio.at_most_one_per_miss()


class TestTriedAgain:
    @in_virtual_time
    async def test_what_certainly_never_left_is_tried_while_it_is_fresh(self) -> None:
        async with text_desk() as desk:
            await desk.twilio.down()
            text = desk.queue()
            desk.start("outbox")
            await asyncio.sleep(60)
            assert desk.state(text) == "queued"
            assert Alarm.PROVIDER in [told.alarm for told in desk.told if told.words]
            await desk.twilio.up()
            await desk.reaches(text, "accepted")
            assert desk.twilio.posts() == 1
            assert desk.told[-1].words is None, "the alarm is over"

    @in_virtual_time
    async def test_and_expires_after_it(self) -> None:
        async with text_desk() as desk:
            await desk.twilio.down()
            text = desk.queue(fresh=120)
            desk.start("outbox")
            await desk.reaches(text, "expired")
            await desk.twilio.up()
            await asyncio.sleep(60)
            assert desk.twilio.posts() == 0

    @in_virtual_time
    async def test_too_many_requests_waits_as_long_as_it_is_told(self) -> None:
        async with text_desk() as desk:
            desk.twilio.on_post(slow_down("30"))
            text = desk.queue()
            desk.start("outbox")
            await desk.reaches(text, "accepted")
            first, second = desk.twilio.record.of("post")
            assert 30 <= float(str(second["at"])) - float(str(first["at"])) <= 36
            assert len(desk.twilio.handset(ANNA)) == 1

    @in_virtual_time
    async def test_told_to_wait_beyond_its_freshness_it_expires_in_time(self) -> None:
        async with text_desk() as desk:
            desk.twilio.on_post(slow_down("86400"))
            text = desk.queue(fresh=300)
            desk.start("outbox")
            await asyncio.sleep(400)
            assert desk.state(text) == "expired"

    @in_virtual_time
    async def test_the_validity_is_what_is_left_of_the_freshness(self) -> None:
        async with text_desk() as desk:
            desk.queue(fresh=100.9)
            desk.start("outbox")
            [stored] = await desk.twilio.record.wait_for("stored")
            assert stored["validity"] == 100.0

    @in_virtual_time
    async def test_one_with_hardly_any_freshness_left_is_not_handed_over(self) -> None:
        async with text_desk() as desk:
            text = desk.queue(fresh=9.9)
            desk.start("outbox")
            await desk.reaches(text, "expired")
            assert desk.twilio.posts() == 0


class TestRefused:
    @in_virtual_time
    async def test_an_opt_out_at_the_provider_becomes_one_here(self) -> None:
        async with text_desk() as desk:
            desk.twilio.reply(ANNA, "STOP")
            text = desk.queue()
            waits = desk.queue(due=600)
            desk.start("outbox")
            await desk.reaches(text, "failed")
            assert desk.state(waits) == "cancelled"
            opt_out = callers.opt_out_in_force(desk.db, ANNA)
            assert opt_out is not None
            assert opt_out.source is OptOutSource.PROVIDER

    @in_virtual_time
    async def test_a_number_that_takes_no_texts_is_left_alone(self) -> None:
        async with text_desk() as desk:
            desk.twilio.carrier.not_mobile.add(ANNA)
            text = desk.queue()
            desk.start("outbox")
            await desk.reaches(text, "failed")
            assert callers.no_texts(desk.db, ANNA, desk.twilio.now() + 300 * 86400)

    @in_virtual_time
    async def test_a_refused_account_stops_all_and_resume_goes_on(self) -> None:
        async with text_desk() as desk:
            desk.twilio.on_post(unauthorized())
            first = desk.queue(ANNA)
            desk.start("outbox")
            await desk.reaches(first, "failed")
            second = desk.queue(BERT)
            desk.outbox.hand_over(second)
            await asyncio.sleep(60)
            assert desk.state(second) == "queued"
            assert desk.twilio.posts() == 1
            assert Alarm.STOPPED in [told.alarm for told in desk.told]
            conditions.clear(desk.db, conditions.SENDING_STOPPED)
            await desk.reaches(second, "accepted")

    @in_virtual_time
    async def test_texts_age_out_while_sending_is_stopped(self) -> None:
        async with text_desk() as desk:
            conditions.raise_condition(desk.db, conditions.SENDING_STOPPED, "wrong credentials", 0.0)
            text = desk.queue(fresh=60)
            desk.start("outbox")
            await desk.reaches(text, "expired")

    @in_virtual_time
    async def test_while_sending_is_stopped_the_queue_is_looked_at_every_five_seconds(self) -> None:
        async with text_desk() as desk:
            conditions.raise_condition(desk.db, conditions.SENDING_STOPPED, "wrong credentials", 0.0)
            desk.queue(fresh=900)
            desk.start("outbox")
            before = desk.ledger.writes
            await asyncio.sleep(60)
            looks = desk.ledger.writes - before
            assert looks <= 60 / LOOK_AGAIN + 2

    @in_virtual_time
    async def test_a_country_switched_off_fails_that_text_alone(self) -> None:
        async with text_desk() as desk:
            text = desk.queue("+442079460143")
            other = desk.queue(BERT)
            desk.start("outbox")
            await desk.reaches(text, "failed")
            await desk.reaches(other, "accepted")
            assert Alarm.COUNTRY in [told.alarm for told in desk.told]

    @in_virtual_time
    async def test_an_unregistered_sender_shown_only_later_stops_all_with_an_alarm(self) -> None:
        async with text_desk() as desk:
            desk.twilio.carrier.unregistered = True
            text = desk.queue()
            desk.start("outbox", "reconciler")
            await desk.reaches(text, "failed")
            assert conditions.SENDING_STOPPED in conditions.current(desk.db, desk.twilio.now())
            assert Alarm.STOPPED in [told.alarm for told in desk.told]

    @in_virtual_time
    async def test_the_alarm_of_a_failed_question_is_over_when_questions_are_answered_again(self) -> None:
        async with text_desk() as desk:
            text = desk.queue()
            desk.start("outbox")
            await desk.reaches(text, "accepted")
            desk.twilio.on_get(error_500(stores=False))
            desk.start("reconciler")
            await desk.reaches(text, "delivered")
            assert [told.words is None for told in desk.told if told.alarm is Alarm.PROVIDER][-1]

    @pytest.mark.parametrize(("code", "state"), [(30006, "failed"), (30003, "failed"), (0, "sent"), (30036, "expired")])
    @in_virtual_time
    async def test_what_becomes_of_it_at_the_carrier(self, code: int, state: str) -> None:
        async with text_desk() as desk:
            desk.twilio.carrier.fates[ANNA] = code
            text = desk.queue()
            desk.start("outbox", "reconciler")
            await desk.reaches(text, state)
            await asyncio.sleep(700)
            assert desk.state(text) == state
            assert desk.twilio.posts() == 1


class TestNotAfterAll:
    @in_virtual_time
    async def test_a_text_waits_for_its_time(self) -> None:
        async with text_desk() as desk:
            desk.queue(due=30)
            desk.start("outbox")
            [post] = await desk.twilio.record.wait_for("post")
            assert 30 <= float(str(post["at"])) - (desk.twilio.now() - 30) <= 30.5

    @in_virtual_time
    async def test_what_speaks_against_it_at_the_last_moment_cancels_it(self) -> None:
        async with text_desk() as desk:
            text = desk.queue(due=30)
            desk.start("outbox")
            await asyncio.sleep(10)
            desk.speaks_against = lambda _: "a human answered before it left"
            await desk.reaches(text, "cancelled")
            assert desk.twilio.posts() == 0

    @in_virtual_time
    async def test_an_opt_out_cancels_what_waits_but_not_what_is_gone(self) -> None:
        async with text_desk() as desk:
            desk.twilio.on_post(late(3))
            going = desk.queue()
            desk.start("outbox")
            await desk.twilio.record.wait_for("post")
            waiting = desk.queue(due=30)
            aftermath.opted_out(desk.db, ANNA, OptOutSource.KEYWORD, "STOP", desk.twilio.now())
            assert desk.state(waiting) == "cancelled"
            await desk.reaches(going, "accepted")

    @in_virtual_time
    async def test_texts_left_over_from_before_wait_until_the_gap_is_known(self) -> None:
        async with text_desk() as desk:
            desk.outbox._released.clear()
            text = desk.queue()
            desk.start("outbox")
            await asyncio.sleep(3)
            assert desk.state(text) == "queued"
            desk.outbox.release()
            await desk.reaches(text, "accepted")

    @in_virtual_time
    async def test_nothing_leaves_while_texting_is_paused(self) -> None:
        async with text_desk() as desk:
            text = desk.queue(due=5)
            desk.start("outbox")
            conditions.raise_condition(desk.db, conditions.PAUSED, "paused by a person", 0.0)
            await asyncio.sleep(60)
            assert desk.state(text) == "queued"
            conditions.clear(desk.db, conditions.PAUSED)
            await desk.reaches(text, "accepted")


class TestFullDisk:
    @in_virtual_time
    async def test_what_cannot_be_recorded_is_not_sent_and_leaves_when_there_is_room(self) -> None:
        async with text_desk() as desk:
            desk.start("outbox")
            await asyncio.sleep(0.01)
            full = True
            desk.ledger.fill_up = lambda: full
            text = desk.queue()
            await asyncio.sleep(20)
            assert desk.twilio.posts() == 0
            full = False
            await desk.reaches(text, "accepted")
            assert desk.twilio.posts() == 1

    @in_virtual_time
    async def test_a_fate_learnt_on_a_full_disk_is_kept_until_it_can_be_written(self) -> None:
        async with text_desk() as desk:
            desk.twilio.on_post(late(2))
            text = desk.queue()
            desk.start("outbox")
            await desk.twilio.record.wait_for("post")
            full = True
            desk.ledger.fill_up = lambda: full
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(desk.outbox.idle(), 60)
            full = False
            await desk.reaches(text, "accepted")
            assert desk.twilio.posts() == 1

    @in_virtual_time
    async def test_a_full_disk_does_not_make_it_ask_the_provider_without_end(self) -> None:
        async with text_desk() as desk:
            text = desk.queue()
            desk.start("outbox")
            await desk.reaches(text, "accepted")
            await desk.stop()
            desk.ledger.fill_up = lambda: True
            desk.start("reconciler")
            await asyncio.sleep(60)
            assert len(desk.twilio.record.of("get")) <= 20


class TestFaultOfOurOwn:
    @in_virtual_time
    async def test_a_provider_that_raises_where_it_must_not_leaves_an_unknown_fate_and_a_running_outbox(self) -> None:
        async with text_desk(Raising()) as desk:
            first, second = desk.queue(ANNA), desk.queue(BERT)
            desk.start("outbox")
            assert await desk.reaches(first, "unknown", "accepted") == "unknown"
            assert await desk.reaches(second, "unknown", "accepted") == "accepted"


class Raising(ConsoleProvider):
    """A provider with a bug that shows at the first text."""

    def __init__(self) -> None:
        super().__init__(io.StringIO())
        self._first = True

    async def send(self, text: OutgoingText) -> Fate:
        if self._first:
            self._first = False
            raise ZeroDivisionError
        return Accepted("1")
