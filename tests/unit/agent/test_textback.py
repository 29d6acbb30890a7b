"""From a verdict to a committed decision: what one caller, his other calls and the office's state do to a text."""

import sqlite3
from collections.abc import Callable

import pytest

from agent.calls.verdicts import News
from agent.pbx.events import App, Gap, LegWithheld, Restarted
from agent.policy.facts import Presentation
from sms import aftermath
from sms.inbound import record_reply
from sms.provider import Inbound
from storage.queries import callers, conditions, texts, threads
from storage.queries.threads import ThreadMove
from storage.vocabulary import OptOutSource, ThreadState
from tests.story import MONDAY_NOON, Story, StoryCall, office

ANNA = "+12025550143"
BERT = "+12025550144"
QUIET = {"quiet_hours": "21:00-08:00", "quiet_hours_then": "defer"}
NIGHT = MONDAY_NOON + 10 * 3600
"""22:00 in Chicago, 23:00 where Anna is: her quiet hours end nine hours later."""


def missed(story: Story, number: str = ANNA, **of_call: object) -> StoryCall:
    """A call that rings 5 s until the caller hangs up."""
    call = story.call(number, **of_call)  # type: ignore[arg-type]
    call.ring("101")
    story.wait(5)
    call.hang_up()
    return call


def block_anna(story: Story) -> None:
    callers.block(story.db, ANNA, "rude", story.began)


def give_anna_a_landline(story: Story) -> None:
    callers.takes_no_texts(story.db, ANNA, story.began + 1e6, "a landline", story.began)


def opt_anna_out(story: Story) -> None:
    aftermath.opted_out(story.db, ANNA, OptOutSource.KEYWORD, "STOP", story.began + story.now)


def call_anna_back(story: Story) -> None:
    back = story.call_out("101", ANNA)
    back.answer("trunk")
    back.hang_up()


def pause(story: Story) -> None:
    conditions.raise_condition(story.db, conditions.PAUSED, "on holiday", story.began)


def everything(db: sqlite3.Connection) -> str:
    """All that stands in the ledger, as text."""
    return "\n".join(db.iterdump())


class TestOneText:
    def test_a_miss_is_texted_with_the_offices_words(self) -> None:
        story = Story()
        anna = missed(story)
        story.expect_text(anna)
        assert story.hand_over() == ["Sorry we missed your call. This is Acme Plumbing. Reply STOP to opt out."]

    def test_two_calls_of_one_caller_missed_at_the_same_instant_give_one(self) -> None:
        story = Story()
        one, two = story.call(), story.call()
        one.ring("101")
        two.ring("102")
        story.wait(60)
        story.expect_text(one)
        story.expect_no_text(two, "cooldown")

    def test_a_verdict_written_twice_gives_one(self) -> None:
        story = Story()
        anna = missed(story)
        story.tell([verdict for verdict in story.told if verdict.news is News.MISSED])
        story.expect_text(anna)

    def test_who_calls_again_within_the_cooldown_is_not_texted_again_and_after_it_is(self) -> None:
        story = Story()
        missed(story)
        story.hand_over()
        story.wait(4 * 3600 - 11)
        story.expect_no_text(missed(story), "cooldown")
        story.wait(20)
        story.expect_text(missed(story))

    def test_another_caller_is_another_matter(self) -> None:
        story = Story()
        story.expect_text(missed(story, ANNA))
        story.expect_text(missed(story, BERT))

    def test_a_text_that_never_left_does_not_count(self) -> None:
        story = Story(office({"delay": "30s"}))
        first = missed(story)
        back = story.call()
        back.ring("101")
        back.answer("101")
        story.wait(60)
        story.hand_over()
        story.expect_state(first, "cancelled")
        back.hang_up()
        story.wait(3600)
        story.expect_text(missed(story))

    def test_three_a_day_to_one_number_are_enough(self) -> None:
        story = Story(office(limits={"cooldown": "1h"}))
        for _ in range(3):
            story.expect_text(missed(story))
            story.hand_over()
            story.wait(3600)
        story.expect_no_text(missed(story), "cap")

    def test_a_text_still_waiting_is_enough_though_the_cooldown_is_over(self) -> None:
        story = Story(office({"delay": "2h"}, limits={"cooldown": "1h"}))
        missed(story)
        story.wait(3700)
        story.expect_no_text(missed(story), "cooldown")

    def test_two_calls_in_one_night_give_one_deferred_text(self) -> None:
        story = Story(office(limits=QUIET), began=NIGHT)
        first = missed(story)
        story.wait(5 * 3600)
        story.expect_no_text(missed(story), "cooldown")
        story.expect_state(first, "deferred")

    def test_no_cooldown_at_all(self) -> None:
        story = Story(office(limits={"cooldown": "0s"}))
        missed(story)
        story.expect_no_text(missed(story), "cooldown")
        story.hand_over()
        story.expect_text(missed(story))


