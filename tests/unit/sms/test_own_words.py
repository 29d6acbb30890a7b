"""What callers mean in their own words: what must be read as an opt-out, what a person has to look at, what is none.

The sets that were held back are read by `python -m tests.replies` alone, to measure.
"""

import json
from collections.abc import Callable
from importlib import resources

import pytest

from sms.keywords import Keyword, bare_keyword
from sms.own_words import machines, weights
from sms.own_words.machines import is_machine_made
from sms.own_words.reading import Language, OptOut, language_of, opts_out
from sms.own_words.weights import Question, reasons
from sms.wording import Rule
from tests.replies.labelled import replies
from training.labelled import FOLDER, Reply, digest, read

WORKING = replies("working")
PLAIN = list(read(FOLDER / "plain.jsonl"))
MEANT = {"keyword": OptOut.YES, "own_words": OptOut.YES, "doubtful": OptOut.DOUBTFUL, "no": OptOut.NO}


@pytest.mark.parametrize("reply", [r.text for r in WORKING if r.opt_out == "keyword"])
def test_no_bare_keyword_is_ever_missed(reply: str) -> None:
    assert bare_keyword(reply) is Keyword.OPT_OUT
    assert opts_out(reply) is OptOut.YES


@pytest.mark.parametrize(("reply", "meant"), [(r.text, MEANT[r.opt_out]) for r in WORKING])
def test_a_reply_is_read_as_it_was_meant(reply: str, meant: OptOut) -> None:
    assert opts_out(reply) is meant


@pytest.mark.parametrize("reply", PLAIN, ids=lambda reply: reply.text)
def test_a_plain_wording_is_read_as_it_was_meant(reply: Reply) -> None:
    assert opts_out(reply.text) is MEANT[reply.opt_out]


@pytest.mark.parametrize(
    "dress", [str.upper, str.capitalize, "{}.".format, "{} thanks".format, "hello, {}".format, "{} ok?".format]
)
def test_an_opt_out_is_heard_however_it_is_dressed(dress: Callable[[str], str]) -> None:
    said = [dress(reply.text) for reply in PLAIN if reply.opts_out]
    assert [text for text in said if opts_out(text) is OptOut.NO] == []


@pytest.mark.parametrize(
    "reply", ["sotp", "STPO please", "unsubcribe", "unsubscibe me", "arert", "bsata", "STOP I pay for every text"]
)
def test_a_keyword_that_slipped_is_one(reply: str) -> None:
    assert opts_out(reply) is OptOut.YES


@pytest.mark.parametrize("reply", ["🛑", " ✋ ", "🚫🚫"])
def test_a_stop_sign_alone_is_for_a_person(reply: str) -> None:
    assert opts_out(reply) is OptOut.DOUBTFUL


def test_a_reaction_that_quotes_our_stop_is_none() -> None:
    assert opts_out("Liked “Sorry we missed your call. Reply STOP to opt out.”") is OptOut.NO


@pytest.mark.parametrize("reply", ["START", "unstop", "HELP", "info", "", " ", "👍", "ok"])
def test_what_says_nothing_of_the_kind_is_none(reply: str) -> None:
    assert opts_out(reply) is OptOut.NO


@pytest.mark.parametrize("rule", machines.MACHINES, ids=lambda rule: rule.example)
def test_a_machine_that_answers_for_the_caller_is_known(rule: Rule) -> None:
    assert is_machine_made(rule.example)
    assert opts_out(rule.example) is OptOut.NO


@pytest.mark.parametrize(
    ("reply", "language"),
    [
        ("STOP", Language.ENGLISH),
        ("please don't text me any more", Language.ENGLISH),
        ("basta", Language.SPANISH),
        ("ya no me escriban por favor", Language.SPANISH),
        ("ARRET", Language.FRENCH),
        ("ne m'écrivez plus s'il vous plaît", Language.FRENCH),
        ("", Language.ENGLISH),
    ],
)
def test_the_language_in_which_it_was_said(reply: str, language: Language) -> None:
    assert language_of(reply) is language


def test_a_person_can_see_which_words_spoke_for_it() -> None:
    found = reasons("Hi Bob here. please take me off your list, Tuesday is fine", Question.OPTS_OUT)
    assert any("off" in mark or "list" in mark for mark in found)


def test_a_reply_without_end_is_read_all_the_same() -> None:
    for hostile in (
        "stop " * 20_000,
        "a" * 100_000,
        "don't " * 20_000,
        "take me " * 20_000,
        "." * 99_999,
        "\u202e\x00\ud800" * 30_000,
    ):
        assert opts_out(hostile[:100_000]) in OptOut


def test_the_weights_are_those_of_the_replies_that_lie_here() -> None:
    """Whoever changes a labelled reply, or what is weighed, runs `make words`."""
    head, _, _ = resources.files("sms.own_words").joinpath(weights.FILE).read_bytes().partition(b"\n")
    assert json.loads(head)["learnt_from"] == digest()
