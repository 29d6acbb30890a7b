"""What a live listing restores, drops, and leaves alone: after a gap, at the start, and every ten minutes."""

import os
import subprocess
import sys
from dataclasses import replace

from agent.calls.verdicts import News
from agent.pbx.events import (
    App,
    EndCause,
    Gap,
    LegCreated,
    LegEnded,
    LegHungUp,
    LegJoined,
    LegLeft,
    LegListed,
    LegRole,
    Listed,
    ListingBegins,
)
from tests.story import MAIN, Story, StoryCall, office


def leg_of(call: StoryCall, phone: str | None = None) -> LegCreated:
    """The caller's leg, or a phone's, as a listing names it."""
    if phone is None:
        return call.created(call.number, MAIN)
    return LegCreated(call.leg(phone), call.id, LegRole.PARTY, False, False, phone)


def row(
    leg: LegCreated,
    *,
    ringing: bool = False,
    up: bool = False,
    app: App | None = None,
    room: str = "",
    age: float = 0.0,
) -> LegListed:
    return LegListed(leg, ringing, up, app, room, age)


def never_heard_of(story: Story, number: str = "+12025550143") -> StoryCall:
    """A call that began before we listened."""
    return StoryCall(story, "call-before", number)


class TestAtTheStart:
    def test_a_call_that_rings_is_followed_from_there_with_the_ringing_it_has_had(self) -> None:
        story = Story()
        anna = never_heard_of(story)
        story.now = 100.0
        story.hear(ListingBegins(), Listed((row(leg_of(anna), age=12), row(leg_of(anna, "101"), ringing=True, age=11))))
        story.wait(30)
        story.expect_text(anna, reason="no_answer", known_at=113.0)

    def test_the_order_of_the_rows_does_not_matter(self) -> None:
        for order in (1, -1):
            story = Story()
            anna = never_heard_of(story)
            rows = (row(leg_of(anna)), row(leg_of(anna, "101"), ringing=True, age=5))
            story.now = 100.0
            story.hear(ListingBegins(), Listed(rows[::order]))
            assert story.tracker.next_due == 119.0

    def test_a_phone_ringing_for_a_queue_does_not_start_the_ring_limit_wherever_its_row_stands(self) -> None:
        story = Story()
        anna = never_heard_of(story)
        rows = (row(leg_of(anna, "101"), ringing=True, age=5), row(leg_of(anna), app=App.QUEUE, up=True))
        story.hear(ListingBegins(), Listed(rows))
        assert story.tracker.next_due is None

    def test_a_conversation_under_way_is_an_answer(self) -> None:
        story = Story()
        anna = never_heard_of(story)
        rows = (row(leg_of(anna), up=True, room="r"), row(leg_of(anna, "101"), up=True, room="r"))
        story.hear(ListingBegins(), Listed(rows))
        anna.end()
        story.expect_no_text(anna, "answered")

    def test_a_caller_in_a_mailbox_is_a_miss(self) -> None:
        story = Story()
        anna = never_heard_of(story)
        story.hear(ListingBegins(), Listed((row(leg_of(anna), up=True, app=App.MAILBOX),)))
        assert News.MISSED in story.news(anna)

    def test_a_phone_that_is_busy_after_the_listing_is_the_reason_though_the_pbx_still_dials(self) -> None:
        """The list shows the dialler at work; it doesn't show that a phone was reached after it began."""
        story = Story()
        anna = never_heard_of(story)
        story.hear(ListingBegins(), Listed((row(leg_of(anna), app=App.DIAL), row(leg_of(anna, "101")))))
        story.hear(LegEnded(anna.leg("101"), anna.id, EndCause.BUSY))
        anna.end()
        story.expect_text(anna, reason="busy")

    def test_it_began_when_its_leg_began(self) -> None:
        story = Story()
        anna = never_heard_of(story)
        story.now = 100.0
        story.hear(ListingBegins(), Listed((row(leg_of(anna), age=40),)))
        assert story.row(anna)["started_at"] == story.began + 60.0


