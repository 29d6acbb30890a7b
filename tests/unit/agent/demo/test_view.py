"""What one sees of the demo."""

import io
import math

from rich.console import Console

from agent.demo.day import Day
from agent.demo.plan import PlannedCall
from agent.demo.player import Player
from agent.demo.view import Decided, View
from storage.vocabulary import Decision, Direction, Reason
from tests.unit.agent.demo.asterisk.clients import connected


def _view() -> tuple[View, io.StringIO]:
    out = io.StringIO()
    return View(Console(file=out, width=200), Day(), lambda: "09:05"), out


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
    assert view.settled(1) and not view.settled(2)


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
    view.console.print(view.summary(rows))
    told = {tuple(line.strip("│ ").split(" │ ")) for line in out.getvalue().splitlines() if "│" in line}
    counts = {words.strip(): int(count) for count, words in told}
    assert counts["calls in all"] == 4
    assert counts["answered by a human"] == 1
    assert counts["missed"] == 2
    assert counts["texted back"] == 1
    assert counts["not texted: The caller withheld the number, or none came with the call."] == 1
    assert view.worth_explaining(rows) == 7