class TestInTouch:
    def test_who_talks_on_another_line_right_now_is_not_texted(self) -> None:
        story = Story()
        talking = story.call()
        talking.ring("101")
        talking.answer("101")
        story.expect_no_text(missed(story), "in_touch")

    def test_who_got_through_on_another_call_since_is_not_texted(self) -> None:
        story = Story()
        first = story.call()
        first.ring("101")
        story.wait(2)
        second = story.call()
        second.ring("102")
        second.answer("102")
        second.hang_up()
        story.wait(5)
        first.hang_up()
        story.expect_no_text(first, "in_touch")

    def test_who_got_through_before_is_texted_when_he_calls_again_in_vain(self) -> None:
        story = Story()
        first = story.call()
        first.ring("101")
        first.answer("101")
        first.hang_up()
        story.wait(60)
        story.expect_text(missed(story))

    def test_whom_staff_called_back_within_half_an_hour_is_not_texted(self) -> None:
        story = Story()
        for minutes, rule in ((29, "in_touch"), (32, "text")):
            story = Story()
            back = story.call_out("101", ANNA)
            back.answer("trunk")
            back.hang_up()
            story.wait(minutes * 60)
            again = missed(story)
            assert story.row(again)["rule"] == rule

    def test_a_call_back_nobody_answered_is_none(self) -> None:
        story = Story()
        story.call_out("101", ANNA).hang_up()
        story.expect_text(missed(story))

    def test_a_call_back_that_reaches_him_before_the_text_left_stops_it(self) -> None:
        story = Story(office({"delay": "60s"}))
        anna = missed(story)
        back = story.call_out("101", ANNA)
        back.answer("trunk")
        story.wait(61)
        assert story.hand_over() == []
        story.expect_state(anna, "cancelled")

    def test_whom_a_person_just_took_or_wrote_to_is_not_texted_and_half_an_hour_later_is(self) -> None:
        story = Story()
        threads.put(story.db, ThreadMove(ANNA, ThreadState.CLAIMED, "Jane", story.began))
        story.expect_no_text(missed(story), "in_touch")
        story.wait(1800)
        story.expect_text(missed(story))


class TestWhoIsNot:
    def test_the_business_itself_and_its_staff(self) -> None:
        story = Story(office(business={"own_numbers": ("+12025550150",)}, sms={"from": "+13125550100"}))
        story.expect_no_text(missed(story, "+12025550150"), "blocked")
        story.expect_no_text(missed(story, "+13125550100"), "blocked")

    def test_a_number_a_person_blocked(self) -> None:
        story = Story()
        callers.block(story.db, ANNA, "rude", 0.0)
        story.expect_no_text(missed(story), "blocked")
        assert story.outcomes["call-1"].ruling is not None
        assert "rude" in story.outcomes["call-1"].ruling.because

    def test_an_opt_out_holds_for_every_line_and_call_until_it_is_lifted(self) -> None:
        story = Story()
        aftermath.opted_out(story.db, ANNA, OptOutSource.KEYWORD, "STOP", story.began)
        story.expect_no_text(missed(story), "opted_out")
        story.wait(365 * 86400)
        story.expect_no_text(missed(story, line="+13125550199"), "opted_out")
        callers.lift_opt_out(story.db, ANNA, OptOutSource.KEYWORD, "START", story.began)
        story.expect_text(missed(story))

    def test_an_opt_out_reaches_the_text_that_waits(self) -> None:
        story = Story(office({"delay": "60s"}))
        anna = missed(story)
        aftermath.opted_out(story.db, ANNA, OptOutSource.KEYWORD, "STOP", story.began + 10)
        story.expect_state(anna, "cancelled")

    def test_what_may_be_an_opt_out_holds_the_text_that_waits_and_the_next_call(self) -> None:
        story = Story(office({"delay": "60s"}))
        anna = missed(story)
        record_reply(story.db, Inbound("SM1", ANNA, "+13125550100", "go away", story.began), story.began)
        story.wait(61)
        assert story.hand_over() == []
        story.expect_state(anna, "cancelled")
        story.expect_no_text(missed(story), "in_doubt")

    def test_nobody_while_texting_is_paused_or_stopped(self) -> None:
        for code, rule in ((conditions.PAUSED, "line_off"), (conditions.SENDING_STOPPED, "sending_stopped")):
            story = Story()
            conditions.raise_condition(story.db, code, "for a reason", story.began, story.began + 100)
            story.expect_no_text(missed(story), rule)
            story.wait(100)
            story.expect_text(missed(story))

    def test_a_number_known_not_to_take_texts_until_it_may_again(self) -> None:
        story = Story()
        callers.takes_no_texts(story.db, ANNA, story.began + 3600, "a landline", story.began)
        story.expect_no_text(missed(story), "no_texts")
        story.wait(3600)
        story.expect_text(missed(story))

    def test_a_line_that_is_not_configured_is_off(self) -> None:
        story = Story(office({"number": "+13125550100"}))
        story.expect_text(missed(story, ANNA, line="+13125550100"))
        story.expect_no_text(missed(story, BERT, line="+13125550199"), "line_off")


