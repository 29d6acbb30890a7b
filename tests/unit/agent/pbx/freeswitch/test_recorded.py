"""Every recorded stream of a real FreeSWITCH, judged by what truly happened: no miss, and no false text."""

import json

import pytest

from agent.config.load import default_settings
from agent.office import Office
from agent.pbx.trace import read_trace
from agent.replay import Replay, as_json
from tests.story import office
from tests.unit.agent.pbx.freeswitch.socket_end import STREAMS, TRACES

Row = dict[str, object]

BY_SETTING = {
    "abandoned_2s": "short_ring",
    "conference_alone": "reason_off",
    "park_hangup": "reason_off",
    "two_same_caller": "in_touch",
    "unknown_did": "reason_off",
}
"""Where the truth leaves the text to settings or to a rule: the rule that decides by the defaults."""

REASONS = {
    "no_answer": "no_answer",
    "abandoned": "abandoned",
    "busy": "busy",
    "declined": "declined",
    "unreachable": "unreachable",
    "voicemail": "voicemail",
    "announcement": "closed",
}
"""What the truth calls the outcome → the reason, where it names none itself."""


def judged(name: str, at: Office | None = None) -> list[Row]:
    at = at or Office.of(default_settings(), shadow=False)
    rows = Replay(read_trace(TRACES / "streams" / f"{name}.jsonl.gz"), at, (), ()).run()
    return sorted((as_json(name, row, at) for row in rows), key=lambda row: float(str(row["started_at"])))


def truth(name: str) -> list[Row]:
    calls: list[Row] = json.loads((TRACES / "streams" / f"{name}.truth.json").read_text())["calls"]
    return calls


def pairs(name: str) -> list[tuple[Row, Row]]:
    """Each true call with its row, in the order in which they began; a consultation is a call the truth leaves out."""
    rows, found = judged(name), []
    for call in truth(name):
        began = float(str(call["start_offset"]))
        near = [row for row in rows if -0.05 < float(str(row["started_at"])) - began < 0.2]
        assert len(near) == 1, (call, rows)
        rows.remove(near[0])
        found.append((call, near[0]))
    assert [row for row in rows if row["direction"] == "inbound"] == []
    return found


@pytest.mark.parametrize("name", STREAMS)
def test_each_call_is_judged_as_it_was(name: str) -> None:
    for call, row in pairs(name):
        assert row["direction"] == call["direction"]
        assert (row["answered_at"] is not None) is call["human_answered"]
        if call["should_text"] is None:
            assert row["rule"] == BY_SETTING[name], row
        else:
            assert (row["decision"] == "text") is call["should_text"], row


@pytest.mark.parametrize("name", STREAMS)
def test_the_reason_is_the_true_one(name: str) -> None:
    for call, row in pairs(name):
        if call["direction"] == "inbound" and not call["human_answered"]:
            expected = call.get("reason") or REASONS.get(str(call["outcome"]))
            if name == "queue_abandoned":
                expected = "queue_abandoned"
            assert expected is None or row["reason"] == expected, row


@pytest.mark.parametrize("name", [name for name in STREAMS if "nobody" in name or name.startswith("no_answer")])
def test_with_one_ring_the_miss_is_known_one_cycle_after_the_first_ringing_exactly(name: str) -> None:
    trace = read_trace(TRACES / "streams" / f"{name}.jsonl.gz")
    [row] = Replay(trace, office({"rings": 1}), (), ()).run()
    ended, first = row.call.ended_at, row.call.first_ringing_at
    assert ended is not None
    assert first is not None
    assert row.known_at == pytest.approx(min(first + 6.0, ended), abs=1e-9) or ended - first < 6.1


@pytest.mark.parametrize("name", STREAMS)
def test_with_one_ring_nobody_who_was_answered_within_it_is_texted(name: str) -> None:
    for row in judged(name, office({"rings": 1})):
        if row["decision"] == "text" and row["answered_at"] is not None:
            assert float(str(row["known_at"])) < float(str(row["answered_at"]))
