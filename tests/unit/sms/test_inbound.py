"""What callers write back: kept always, obeyed at once where it is a bare keyword, and each only once."""

import asyncio
import sqlite3

import pytest

from sms.inbound import record_reply
from sms.provider import Inbound
from storage.ledger import in_memory
from storage.queries import callers
from storage.vocabulary import OptOutSource, ReplyMeaning
from tests.doubles.twilio.troubles import error_500, late
from tests.unit.sms.desks import ANNA, TextDesk, text_desk
from tests.virtual_time import clock, in_virtual_time

OUR = "+13125550100"


def reply(body: str, sid: str = "SM1", at: float = 1000.0, number: str = ANNA) -> Inbound:
    return Inbound(sid, number, OUR, body, at)


def kept(desk: TextDesk) -> list[str]:
    return [row["body"] for row in callers.replies_of(desk.db, ANNA, 0.0)]


def meaning_of(db: sqlite3.Connection, inbound: Inbound, now: float) -> ReplyMeaning | None:
    """What is made of a reply that is recorded; None if it was known."""
    received = record_reply(db, inbound, now)
    return None if received is None else received.meaning


class TestRecording:
    def test_a_keyword_takes_effect_in_the_transaction_that_keeps_it(self) -> None:
        db = in_memory()
        assert meaning_of(db, reply("Stop."), 1001.0) is ReplyMeaning.OPT_OUT
        opt_out = callers.opt_out_in_force(db, ANNA)
        assert opt_out is not None
        assert (opt_out.source, opt_out.words) == (OptOutSource.KEYWORD, "Stop.")
        assert db.execute("SELECT reply_id FROM opt_outs").fetchone()["reply_id"] is not None

    def test_start_lifts_it_and_the_evidence_stays(self) -> None:
        db = in_memory()
        record_reply(db, reply("STOP", "SM1", 1000.0), 1001.0)
        record_reply(db, reply("START", "SM2", 2000.0), 2001.0)
        assert callers.opt_out_in_force(db, ANNA) is None
        [row] = callers.opt_outs(db)
        assert (row["words"], row["lifted_words"]) == ("STOP", "START")

    @pytest.mark.parametrize("words", ["yes", "ok thanks", "please stop calling my wife", "HELP", ""])
    def test_anything_else_is_kept_and_changes_nothing(self, words: str) -> None:
        db = in_memory()
        record_reply(db, reply("STOP", "SM1"), 1001.0)
        assert meaning_of(db, reply(words, "SM2"), 1002.0) is ReplyMeaning.OTHER
        assert callers.opt_out_in_force(db, ANNA) is not None
        assert [row["body"] for row in callers.replies_of(db, ANNA, 0.0)] == ["STOP", words]

    def test_an_opt_out_in_the_callers_own_words_takes_effect_as_well(self) -> None:
        db = in_memory()
        assert meaning_of(db, reply("please don't text me any more"), 1001.0) is ReplyMeaning.OPT_OUT
        opt_out = callers.opt_out_in_force(db, ANNA)
        assert opt_out is not None
        assert (opt_out.source, opt_out.words) == (OptOutSource.OWN_WORDS, "please don't text me any more")

    def test_what_may_be_one_is_kept_for_a_person_to_look_at(self) -> None:
        db = in_memory()
        assert meaning_of(db, reply("wrong number"), 1001.0) is ReplyMeaning.OTHER
        assert callers.opt_out_in_force(db, ANNA) is None
        assert callers.open_doubt(db, ANNA) == "wrong number"

    @pytest.mark.parametrize("words", ["STOP", "START", "take me off your list"])
    def test_a_plain_word_settles_the_doubt(self, words: str) -> None:
        db = in_memory()
        record_reply(db, reply("not interested", "SM1"), 1001.0)
        record_reply(db, reply(words, "SM2"), 1002.0)
        assert callers.open_doubt(db, ANNA) is None

    def test_the_same_reply_met_twice_is_one(self) -> None:
        db = in_memory()
        record_reply(db, reply("STOP", "SM1"), 1001.0)
        callers.lift_opt_out(db, ANNA, OptOutSource.ADMIN, "told us so by phone", 1002.0)
        assert record_reply(db, reply("STOP", "SM1"), 1003.0) is None
        assert callers.opt_out_in_force(db, ANNA) is None

    def test_stop_twice_is_one_opt_out_with_its_first_evidence(self) -> None:
        db = in_memory()
        record_reply(db, reply("STOP", "SM1"), 1001.0)
        record_reply(db, reply("stop please", "SM2"), 1002.0)
        assert [row["words"] for row in callers.opt_outs(db)] == ["STOP"]

    def test_a_start_written_before_the_stop_does_not_lift_it(self) -> None:
        db = in_memory()
        record_reply(db, reply("STOP", "SM2", at=2000.0), 2001.0)
        record_reply(db, reply("START", "SM1", at=1000.0), 2002.0)
        assert callers.opt_out_in_force(db, ANNA) is not None

    def test_a_start_written_before_a_second_stop_does_not_lift_it(self) -> None:
        db = in_memory()
        record_reply(db, reply("STOP", "SM1", at=1000.0), 1001.0)
        record_reply(db, reply("stop please", "SM3", at=3000.0), 3001.0)
        record_reply(db, reply("START", "SM2", at=2000.0), 3002.0)
        assert callers.opt_out_in_force(db, ANNA) is not None