class TestAfterAGap:
    def test_who_hung_up_before_the_listing_waits_for_what_his_end_shows(self) -> None:
        """Two who leave one room that nobody was seen to enter were talking."""
        story = Story()
        anna = story.call()
        anna.ring("101")
        story.hear(Gap(), ListingBegins())
        story.hear(LegHungUp(anna.id, anna.id, EndCause.NORMAL))
        assert News.MISSED not in story.news(anna)
        story.hear(LegLeft(anna.leg("101"), anna.id, "r"), LegLeft(anna.id, anna.id, "r"))
        story.expect_no_text(anna, "answered")

    def test_a_call_gone_meanwhile_is_no_miss_nobody_can_tell(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        story.hear(Gap(), ListingBegins(), Listed(()))
        assert story.news(anna)[-1] is News.VANISHED
        assert len(story.tracker) == 0

    def test_an_answered_call_gone_meanwhile_has_ended(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        anna.answer("101")
        story.hear(Gap(), ListingBegins(), Listed(()))
        assert story.news(anna)[-1] is News.ENDED

    def test_a_call_still_ringing_goes_on_with_its_old_limit(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        story.wait(10)
        rows = (row(leg_of(anna), age=10), row(leg_of(anna, "101"), ringing=True, age=10))
        story.hear(Gap(), ListingBegins(), Listed(rows))
        story.wait(30)
        story.expect_text(anna, known_at=24.0)

    def test_a_call_answered_meanwhile(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        story.wait(10)
        rows = (row(leg_of(anna), up=True, room="r"), row(leg_of(anna, "101"), up=True, room="r"))
        story.hear(Gap(), ListingBegins(), Listed(rows))
        story.wait(60)
        story.expect_no_text(anna, "answered")

    def test_a_decided_call_is_not_decided_again(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        story.wait(30)
        rows = (row(leg_of(anna), age=30), row(leg_of(anna, "101"), ringing=True, age=30))
        story.hear(Gap(), ListingBegins(), Listed(rows))
        story.wait(30)
        anna.hang_up()
        assert story.news(anna).count(News.MISSED) == 1


class TestRaces:
    """Events go on while the PBX is being asked, and are newer than its answer."""

    def test_a_leg_that_ends_while_listed_stays_dead(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        story.hear(ListingBegins())
        anna.hang_up()
        story.hear(Listed((row(leg_of(anna)), row(leg_of(anna, "101"), ringing=True))))
        assert story.news(anna).count(News.STARTED) == 1
        assert len(story.tracker) == 0

    def test_a_leg_that_begins_while_listed_is_not_dropped(self) -> None:
        story = Story()
        story.hear(ListingBegins())
        anna = story.call()
        story.hear(Listed(()))
        anna.ring("101")
        anna.hang_up()
        assert story.news(anna)[-2:] == [News.MISSED, News.ENDED]

    def test_a_leg_heard_of_while_listed_is_not_dropped_though_its_row_is_missing(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        story.hear(ListingBegins(), LegHungUp(anna.leg("101"), anna.id, EndCause.BUSY))
        story.hear(LegJoined(anna.id, anna.id, "r", LegRole.PARTY), Listed(()))
        assert News.VANISHED not in story.news(anna)

    def test_who_joins_a_room_while_listed_is_in_it_though_his_row_says_he_is_not(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        story.hear(ListingBegins())
        story.hear(LegJoined(anna.id, anna.id, "r", LegRole.PARTY))
        story.hear(Listed((row(leg_of(anna), up=True), row(leg_of(anna, "101"), ringing=True))))
        story.hear(LegJoined(anna.leg("101"), anna.id, "r", LegRole.PARTY))
        story.wait(60)
        story.expect_no_text(anna, "answered")

    def test_who_left_a_room_while_listed_is_not_put_back_into_it(self) -> None:
        story = Story()
        anna = story.call()
        story.hear(LegJoined(anna.id, anna.id, "conference", LegRole.PARTY))
        story.hear(ListingBegins(), LegLeft(anna.id, anna.id, "conference"))
        story.hear(Listed((row(leg_of(anna), up=True, room="conference"),)))
        story.hear(LegCreated("x", "x", LegRole.PARTY, True, False, "103"))
        story.hear(LegJoined("x", "x", "conference", LegRole.PARTY))
        assert News.ANSWERED not in story.news(anna)

    def test_a_lost_end_of_a_phone_is_mended_at_the_next_listing(self) -> None:
        story = Story()
        anna = story.call()
        anna.ring("101")
        story.hear(LegEnded(anna.id, anna.id, EndCause.NORMAL))
        assert len(story.tracker) > 0
        story.hear(ListingBegins(), Listed(()))
        assert len(story.tracker) == 0

    def test_a_listing_in_quiet_times_changes_nothing(self) -> None:
        story = Story(office({"rings": 2}))
        anna, bert = story.call("+12025550143"), story.call("+12025550144")
        anna.ring("101")
        bert.ring("102")
        bert.answer("102")
        rows = (
            row(leg_of(anna)),
            row(leg_of(anna, "101"), ringing=True),
            row(leg_of(bert), up=True, room=f"{bert.id}/room"),
            row(leg_of(bert, "102"), up=True, room=f"{bert.id}/room"),
        )
        told = list(story.told)
        story.hear(ListingBegins(), Listed(rows))
        assert story.told == told
        assert story.tracker.next_due == 12.0


_VANISH = """
from agent.calls.tracker import Tracker
from agent.calls.verdicts import RingPlan
from agent.pbx.events import *
tracker = Tracker(lambda line: RingPlan(24.0))
for name in "abcdefgh":
    tracker.take(0.0, LegCreated(name, name, LegRole.PARTY, True, True, "trunk"))
tracker.take(1.0, ListingBegins())
print("".join(verdict.call.id for verdict in tracker.take(1.0, Listed(()))))
"""


def test_the_same_events_give_the_same_news_in_the_same_order_in_every_process() -> None:
    told = [
        subprocess.run(
            [sys.executable, "-c", _VANISH],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]
    assert told == ["abcdefgh", "abcdefgh"]


def test_a_listing_that_tells_a_number_was_withheld_is_believed() -> None:
    story = Story()
    anna = never_heard_of(story)
    listed = replace(row(leg_of(anna)), created=replace(leg_of(anna), withheld=True))
    story.hear(ListingBegins(), Listed((listed,)))
    anna.hang_up()
    assert story.row(anna)["caller"] is None
