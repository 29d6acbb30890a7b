"""The second text: once, in time, inside hours, and only to who was not heard of at all."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from agent.conversations.follow_up import queue_due
from sms.inbound import record_reply
from sms.provider import Inbound
from storage.queries import callers, texts, threads
from storage.queries.threads import ThreadMove
from storage.records import Move
from storage.vocabulary import TextState, ThreadState
from tests.story import Story, StoryCall, office

ANNA = "+12025550143"
HOUR = 3600.0
AGAIN = "{business} again: shall we still call you back? Reply STOP to opt out."
FOLLOW_UP = {"after": "20h", "message": AGAIN}


def texted(story: Story) -> StoryCall:
    """Anna was missed, and her text arrived."""
    anna = story.call(ANNA)
    anna.ring("101")
    story.wait(5)
    anna.hang_up()
    [row] = texts.of_call(story.db, story.row(anna)["id"])
    steps = (TextState.QUEUED, TextState.SENDING, TextState.ACCEPTED, TextState.DELIVERED)
    for before, after in pairwise(steps):
        texts.move(story.db, Move(row["id"], before, after, story.began + story.now, sid="SM1"))
    return anna


def second_texts(story: Story) -> list[str]:
    """What is queued by now as a second text."""
    queued = queue_due(story.db, story.office, story.began + story.now)
    return [texts.get(story.db, text_id).body for text_id in queued]


def story_with(**sections: object) -> Story:
    return Story(office(follow_up=FOLLOW_UP, **sections))  # type: ignore[arg-type]


def test_a_caller_who_did_not_answer_gets_one_second_text_in_time() -> None:
    story = story_with()
    texted(story)
    story.wait(19 * HOUR)
    assert second_texts(story) == []
    story.wait(1.1 * HOUR)
    assert second_texts(story) == ["Acme Plumbing again: shall we still call you back? Reply STOP to opt out."]
    story.wait(48 * HOUR)
    assert second_texts(story) == []


def test_it_is_off_unless_set() -> None:
    story = Story()
    texted(story)
    story.wait(21 * HOUR)
    assert second_texts(story) == []


def test_outside_open_hours_it_waits_for_the_opening_and_for_three_days_at_most() -> None:
    story = story_with(hours={"mon-fri": "13:00-17:00"})
    texted(story)
    story.wait(20.5 * HOUR)
    assert second_texts(story) == []
    story.wait(5 * HOUR)
    assert len(second_texts(story)) == 1
    closed = story_with(hours={"sun": "13:00-13:01"})
    texted(closed)
    closed.wait(150 * HOUR)
    assert second_texts(closed) == []


def writes(story: Story) -> None:
    record_reply(story.db, Inbound("SM9", ANNA, "+13125550100", "call me", story.began + story.now), story.began)


def calls_again(story: Story) -> None:
    again = story.call(ANNA)
    again.ring("101")
    story.wait(4)
    again.hang_up()


def is_called(story: Story) -> None:
    story.call_out("101", ANNA).hang_up()


def is_claimed(story: Story) -> None:
    threads.put(story.db, ThreadMove(ANNA, ThreadState.CLAIMED, "Jane", story.began + story.now))


def takes_no_texts(story: Story) -> None:
    callers.takes_no_texts(story.db, ANNA, story.began + 1e7, "a landline", story.began)


def is_blocked(story: Story) -> None:
    callers.block(story.db, ANNA, "rude", story.began)


@pytest.mark.parametrize(
    "happened", [writes, calls_again, is_called, is_claimed, takes_no_texts, is_blocked], ids=lambda one: one.__name__
)
def test_never_to_one_who(happened: Callable[[Story], None]) -> None:
    story = story_with()
    texted(story)
    story.wait(HOUR)
    happened(story)
    story.wait(20 * HOUR)
    assert second_texts(story) == []


def test_nor_once_he_wrote_while_it_waited_to_leave() -> None:
    story = story_with()
    texted(story)
    story.wait(21 * HOUR)
    assert len(second_texts(story)) == 1
    story.wait(1)
    writes(story)
    assert story.hand_over() == []