def posted(body: str, sid: str, now: float) -> Inbound:
    """By a webhook that doesn't tell when it was written."""
    return Inbound(sid, ANNA, OUR, body, now, timed=False)


class TestOrder:
    """A webhook may be late and tell no time; polling tells it, and the word written last counts."""

    def test_a_start_that_comes_late_does_not_lift_the_stop_after_it(self) -> None:
        db = in_memory()
        record_reply(db, posted("STOP", "SM2", 1010.0), 1010.0)
        record_reply(db, posted("START", "SM1", 1030.0), 1030.0)
        assert callers.opt_out_in_force(db, ANNA) is not None
        for polled in (reply("START", "SM1", at=1000.0), reply("STOP", "SM2", at=1010.0)):
            assert record_reply(db, polled, 1060.0) is None
        assert callers.opt_out_in_force(db, ANNA) is not None

    def test_a_start_after_the_stop_lifts_it_when_its_time_is_known(self) -> None:
        db = in_memory()
        record_reply(db, posted("STOP", "SM1", 1010.0), 1010.0)
        record_reply(db, posted("START", "SM2", 1030.0), 1030.0)
        for polled in (reply("STOP", "SM1", at=1009.0), reply("START", "SM2", at=1029.0)):
            record_reply(db, polled, 1060.0)
        assert callers.opt_out_in_force(db, ANNA) is None

    def test_a_stop_that_comes_late_does_not_outlast_the_start_after_it(self) -> None:
        db = in_memory()
        record_reply(db, posted("START", "SM2", 1010.4), 1010.4)
        record_reply(db, posted("STOP", "SM1", 1030.0), 1030.0)
        assert callers.opt_out_in_force(db, ANNA) is not None, "nobody knows better yet"
        for polled in (reply("STOP", "SM1", at=1000.0), reply("START", "SM2", at=1010.0)):
            record_reply(db, polled, 1060.0)
        assert callers.opt_out_in_force(db, ANNA) is None

    def test_it_is_put_in_order_once_and_never_undoes_what_came_later(self) -> None:
        db = in_memory()
        record_reply(db, posted("START", "SM1", 1010.0), 1010.0)
        record_reply(db, reply("START", "SM1", at=1009.0), 1060.0)
        callers.opt_out(db, ANNA, OptOutSource.ADMIN, "told us so by phone", 1100.0)
        record_reply(db, reply("START", "SM1", at=1009.0), 1120.0)
        assert callers.opt_out_in_force(db, ANNA) is not None


class TestFetching:
    @in_virtual_time
    async def test_a_stop_cancels_what_waits_and_blocks_what_comes(self) -> None:
        async with text_desk() as desk:
            waiting = desk.queue(due=120)
            desk.start("outbox", "inbox")
            desk.twilio.reply(ANNA, "STOP")
            await desk.reaches(waiting, "cancelled")
            assert callers.opt_out_in_force(desk.db, ANNA) is not None
            assert desk.twilio.posts() == 0

    @in_virtual_time
    async def test_while_a_text_is_fresh_a_reply_is_known_within_seconds(self) -> None:
        async with text_desk() as desk:
            text = desk.queue()
            desk.start("outbox", "inbox")
            await desk.reaches(text, "accepted")
            await asyncio.sleep(30)
            desk.twilio.reply(ANNA, "yes please call me back")
            await asyncio.sleep(9)
            assert kept(desk) == ["yes please call me back"]

    @in_virtual_time
    async def test_replies_wait_at_the_provider_while_it_or_the_disk_is_in_trouble(self) -> None:
        async with text_desk() as desk:
            desk.start("inbox")
            await asyncio.sleep(1)
            desk.twilio.reply(ANNA, "STOP")
            desk.twilio.on_get(error_500(stores=False))
            full = True
            desk.ledger.fill_up = lambda: full
            await asyncio.sleep(200)
            assert kept(desk) == []
            full = False
            await asyncio.sleep(61)
            assert kept(desk) == ["STOP"]
            assert callers.opt_out_in_force(desk.db, ANNA) is not None

    @in_virtual_time
    async def test_replies_of_an_absence_of_a_day_are_fetched_once(self) -> None:
        async with text_desk() as desk:
            desk.start("inbox")
            await asyncio.sleep(1)
            await desk.stop()
            desk.twilio.reply(ANNA, "call me")
            await asyncio.sleep(86_000)
            desk.start("inbox")
            await asyncio.sleep(200)
            assert kept(desk) == ["call me"]

    @in_virtual_time
    async def test_a_promise_counts_from_when_a_slow_answer_is_kept_not_from_when_it_was_asked_for(self) -> None:
        async with text_desk() as desk:
            desk.twilio.reply(ANNA, "URGENT")
            desk.twilio.on_get(late(5))
            asked = clock()
            desk.start("inbox")
            await asyncio.sleep(8)
            [row] = desk.db.execute("SELECT recorded_at FROM replies").fetchall()
            assert row["recorded_at"] >= asked + 5

    @in_virtual_time
    async def test_the_alarm_of_a_provider_that_could_not_be_asked_is_told(self) -> None:
        async with text_desk() as desk:
            desk.twilio.on_get(error_500(stores=False))
            desk.start("inbox")
            await asyncio.sleep(1)
            assert [told.words is not None for told in desk.told] == [True]
