"""What one sees of the conversations."""

import io
from dataclasses import replace

from rich.console import Console

from agent.demo.day import Day
from agent.demo.ledger import Climbed, Reply, Sent, Written
from agent.demo.messages import Messages
from agent.demo.script import STAFF
from agent.demo.view import View
from storage.vocabulary import Intent, LadderState, OptOutSource, TextKind
from tests.unit.agent.demo.conversations import NUMBERS, ask, ladder

ANNA = "+12025550143"


class Told:
    """The messages, and the lines they printed since the last look."""

    def __init__(self) -> None:
        self._out = io.StringIO()
        self._messages = Messages(View(Console(file=self._out, width=300), Day(), lambda: "09:05"))

    def after(self, written: Written) -> list[str]:
        self._out.seek(0)
        self._out.truncate()
        self._messages.happened(written)
        return [line.removeprefix("09:05").strip() for line in self._out.getvalue().splitlines()]


def _reply(words: str, intent: Intent | None, number: str = ANNA) -> Written:
    return Written(replies=(Reply("1", number, words, intent, 0.0),))


def test_a_reply_is_told_once_with_what_was_made_of_it() -> None:
    told, written = Told(), _reply("after 3", Intent.CALLBACK_TIME)
    assert told.after(written) == ["+1 202 555 0143 writes “after 3”: says when to call back"]
    assert told.after(written) == []


def test_every_meaning_has_words_of_its_own() -> None:
    told = {intent: Told().after(_reply("…", intent))[0] for intent in Intent}
    assert len(set(told.values())) == len(told)
    assert told[Intent.QUESTION].endswith("asks something")
    assert told[Intent.THANKS].endswith("thanks")


def test_an_opt_out_says_how_it_was_asked_for() -> None:
    for source, said in ((OptOutSource.KEYWORD, "by keyword"), (OptOutSource.OWN_WORDS, "in own words")):
        [line] = Told().after(replace(_reply("STOP", Intent.OPT_OUT), opt_outs={ANNA: source}))
        assert line.endswith(f"opted out, {said}")


def test_a_doubt_says_that_a_person_has_to_look_and_is_that_of_one_reply() -> None:
    told, written = Told(), replace(_reply("wrong number", Intent.WRONG_NUMBER), doubts=frozenset({ANNA}))
    first = " ".join(told.after(written))
    assert "“wrong number”: perhaps an opt-out" in first and "until a person has looked" in first
    later = Reply("2", ANNA, "Sorry, it is me", Intent.OTHER, 1.0)
    assert told.after(replace(written, replies=(*written.replies, later)))[0].endswith("a message for the office")


def test_a_text_is_told_once_it_has_left() -> None:
    told, sent = Told(), Sent(1, ANNA, TextKind.CONFIRM, "No more texts.", 0.0, left=False)
    assert told.after(Written(sent=(sent,))) == []
    left = Written(sent=(replace(sent, left=True),))
    assert told.after(left) == ["+1 202 555 0143 is told once: “No more texts.”"]
    assert told.after(left) == []


def test_a_ladder_is_told_step_by_step_to_the_call_back() -> None:
    told, whole = Told(), ladder(ANNA)
    asking = replace(whole.ladder, state=LadderState.ASKING, seen_by=None, reached_at=None)
    requests = tuple(
        Sent(one.text_id or 0, one.number or "", TextKind.STAFF, one.body, 0.0, True) for one in whole.asks
    )

    def at(climbed: Climbed) -> list[str]:
        return told.after(Written(sent=requests[: len(climbed.asks)], urgent=(climbed,)))

    assert at(Climbed(asking, whole.asks[:1])) == ["Bob is asked: “URGENT from the caller”"]
    assert at(Climbed(asking, whole.asks)) == ["Bob hasn't answered. Alice is asked the same"]
    [taken] = at(replace(whole, ladder=replace(whole.ladder, state=LadderState.SEEN)))
    assert taken.startswith("Alice takes it. A call is due by ")
    assert at(whole) == ["+1 202 555 0143 was called back: the promise was kept"]
    assert at(whole) == []


def test_a_promise_that_was_broken_is_told_as_such() -> None:
    late = ladder(ANNA)
    lines = Told().after(Written(urgent=(replace(late, ladder=replace(late.ladder, reached_at=99.0)),)))
    assert lines[-1].endswith("the promise was broken")


def test_that_everybody_is_asked_once_more_is_told_once() -> None:
    asks = tuple(ask(name, place) for place, name in enumerate([*STAFF.values(), *STAFF.values()]))
    asking = replace(ladder(ANNA).ladder, state=LadderState.ASKING, seen_by=None, reached_at=None)
    assert Told().after(Written(urgent=(Climbed(asking, asks),)))[2:] == [
        "Nobody has taken it. Everybody is asked once more"
    ]


def test_staff_have_names() -> None:
    told = Told()
    assert told.after(_reply("OK", Intent.THANKS, NUMBERS["Alice"])) == ["Alice writes “OK”"]
    sent = Sent(1, NUMBERS["Bob"], TextKind.STAFF, "Nothing more to do.", 0.0, True)
    assert told.after(Written(sent=(sent,))) == ["Bob is told: “Nothing more to do.”"]
