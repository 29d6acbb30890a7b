"""What becomes of a call, told in the neutral words every PBX is translated into."""

import pytest

from agent.calls.verdicts import News
from agent.pbx.events import (
    App,
    DialResult,
    EndCause,
    Gap,
    LegAnswered,
    LegArrived,
    LegCreated,
    LegEnded,
    LegEntered,
    LegHungUp,
    LegJoined,
    LegLeft,
    LegListed,
    LegRinging,
    LegRole,
    Listed,
    ListingBegins,
    Restarted,
)
from tests.story import Story, office


class TestAnswered:
    def test_a_call_somebody_takes_is_no_miss(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101", "102")
        story.wait(5)
        anna.answer("102")
        story.wait(60)
        anna.hang_up()
        assert story.news(anna) == [News.STARTED, News.RINGING, News.ANSWERED, News.ENDED]
        assert story.row(anna)["answered_by"] == "102"
        story.expect_no_text(anna, "answered")

    def test_the_call_stays_answered_whatever_later_transfers_do(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        anna.answer("101")
        story.wait(3)
        anna.part("101")
        anna.ring("102")
        story.wait(30)
        anna.hang_up()
        story.expect_no_text(anna, "answered")
        assert story.row(anna)["transfer_unanswered"] == 1

    def test_a_transfer_that_is_answered_is_noted_as_nothing(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        anna.answer("101")
        anna.part("101")
        anna.ring("102")
        anna.answer("102")
        anna.hang_up()
        assert story.row(anna)["transfer_unanswered"] == 0

    def test_a_dial_that_says_answer_and_a_leg_that_is_up_are_no_answer(self) -> None:
        """An agent who drops before the join, an unconfirmed mobile."""
        story = Story()
        anna = story.call()
        anna.ring("101")
        story.hear(LegAnswered(anna.leg("101"), anna.id), LegAnswered(anna.id, anna.id))
        anna.stop_ringing("101", DialResult.ANSWERED)
        story.wait(2)
        anna.hang_up()
        assert News.ANSWERED not in story.news(anna)
        story.expect_text(anna)

    def test_a_colleague_who_picks_the_call_up_from_his_own_phone_answers_it(self) -> None:
        """The picker's leg has a call of its own; only the shared room tells."""
        story = Story()
        anna = story.call()
        anna.ring("101")
        story.hear(LegCreated("pick", "pick", LegRole.PARTY, True, False, "103", dialled="**101"))
        story.hear(LegJoined("pick", "pick", "r", LegRole.PARTY), LegJoined(anna.id, anna.id, "r", LegRole.PARTY))
        assert story.row(anna)["answered_by"] == "103"

    def test_two_callers_in_one_conference_are_no_answer_to_each_other(self) -> None:
        story = Story()
        anna, bert = story.call("+12025550143"), story.call("+12025550144")
        for call in (anna, bert):
            call.enter(App.OTHER)
            story.hear(LegJoined(call.id, call.id, "conference", LegRole.PARTY))
        anna.hang_up()
        bert.hang_up()
        story.expect_no_text(anna, "reason_off", reason="other")
        story.expect_no_text(bert, "reason_off", reason="other")

    def test_the_pbxs_own_announcer_is_nobody(self) -> None:
        story = Story()
        anna = story.call()
        story.hear(
            LegCreated("ann", anna.id, LegRole.HIDDEN, False, False, "CBAnn"),
            LegJoined("ann", anna.id, "r", LegRole.HIDDEN),
            LegJoined(anna.id, anna.id, "r", LegRole.PARTY),
        )
        assert News.ANSWERED not in story.news(anna)

    def test_a_human_behind_two_relay_pairs_is_found_and_a_mailbox_behind_one_is_not(self) -> None:
        story = Story()
        anna = story.call()
        for half, pair in (("a1", "A"), ("a2", "A"), ("b1", "B"), ("b2", "B")):
            story.hear(LegCreated(half, anna.id, LegRole.RELAY, False, False, "", pair))
        story.hear(
            LegJoined(anna.id, anna.id, "r1", LegRole.PARTY),
            LegJoined("a1", anna.id, "r1", LegRole.RELAY),
            LegJoined("a2", anna.id, "r2", LegRole.RELAY),
            LegJoined("b1", anna.id, "r2", LegRole.RELAY),
        )
        assert News.ANSWERED not in story.news(anna)
        story.hear(
            LegCreated("p", anna.id, LegRole.PARTY, False, False, "101"),
            LegJoined("p", anna.id, "r3", LegRole.PARTY),
            LegJoined("b2", anna.id, "r3", LegRole.RELAY),
        )
        assert story.news(anna)[-1] is News.ANSWERED

    def test_being_in_the_same_room_one_after_the_other_is_no_conversation(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        story.hear(LegJoined(anna.leg("101"), anna.id, "r", LegRole.PARTY))
        story.hear(LegLeft(anna.leg("101"), anna.id, "r"), LegJoined(anna.id, anna.id, "r", LegRole.PARTY))
        assert News.ANSWERED not in story.news(anna)


class TestRingLimit:
    def test_it_is_known_at_the_instant_it_runs_out_and_not_before(self) -> None:
        story = Story(office({"rings": 3}))
        anna = story.call()
        story.wait(2.5)
        anna.ring("101")
        story.wait(17.999)
        assert News.MISSED not in story.news(anna)
        story.wait(1)
        story.expect_text(anna, reason="no_answer", known_at=20.5)

    def test_a_hunt_from_phone_to_phone_is_one_run_of_ringing(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        story.wait(10)
        anna.stop_ringing("101")
        anna.ring("102")
        story.wait(10)
        anna.stop_ringing("102")
        anna.ring("103")
        story.wait(10)
        story.expect_text(anna, reason="no_answer", known_at=24.0)

    def test_a_human_after_it_is_an_answer_that_came_late_and_stops_a_text_that_has_not_left(self) -> None:
        story = Story(office({"delay": "10s"}))
        anna = story.call()
        anna.ring("101")
        story.wait(25)
        anna.answer("101")
        story.wait(30)
        assert story.hand_over() == []
        story.expect_state(anna, "cancelled")
        assert story.row(anna)["answered_late"] == 1
        assert (story.row(anna)["decision"], story.row(anna)["reason"]) == ("text", "no_answer")

    def test_ringing_in_a_queue_does_not_start_it_but_the_first_ringing_after_it_does(self) -> None:
        story = Story(office({"rings": 1}))
        anna = story.call()
        anna.join_queue()
        anna.ring("101")
        story.wait(60)
        assert News.MISSED not in story.news(anna)
        anna.stop_ringing("101")
        anna.leave_queue()
        anna.ring("102")
        story.wait(10)
        story.expect_text(anna, reason="queue_timeout", known_at=66.0)

    def test_one_that_runs_goes_on_in_the_queue(self) -> None:
        story = Story(office({"rings": 2}))
        anna = story.call()
        anna.ring("101")
        story.wait(8)
        anna.stop_ringing("101")
        anna.join_queue()
        story.wait(10)
        story.expect_text(anna, reason="no_answer", known_at=12.0)

    def test_the_queues_own_patience_counts_from_joining(self) -> None:
        story = Story(office({"queue_wait": "20s"}))
        anna = story.call()
        story.wait(1)
        anna.join_queue()
        story.wait(30)
        story.expect_text(anna, reason="queue_timeout", known_at=21.0)

    def test_a_queue_told_of_twice_does_not_start_the_patience_anew(self) -> None:
        story = Story(office({"queue_wait": "20s"}))
        anna = story.call()
        anna.join_queue()
        story.wait(15)
        anna.join_queue()
        story.wait(30)
        story.expect_text(anna, reason="queue_timeout", known_at=20.0)

    def test_internal_and_outbound_calls_have_none(self) -> None:
        story = Story()
        story.call_out("101", "+12025550188")
        story.hear(LegRinging("call-1/trunk", "call-1", LegRole.PARTY))
        assert story.tracker.next_due is None

    def test_the_line_decides_how_long(self) -> None:
        lines = {"number": "+13125550100", "rings": 1}
        story = Story(office(lines))
        anna = story.call(line="+13125550100")
        anna.ring("101")
        assert story.tracker.next_due == 6.0

    def test_it_says_nothing_about_a_call_that_may_have_been_answered_while_nobody_listened(self) -> None:
        story = Story(office({"rings": 1}))
        anna = story.call()
        anna.ring("101")
        story.wait(3)
        story.hear(Gap(), ListingBegins())
        story.wait(4)
        assert News.MISSED not in story.news(anna)
        phone = LegCreated(anna.leg("101"), anna.id, LegRole.PARTY, False, False, "101")
        caller = anna.created("+12025550143", "+13125550100")
        story.hear(
            Listed(
                (
                    LegListed(caller, False, True, None, "r", 7.0),
                    LegListed(phone, False, True, None, "r", 7.0),
                )
            )
        )
        story.expect_no_text(anna, "answered")


class TestReasons:
    """One reason each: the first row of the table in docs/missed-calls.md that applies."""

    def test_abandoned_while_a_phone_rang(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        story.wait(5)
        anna.hang_up()
        story.expect_text(anna, reason="abandoned", known_at=5.0)

    def test_it_is_known_at_his_hangup_request_not_when_the_pbx_is_done(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        story.wait(5)
        story.hear(LegHungUp(anna.id, anna.id, EndCause.NORMAL))
        story.expect_text(anna, reason="abandoned", known_at=5.0)
        story.wait(4)
        anna.end()
        story.expect_text(anna, known_at=5.0)
        assert story.row(anna)["ended_at"] == story.began + 5.0

    def test_a_phone_that_rang_to_the_end(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        story.wait(15)
        anna.stop_ringing("101")
        anna.end()
        story.expect_text(anna, reason="no_answer")

    @pytest.mark.parametrize(
        ("result", "cause", "reason"),
        [
            (DialResult.BUSY, EndCause.BUSY, "busy"),
            (DialResult.NO_ANSWER, EndCause.DECLINED, "declined"),
            (DialResult.NO_ANSWER, EndCause.UNREACHABLE, "unreachable"),
            (DialResult.NO_ANSWER, EndCause.NORMAL, "unreachable"),
            (DialResult.FAILED, EndCause.NORMAL, "unreachable"),
        ],
    )
    def test_a_phone_that_never_rang(self, result: DialResult, cause: EndCause, reason: str) -> None:
        story = Story()
        anna = story.call()
        anna.dial("101")
        anna.stop_ringing("101", result, cause)
        anna.end()
        story.expect_text(anna, reason=reason)

    def test_a_phone_not_registered_has_no_leg_at_all(self) -> None:
        story = Story()
        anna = story.call()
        anna.enter(App.DIAL)
        anna.end()
        story.expect_text(anna, reason="unreachable")

    def test_of_two_phones_the_one_that_rang_to_the_end_counts_not_the_busy_one(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        story.wait(10)
        anna.stop_ringing("101")
        anna.dial("102")
        anna.stop_ringing("102", DialResult.BUSY, EndCause.BUSY)
        anna.end()
        story.expect_text(anna, reason="no_answer")

    def test_a_mailbox_after_a_phone_at_once(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        story.wait(15)
        anna.stop_ringing("101")
        anna.enter(App.MAILBOX)
        assert News.MISSED not in story.news(anna)
        story.wait(1)
        anna.pick_up()
        story.expect_text(anna, reason="voicemail", known_at=16.0)

    def test_a_mailbox_and_nothing_before_it(self) -> None:
        story = Story()
        anna = story.call()
        anna.pick_up()
        anna.enter(App.MAILBOX)
        story.expect_text(anna, reason="closed", known_at=0.0)

    def test_a_mailbox_behind_a_relay(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        anna.stop_ringing("101")
        for half in ("1", "2"):
            story.hear(LegCreated(half, anna.id, LegRole.RELAY, False, False, "", "vm"))
        story.hear(LegEntered("2", anna.id, App.MAILBOX), LegAnswered("2", anna.id))
        story.expect_text(anna, reason="voicemail")

    def test_left_the_queue_of_his_own_will_and_given_up_by_it(self) -> None:
        for leaves, reason in ((True, "queue_abandoned"), (False, "queue_timeout")):
            story = Story()
            anna = story.call()
            anna.join_queue()
            story.wait(20)
            if leaves:
                anna.hang_up()
            else:
                anna.leave_queue()
                assert News.MISSED not in story.news(anna)  # its fail-over may still be answered
                anna.end()
            story.expect_text(anna, reason=reason)

    def test_a_fail_over_of_the_queue_that_is_answered(self) -> None:
        story = Story()
        anna = story.call()
        anna.join_queue()
        story.wait(20)
        anna.leave_queue()
        anna.ring("102")
        anna.answer("102")
        anna.hang_up()
        story.expect_no_text(anna, "answered")

    def test_gone_in_a_menu(self) -> None:
        story = Story()
        anna = story.call()
        anna.pick_up()
        anna.enter(App.MENU)
        anna.hang_up()
        story.expect_no_text(anna, "reason_off", reason="menu_abandoned")

    def test_an_announcement_alone(self) -> None:
        story = Story()
        anna = story.call()
        anna.enter(App.ANNOUNCEMENT)
        anna.end()
        story.expect_text(anna, reason="closed")

    def test_parked_alone(self) -> None:
        story = Story()
        anna = story.call()
        anna.enter(App.OTHER)
        anna.hang_up()
        story.expect_no_text(anna, "reason_off", reason="other")

    def test_the_pbx_is_stopped_while_phones_ring(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        anna.clear()
        story.expect_text(anna, reason="pbx_stopped")

    def test_the_pbx_died_and_started_anew(self) -> None:
        story = Story()
        anna, bert = story.call("+12025550143"), story.call("+12025550144")
        anna.ring("101")
        bert.ring("102")
        bert.answer("102")
        story.wait(10)
        story.hear(Restarted())
        story.expect_text(anna, reason="pbx_stopped", known_at=10.0)
        story.expect_no_text(bert, "answered")
        assert len(story.tracker) == 0

    def test_a_line_to_which_calls_are_forwarded_misses_them_at_arrival(self) -> None:
        story = Story(office({"forwarded": True}))
        anna = story.call()
        story.expect_text(anna, reason="forwarded", known_at=0.0)
        anna.ring("101")
        anna.answer("101")
        assert story.news(anna)[-1] is News.ANSWERED_LATE


class TestDirection:
    def test_a_call_between_colleagues_is_internal(self) -> None:
        story = Story()
        story.hear(LegCreated("c", "c", LegRole.PARTY, True, False, "103", number="103", dialled="101"))
        story.hear(LegCreated("p", "c", LegRole.PARTY, False, False, "101"), LegEnded("p", "c", EndCause.NORMAL))
        story.hear(LegEnded("c", "c", EndCause.NORMAL))
        row = story.db.execute("SELECT direction, line, decision, rule FROM calls").fetchone()
        assert tuple(row) == ("internal", None, "skip", "not_inbound")

    def test_a_call_to_the_outside_remembers_whom_it_reached(self) -> None:
        story = Story()
        out = story.call_out("101", "+12025550188")
        out.hang_up()
        row = story.row(out)
        assert (row["direction"], row["peer"], row["rule"]) == ("outbound", "+12025550188", "not_inbound")

    def test_a_second_leg_in_the_inbound_context_is_no_call(self) -> None:
        story = Story()
        anna = story.call()
        story.hear(LegCreated("t", anna.id, LegRole.PARTY, False, True, "trunk", dialled="s"))
        assert len(story.tracker.in_flight) == 1

    def test_a_leg_that_shows_later_that_it_arrives_begins_a_call_then(self) -> None:
        """chan_sip begins Down and comes to Ring with its first change of state."""
        story = Story()
        story.hear(LegCreated("c", "c", LegRole.PARTY, False, True, "trunk", number="+12025550143", dialled="1"))
        assert story.told == []
        story.hear(LegArrived("c", "c"), LegArrived("c", "c"))
        assert [verdict.news for verdict in story.told] == [News.STARTED]

    def test_a_leg_that_never_arrives_is_no_call_and_is_forgotten(self) -> None:
        story = Story()
        story.hear(LegCreated("c", "c", LegRole.PARTY, False, True, "trunk"), LegEnded("c", "c", EndCause.NORMAL))
        assert story.told == []
        assert len(story.tracker) == 0


class TestLateAndStrange:
    def test_ringing_before_the_leg_is_announced_counts(self) -> None:
        story = Story()
        anna = story.call()
        story.hear(LegRinging(anna.leg("101"), anna.id, LegRole.PARTY))
        story.wait(5)
        anna.dial("101")
        assert story.tracker.next_due == 24.0

    def test_a_late_event_does_not_bring_a_dead_leg_or_call_back(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        anna.hang_up()
        before = list(story.told)
        story.hear(
            LegRinging(anna.leg("101"), anna.id, LegRole.PARTY),
            LegJoined(anna.id, anna.id, "r", LegRole.PARTY),
            LegJoined(anna.leg("101"), anna.id, "r", LegRole.PARTY),
            anna.created("+12025550143", "+13125550100"),
        )
        assert story.told == before
        assert len(story.tracker) == 0

    def test_a_relay_does_not_ring(self) -> None:
        """The PBX tells the caller that a Local channel rings before any phone was asked."""
        story = Story()
        anna = story.call()
        story.hear(
            LegCreated("1", anna.id, LegRole.RELAY, False, False, "", "L"),
            LegRinging("1", anna.id, LegRole.RELAY),
        )
        assert story.tracker.next_due is None

    def test_the_callers_own_ringing_is_not_a_phones(self) -> None:
        story = Story()
        anna = story.call()
        story.hear(LegRinging(anna.id, anna.id, LegRole.PARTY))
        assert story.tracker.next_due is None

    def test_a_name_may_be_used_again_a_while_after_its_call(self) -> None:
        story = Story()
        anna = story.call()
        anna.hang_up()
        story.wait(61)
        story.hear(anna.created("+12025550144", "+13125550100"))
        assert len(story.tracker.in_flight) == 1

    def test_a_mailbox_leg_that_outlives_the_caller_does_not_keep_the_call_open(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        story.hear(LegHungUp(anna.id, anna.id, EndCause.NORMAL), LegEnded(anna.id, anna.id, EndCause.NORMAL))
        assert story.news(anna)[-1] is News.ENDED
        story.wait(9)
        story.hear(LegAnswered(anna.leg("101"), anna.id))
        story.hear(LegEnded(anna.leg("101"), anna.id, EndCause.NORMAL))
        assert len(story.tracker) == 0
        assert story.news(anna).count(News.ENDED) == 1