class TestWithheld:
    def asserted(self, story: Story, **of_call: object) -> StoryCall:
        return missed(story, ANNA, name="ANNA EXAMPLE", withheld=True, **of_call)

    def test_the_number_the_trunk_asserts_is_kept_nowhere_and_nobody_is_texted(self) -> None:
        story = Story()
        anna = self.asserted(story)
        story.expect_no_text(anna, "withheld")
        assert story.row(anna)["caller"] is None
        ledger = everything(story.db)
        assert "2025550143" not in ledger
        assert "EXAMPLE" not in ledger

    def test_learnt_before_the_verdict_it_is_taken_out_again(self) -> None:
        story = Story()
        anna = story.call(withheld=None)
        anna.ring("101")
        story.hear(LegWithheld(anna.id, anna.id, True))
        story.wait(5)
        anna.hang_up()
        story.expect_no_text(anna, "withheld")
        assert "2025550143" not in everything(story.db)

    def test_an_answered_caller_stays_unknown_as_well(self) -> None:
        story = Story()
        anna = story.call(withheld=None)
        story.hear(LegWithheld(anna.id, anna.id, True))
        anna.ring("101")
        anna.answer("101")
        anna.hang_up()
        assert "2025550143" not in everything(story.db)

    def test_once_withheld_no_later_word_makes_it_public(self) -> None:
        """FreePBX sets the presentation back to allowed."""
        story = Story()
        anna = story.call(withheld=None)
        story.hear(LegWithheld(anna.id, anna.id, True), LegWithheld(anna.id, anna.id, False))
        anna.hang_up()
        assert "2025550143" not in everything(story.db)

    def test_where_nobody_could_tell_the_caller_is_listed_and_not_texted(self) -> None:
        story = Story()
        story.presentation = Presentation.UNKNOWN
        anna = missed(story)
        story.expect_no_text(anna, "presentation_unknown")
        assert story.row(anna)["caller"] == ANNA

    def test_trunks_that_are_trusted(self) -> None:
        story = Story(office(pbx={"trust_numbers": True}))
        story.presentation = Presentation.UNKNOWN
        story.expect_text(missed(story))


