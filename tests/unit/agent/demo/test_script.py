"""Who writes back on the demo's day, when and what."""

import pytest

from agent.conversations.intents import intent_of
from agent.demo.day import CALLS
from agent.demo.script import ANSWERS, CALLERS, STAFF, Script, Writing
from sms.own_words.reading import OptOut, opts_out
from storage.vocabulary import Intent, OptOutSource

URGENT = next(one for one in CALLERS if one.intent is Intent.URGENT)
FIRST, REQUEST = "Sorry we missed your call.", f"URGENT from {URGENT.number}: reply OK to take it."
[ALICE] = ANSWERS
NOON = 1000.0


def test_the_day_has_every_kind_of_conversation() -> None:
    assert {one.intent for one in CALLERS} >= {
        Intent.CALLBACK_TIME, Intent.THANKS, Intent.QUESTION, Intent.URGENT, Intent.WRONG_NUMBER, Intent.OPT_OUT,
    }  # fmt: skip
    assert {one.opts_out for one in CALLERS} == {None, OptOutSource.KEYWORD, OptOutSource.OWN_WORDS}
    assert {one.number for one in CALLERS} <= {call.caller for call in CALLS}
    assert [one.number for one in ANSWERS] != list(STAFF), "the first who is asked doesn't answer, so the ladder climbs"


@pytest.mark.parametrize("one", (*CALLERS, *ANSWERS), ids=lambda one: one.words)
def test_the_words_mean_what_the_script_says(one: Writing) -> None:
    wish = OptOut.DOUBTFUL if one.doubtful else OptOut.NO if one.opts_out is None else OptOut.YES
    assert (intent_of(one.words), opts_out(one.words)) == (one.intent, wish)


def test_a_caller_writes_back_once_and_not_before_it_is_time() -> None:
    script = Script(speed=2.0)
    script.texted(URGENT.number, FIRST, NOON)
    due = NOON + URGENT.after / 2
    assert script.written(due - 0.001) == []
    assert script.written(due) == [URGENT]
    script.texted(URGENT.number, "Alice will call you.", due)
    assert script.written(due + 1000) == []


def test_staff_answer_each_request_and_nothing_else() -> None:
    script = Script(speed=1.0)
    script.texted(ALICE.number, "Nothing more to do.", NOON)
    assert script.written(NOON + 1000) == []
    for start in (NOON + 1000, NOON + 2000):
        script.texted(ALICE.number, REQUEST, start)
        assert script.written(start + ALICE.after) == [ALICE]


def test_who_is_in_no_script_stays_silent() -> None:
    script = Script(speed=1.0)
    script.texted("+12025550199", FIRST, NOON)
    assert script.written(NOON + 1000) == []


def test_what_was_written_meanwhile_comes_in_order() -> None:
    script = Script(speed=1.0)
    for one in CALLERS:
        script.texted(one.number, FIRST, NOON)
    assert script.written(NOON + 1000) == sorted(CALLERS, key=lambda one: one.after)
