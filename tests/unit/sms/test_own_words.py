"""Opting out in one's own words: what must be read as one, what a person has to look at, and what only looks like one.

The labelled replies were written by somebody else, before the rules (tests/replies). The working half is read here; the
half held back is read by `python -m tests.replies` alone, once, to measure.
"""

from collections.abc import Iterable

import pytest

from sms.keywords import Keyword, bare_keyword
from sms.own_words import reading
from sms.own_words.reading import OptOut, opts_out
from sms.plain_words import sentences, spelled
from sms.wording import Rule
from tests.replies.labelled import replies

WORKING = replies("working")


def named(rules: Iterable[Rule]) -> list[object]:
    return [pytest.param(rule, id=rule.example) for rule in rules]


@pytest.mark.parametrize(
    "rule",
    named([*reading.DEMANDS, *reading.REFUSALS, *reading.DOUBTS, *reading.SHORT_DOUBTS, *reading.SPARED]),
)
def test_each_rule_finds_its_own_example(rule: Rule) -> None:
    assert any(rule.finds(sentence) for sentence in sentences(spelled(rule.example)))


@pytest.mark.parametrize("rule", named([*reading.DEMANDS, *reading.REFUSALS]))
def test_who_demands_or_refuses_has_opted_out(rule: Rule) -> None:
    assert opts_out(rule.example) is OptOut.YES


@pytest.mark.parametrize("rule", named([*reading.DOUBTS, *reading.SHORT_DOUBTS]))
def test_what_may_be_meant_so_is_for_a_person(rule: Rule) -> None:
    assert opts_out(rule.example) is OptOut.DOUBTFUL


@pytest.mark.parametrize("rule", named(reading.SPARED))
def test_words_of_stopping_that_mean_something_else_are_none(rule: Rule) -> None:
    assert opts_out(rule.example) is OptOut.NO


@pytest.mark.parametrize("reply", [r.text for r in WORKING if r.opt_out == "keyword"])
def test_no_bare_keyword_is_ever_missed(reply: str) -> None:
    assert bare_keyword(reply) is Keyword.OPT_OUT
    assert opts_out(reply) is OptOut.YES


@pytest.mark.parametrize("reply", [r.text for r in WORKING if r.opt_out == "own_words"])
def test_an_opt_out_in_own_words_is_read(reply: str) -> None:
    assert opts_out(reply) is OptOut.YES


@pytest.mark.parametrize("reply", [r.text for r in WORKING if r.opt_out == "no"])
def test_what_is_no_opt_out_is_none(reply: str) -> None:
    assert opts_out(reply) is OptOut.NO


@pytest.mark.parametrize("reply", [r.text for r in WORKING if r.opt_out == "doubtful"])
def test_what_is_doubtful_is_told_as_such(reply: str) -> None:
    assert opts_out(reply) is OptOut.DOUBTFUL


def test_of_many_more_replies_hardly_an_opt_out_is_missed_or_made_up() -> None:
    further = replies("further")
    meant = {r.text for r in further if r.opts_out}
    read = {r.text for r in further if opts_out(r.text) is OptOut.YES}
    assert len(meant & read) >= 0.97 * len(meant)
    assert len(meant & read) >= 0.97 * len(read)


def test_a_reply_without_end_is_read_all_the_same() -> None:
    for hostile in (
        "stop " * 20_000,
        "a" * 100_000,
        "don't " * 20_000,
        "take me " * 20_000,
        "no " * 50_000,
        "." * 99_999,
    ):
        assert opts_out(hostile[:100_000]) in OptOut
