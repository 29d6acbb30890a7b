"""What one sees of the demo."""

import io
import math
from dataclasses import replace

from rich.console import Console

from agent.demo.day import Day
from agent.demo.ledger import Climbed, Decided, Reply, Written
from agent.demo.plan import PlannedCall
from agent.demo.player import Player
from agent.demo.view import View
from storage.records import Ladder
from storage.vocabulary import Decision, Direction, Intent, LadderState, OptOutSource, Reason
from tests.unit.agent.demo.asterisk.clients import connected


def _view() -> tuple[View, io.StringIO]:
    out = io.StringIO()
    return View(Console(file=out, width=200), Day(), lambda: "09:05"), out


def _counts(out: io.StringIO) -> dict[str, int]:
    told = (line.strip("│ ").split(" │ ") for line in out.getvalue().splitlines() if "│" in line)
    return {words.strip(): int(count) for count, words in told}


def _urgent(number: str, reached_at: float | None = None) -> Climbed:
    return Climbed(Ladder(1, number, "URGENT", 10.0, 90.0, LadderState.SEEN, 1, None, "Alice", 20.0, reached_at), ())


def _missed(decision: Decision, rule: str, text: str = "") -> Decided:
    return Decided(7, Direction.INBOUND, Reason.ABANDONED, decision, rule, False, text, "accepted" if text else "")


async def _play(view: View, *plan: PlannedCall) -> list[str]:
    """Play calls to the view and return the PBX's names of them."""
    async with Player(plan, speed=math.inf, watch=view.heard) as player, connected(player) as client:
        await client.log_in()
        await player.finished()
        player.cut()
        frames = [dict(frame) for frame in await client.rest()]
    return list(dict.fromkeys(frame["Linkedid"] for frame in frames if "Linkedid" in frame))


async def test_a_call_is_told_from_its_arrival_to_the_answer() -> None:
    view, out = _view()
    await _play(view, PlannedCall(0, "answered", "+12025550110", "BAKER JANE", "+13125550100"))
    told = [line.split(maxsplit=2)[2] for line in out.getvalue().splitlines()]
    assert told == ["+1 202 555 0110 calls Main  (BAKER JANE)", "rings", "Alice (101) answers"]


async def test_a_withheld_number_is_shown_nowhere() -> None:
    view, out = _view()
    await _play(view, PlannedCall(0, "abandoned", "+12025550116", "HALL PETER", "+13125550100", withheld=True))
    assert "a withheld number calls Main" in out.getvalue()
    assert "0116" not in out.getvalue() and "HALL" not in out.getvalue()


async def test_a_miss_is_told_once_with_the_text_that_followed() -> None:
    view, out = _view()
    [name] = await _play(view, PlannedCall(0, "abandoned", "+12025550116"))
    for _ in range(2):
        view.decided({name: _missed(Decision.TEXT, "text", "Hi there, this is Acme Plumbing.")})
    assert out.getvalue().count("missed: hung up while it rang. Texted:") == 1
    assert "“Hi there, this is Acme Plumbing.”" in out.getvalue()


async def test_a_miss_that_is_not_texted_says_why() -> None:
    view, out = _view()
    [name] = await _play(view, PlannedCall(0, "abandoned", "+12025550116"))
    view.decided({name: _missed(Decision.SKIP, "cooldown")})
    assert "No text: The number was texted not long ago" in out.getvalue()


def test_the_summary_counts_what_was_missed_texted_and_left_alone() -> None:
    view, out = _view()
    answered = Decided(9, Direction.INBOUND, None, Decision.SKIP, "answered", True, "", "")
    outbound = Decided(8, Direction.OUTBOUND, None, Decision.SKIP, "not_inbound", True, "", "")
    rows = {
        "a": _missed(Decision.TEXT, "text", "Hi"),
        "b": _missed(Decision.SKIP, "withheld"),
        "c": answered,
        "d": outbound,
    }
    view.console.print(view.summary(rows, Written()))
    counts = _counts(out)
    assert counts["calls in all"] == 4
    assert counts["answered by a human"] == 1
    assert counts["missed"] == 2
    assert counts["texted back"] == 1
    assert counts["not texted: The caller withheld the number, or none came with the call."] == 1


def test_the_summary_counts_what_was_written_back() -> None:
    view, out = _view()
    written = Written(
        replies=(
            Reply("1", "+12025550111", "after 3", Intent.CALLBACK_TIME, 0.0),
            Reply("2", "+12025550112", "STOP", Intent.OPT_OUT, 0.0),
            Reply("3", "+12025550101", "OK", Intent.THANKS, 0.0),  # staff
        ),
        opt_outs={"+12025550112": OptOutSource.KEYWORD, "+12025550113": OptOutSource.OWN_WORDS},
        doubts=frozenset({"+12025550114"}),
        urgent=(_urgent("+12025550120", reached_at=70.0), _urgent("+12025550121", reached_at=None)),
    )
    view.console.print(view.summary({}, written))
    counts = _counts(out)
    assert counts["replies from callers"] == 2
    assert counts["opted out, 1 of them in own words"] == 2
    assert counts["perhaps opted out: a person has to look"] == 1
    assert counts["urgent, 1 called back in the promised time"] == 2


def test_the_story_worth_reading_is_the_urgent_callers_else_the_last_one_texted() -> None:
    view, _ = _view()
    rows = {
        name: replace(_missed(decision, "rule"), id=row_id, caller=caller)
        for name, row_id, decision, caller in (
            ("c", 3, Decision.SKIP, "+12025550111"),
            ("b", 2, Decision.TEXT, "+12025550112"),
            ("a", 1, Decision.TEXT, "+12025550120"),
        )
    }
    assert view.worth_explaining({}, Written()) is None
    assert view.worth_explaining(rows, Written()) == 2
    assert view.worth_explaining(rows, Written(urgent=(_urgent("+12025550120"),))) == 1


def test_on_a_terminal_the_words_are_not_as_dim_as_the_time_before_them() -> None:
    out = io.StringIO()
    View(Console(file=out, width=200, force_terminal=True), Day(), lambda: "09:05").say(3, "Alice answers", "green")
    assert out.getvalue() == "\x1b[2m09:05   3  \x1b[0m\x1b[32mAlice answers\x1b[0m\n"


def test_what_is_too_long_goes_on_under_itself() -> None:
    out = io.StringIO()
    View(Console(file=out, width=40), Day(), lambda: "09:05").say(3, "missed, and nobody was there to take it")
    assert out.getvalue() == "09:05   3  missed, and nobody was there\n           to take it\n"