class TestWhen:
    def test_a_delay_holds_the_text_back_that_much(self) -> None:
        story = Story(office({"delay": "30s"}))
        missed(story)
        story.wait(29)
        assert story.hand_over() == []
        story.wait(1)
        assert len(story.hand_over()) == 1

    def test_a_miss_learnt_of_too_late_is_listed_instead(self) -> None:
        story = Story(office(limits={"freshness": "10m"}))
        anna = story.call()
        anna.ring("101")
        story.now = 24 + 601.0  # the limit ran out, and nobody looked
        story.tell(story.tracker.tick(story.now))
        story.expect_no_text(anna, "stale")

    def test_what_is_left_of_the_freshness_is_the_texts_validity(self) -> None:
        story = Story(office(limits={"freshness": "10m"}))
        anna = story.call()
        anna.ring("101")
        story.now = 24 + 400.0
        story.tell(story.tracker.tick(story.now))
        [text] = texts.of_call(story.db, story.row(anna)["id"])
        assert text["fresh_until"] - (story.began + story.now) == 200.0

    def test_quiet_hours_list_the_caller(self) -> None:
        story = Story(office(limits={"quiet_hours": "21:00-08:00"}), began=NIGHT)
        story.expect_no_text(missed(story), "quiet_hours")

    def test_or_hold_the_text_until_they_are_over(self) -> None:
        story = Story(office(limits=QUIET), began=NIGHT)
        anna = missed(story)
        assert story.row(anna)["decision"] == "defer"
        story.wait(8.9 * 3600)
        assert story.hand_over() == []
        story.wait(0.2 * 3600)
        assert len(story.hand_over()) == 1
        story.expect_text(anna)

    @pytest.mark.parametrize(
        ("happens", "rule"),
        [
            (block_anna, "blocked"),
            (give_anna_a_landline, "no_texts"),
            (opt_anna_out, "opted_out"),
            (call_anna_back, "in_touch"),
        ],
    )
    def test_a_held_text_is_put_through_the_rules_again_at_its_release(
        self, happens: Callable[[Story], None], rule: str
    ) -> None:
        story = Story(office(limits=QUIET), began=NIGHT)
        anna = missed(story)
        story.wait(9 * 3600 - 600)
        happens(story)
        story.wait(1200)
        assert story.hand_over() == []
        story.expect_state(anna, "cancelled")
        if rule != "opted_out":  # that one was cancelled with the opt-out itself
            assert (story.row(anna)["decision"], story.row(anna)["rule"]) == ("skip", rule)

    def test_a_held_text_that_fills_the_cap_by_itself_still_goes(self) -> None:
        story = Story(office(limits={**QUIET, "per_hour": 1, "per_day": 1}), began=NIGHT)
        anna = missed(story)
        story.wait(9.1 * 3600)
        assert len(story.hand_over()) == 1
        story.expect_text(anna)

    def test_a_held_text_stays_while_texting_is_paused_and_goes_on_resuming(self) -> None:
        story = Story(office(limits=QUIET), began=NIGHT)
        anna = missed(story)
        pause(story)
        story.wait(9.1 * 3600)
        assert story.hand_over() == []
        story.expect_state(anna, "deferred")
        conditions.clear(story.db, conditions.PAUSED)
        assert len(story.hand_over()) == 1

    def test_an_opt_out_in_the_night_ends_the_decision_too(self) -> None:
        story = Story(office(limits=QUIET), began=NIGHT)
        anna = missed(story)
        opt_anna_out(story)
        assert (story.row(anna)["decision"], story.row(anna)["rule"]) == ("skip", "opted_out")


class TestShadow:
    def test_all_is_decided_and_recorded_and_nothing_leaves(self) -> None:
        story = Story(office(sms={"shadow": True}))
        anna = missed(story)
        story.expect_text(anna)
        story.expect_state(anna, "shadow")
        story.wait(3600)
        assert story.hand_over() == []

    def test_the_cooldown_counts_as_if_it_had_left(self) -> None:
        story = Story(office(sms={"shadow": True}))
        missed(story)
        story.expect_no_text(missed(story), "cooldown")


class TestRecord:
    def test_every_call_has_a_decision_for_ever(self) -> None:
        story = Story()
        answered = story.call(BERT)
        answered.ring("101")
        answered.answer("101")
        answered.hang_up()
        out = story.call_out("101", ANNA)
        out.hang_up()
        missed(story)
        menu = story.call("+12025550145")
        menu.enter(App.MENU)
        menu.hang_up()
        rules = [row["rule"] for row in story.db.execute("SELECT rule FROM calls ORDER BY id")]
        assert rules == ["answered", "not_inbound", "text", "reason_off"]

    def test_the_phones_stand_in_the_order_in_which_they_were_tried(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("103")
        story.wait(5)
        anna.stop_ringing("103")
        anna.ring("101")
        anna.hang_up()
        rows = story.db.execute("SELECT phone, rang_at FROM call_phones ORDER BY position").fetchall()
        assert [(row["phone"], row["rang_at"] - story.began) for row in rows] == [("103", 0.0), ("101", 5.0)]

    def test_the_line_is_the_number_dialled_and_an_s_is_none(self) -> None:
        story = Story()
        assert story.row(missed(story, line="3125550100"))["line"] == "+13125550100"
        assert story.row(missed(story, BERT, line="s"))["line"] is None


class TestThePbxDied:
    """Its callers are known when it is back; how long ago they rang counts, not when that was learnt."""

    def rang_when_it_died(self) -> tuple[Story, StoryCall]:
        story = Story()
        anna = story.call(ANNA)
        anna.ring("101")
        story.wait(4)
        story.hear(Gap())
        return story, anna

    def test_back_in_a_minute_the_caller_is_texted(self) -> None:
        story, anna = self.rang_when_it_died()
        story.wait(60)
        story.hear(Restarted())
        story.expect_text(anna, reason="pbx_stopped")

    def test_back_after_an_hour_the_caller_is_listed_and_not_texted(self) -> None:
        story, anna = self.rang_when_it_died()
        story.wait(3600)
        story.hear(Restarted())
        story.expect_no_text(anna, "stale", reason="pbx_stopped")
