"""Whether the demo notices that a day went wrong: it must never end well when the program didn't do its part."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from agent.demo.judge import joined_in, wrong_words
from agent.demo.ledger import Sent, Written
from agent.demo.script import STAFF
from storage.vocabulary import Decision, Intent, OptOutSource, TextKind
from tests.unit.agent.demo.conversations import (
    DOUBTFUL,
    NUMBERS,
    OWN_WORDS,
    STOPS,
    THANKS,
    URGENT,
    also_wrote,
    as_written,
    confirm,
    ladder,
    texted,
)

OTHER = "+12025550199"


def _without_the_reply_of(number: str, day: Written) -> Written:
    return replace(day, replies=tuple(one for one in day.replies if one.number != number))


def _taken_for(number: str, intent: Intent, day: Written) -> Written:
    return replace(
        day, replies=tuple(replace(one, intent=intent) if one.number == number else one for one in day.replies)
    )


def _also_sent(number: str, day: Written) -> Written:
    return replace(day, sent=(*day.sent, Sent(9, number, TextKind.FOLLOW_UP, "Hello again", 9.0, True)))


def _climbed(day: Written, **changes: object) -> Written:
    climbed = ladder()
    return replace(day, urgent=(replace(climbed, ladder=replace(climbed.ladder, **changes)),))  # type: ignore[arg-type]


@pytest.mark.parametrize("on_page", [False, True])
def test_nothing_is_wrong_about_a_day_that_went_as_the_script_says(on_page: bool) -> None:
    assert wrong_words(as_written(by_provider=on_page), texted(), on_page) == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda day: _without_the_reply_of(THANKS.number, day), "kept 0 times"),
        (lambda day: also_wrote(day, THANKS.number, THANKS.words), "kept 2 times"),
        (lambda day: _taken_for(THANKS.number, Intent.QUESTION, day), "taken for question"),
        (lambda day: replace(day, opt_outs={OWN_WORDS.number: OptOutSource.OWN_WORDS}), "no such opt-out"),
        (lambda day: replace(day, opt_outs={**day.opt_outs, STOPS.number: OptOutSource.ADMIN}), "no such opt-out"),
        (lambda day: replace(day, opt_outs={**day.opt_outs, THANKS.number: OptOutSource.KEYWORD}), "an opt-out is in"),
        (lambda day: replace(day, doubts=frozenset()), "no doubt is open"),
        (lambda day: replace(day, doubts=frozenset({DOUBTFUL.number, THANKS.number})), "a doubt is open"),
        (lambda day: _also_sent(THANKS.number, day), "a text followed"),
        (lambda day: _also_sent(STOPS.number, day), "2 texts followed instead of the one"),
        (lambda day: replace(day, sent=(confirm(STOPS.number, 1), confirm(OWN_WORDS.number, 2, left=False))),
         "0 texts followed instead of the one"),
        (lambda day: replace(day, urgent=()), "Somebody was asked about: none"),
        (lambda day: replace(day, urgent=(*day.urgent, ladder(THANKS.number))), f"{URGENT.number}, {THANKS.number}"),
        (lambda day: replace(day, urgent=(replace(ladder(), asks=ladder().asks[:1]),)), "asked were Bob, not"),
        (lambda day: _climbed(day, seen_by=None), "nobody has it"),
        (lambda day: _climbed(day, reached_at=None), "the ledger doesn't have it"),
        (lambda day: _climbed(day, reached_at=90.5), "the ledger doesn't have it"),
    ],
)  # fmt: skip
def test_what_went_wrong_is_said(spoil: Callable[[Written], Written], said: str) -> None:
    [sentence] = wrong_words(spoil(as_written()), texted(), on_page=False)
    assert said in sentence


def test_a_second_text_after_a_second_miss_is_wrong() -> None:
    rows = texted()
    rows["again"] = replace(rows[STOPS.number], id=99)
    [sentence] = wrong_words(as_written(), rows, on_page=False)
    assert f"{STOPS.number} was texted after 2 of its calls" in sentence
    rows["again"] = replace(rows["again"], decision=Decision.SKIP)
    assert wrong_words(as_written(), rows, on_page=False) == []


def test_where_the_provider_answers_stop_a_text_of_ours_is_one_too_many() -> None:
    [sentence] = wrong_words(as_written(), texted(), on_page=True)
    assert STOPS.number in sentence and "1 texts followed instead of none" in sentence


@pytest.mark.parametrize(
    ("who", "words"), [(OTHER, "Hello"), (STOPS.number, "START"), (THANKS.number, THANKS.words), (NUMBERS["Bob"], "OK")]
)
def test_who_joins_in_is_known_and_not_judged(who: str, words: str) -> None:
    day = also_wrote(as_written(by_provider=True), who, words)
    assert joined_in(day) == {who}
    assert wrong_words(day, texted(), on_page=True) == []


def test_nobody_joins_in_by_the_script_alone() -> None:
    assert joined_in(as_written()) == frozenset()


def test_an_urgent_text_of_somebody_who_joined_in_leaves_the_ladders_alone() -> None:
    day = also_wrote(as_written(by_provider=True), OTHER, "URGENT", Intent.URGENT)
    day = replace(day, urgent=(*day.urgent, replace(ladder(OTHER), asks=())))
    assert wrong_words(day, texted(), on_page=True) == []


def test_staff_answer_every_request_which_is_no_joining_in() -> None:
    day = as_written()
    [answer] = [one for one in day.replies if one.number in STAFF]
    assert joined_in(replace(day, replies=(*day.replies, replace(answer, sid="again")))) == frozenset()
