"""Every recorded stream of a real Asterisk, judged by what truly happened: no miss, and no false text."""

import json
from functools import cache

import pytest

from agent.config.load import default_settings
from agent.office import Office
from agent.pbx.trace import read_trace
from agent.replay import Replay, as_json
from tests.story import office
from tests.unit.agent.pbx.asterisk.wires import TRACES, streams

Row = dict[str, object]

UNSEEN = {"unknown_did"}
"""An Asterisk says nothing at all of a number that isn't in its dialplan."""

BY_SETTING = {
    "abandoned_2s": "short_ring",
    "abandoned_at_once": "short_ring",
    "cdrall_abandoned_2s": "short_ring",
    "conference_alone": "reason_off",
    "park_direct_abandoned": "reason_off",
    "restart_now": "text",
    "restart_term": "text",
    "restart_gracefully": "",
    "retry_missed": "cooldown",
    "two_same_caller": "in_touch",
    "weird_newline_user": "not_textable",
}
"""Where the truth leaves the text to settings or to a rule: the rule that decides by the defaults."""


@cache
def default_office() -> Office:
    return Office.of(default_settings(), shadow=False)


def judged(name: str, at: Office | None = None) -> list[Row]:
    trace = read_trace(TRACES / "streams" / f"{name}.jsonl.gz")
    at = at or default_office()
    return [as_json(name, row, at) for row in Replay(trace, at, (), ()).run()]


def truth(name: str) -> list[Row]:
    calls: list[Row] = json.loads((TRACES / "streams" / f"{name}.truth.json").read_text())["calls"]
    return calls


def dialled(row: Row) -> tuple[object, object]:
    return row["direction"], row["line"] if row["direction"] == "inbound" else row["caller"]


def true_dialled(call: Row) -> tuple[object, object]:
    return call["direction"], call["did"] if call["direction"] == "inbound" else call["caller"]


def pairs(name: str) -> list[tuple[Row, Row]]:
    """Each true call with its row: by what was dialled, and by order where a number was dialled twice."""
    rows = sorted(judged(name), key=lambda row: float(str(row["started_at"])))
    found = []
    for call in truth(name):
        row = next((row for row in rows if dialled(row) == true_dialled(call)), None)
        if row is not None:
            rows.remove(row)
            found.append((call, row))
    assert rows == [], "rows of calls that never were"
    return found


@pytest.mark.parametrize("name", streams())
def test_each_call_is_judged_as_it_was(name: str) -> None:
    found = pairs(name)
    missing = [call for call in truth(name) if call["direction"] == "inbound" and call not in [c for c, _ in found]]
    assert (name in UNSEEN or name == "restart_gracefully") is bool(missing)
    for call, row in found:
        texted = row["decision"] == "text"
        assert (row["answered_at"] is not None) is call["human_answered"]
        if call["should_text"] is not None:
            assert texted is call["should_text"], row
        else:
            assert row["rule"] == BY_SETTING[name], row
        if call["direction"] == "inbound" and call.get("reason") is not None:
            assert row["reason"] == call["reason"], row


@pytest.mark.parametrize("name", streams())
def test_what_is_known_is_known_in_time(name: str) -> None:
    """A miss is known within a third of a second of what happened (FreePBX's hangup handlers are that slow)."""
    for call, row in pairs(name):
        if row["direction"] != "inbound" or row["reason"] in (None, "voicemail", "closed", "pbx_stopped"):
            continue
        known, ended = float(str(row["known_at"])), float(str(call["end_offset"]))
        assert -0.05 <= known - ended <= 0.35, (known, ended)


LONGER_THAN_A_RING = [
    "no_answer",
    "no_answer_handwritten",
    "rg_nobody",
    "ivr_nobody",
    "hunt_announcement",
    "hunt_third_answers",
    "parallel_nobody",
    "phone_183_nobody",
    "callerid_rewritten",
    "voicemail_message",
    "cdrall_no_answer",
    "verstat",
]


@pytest.mark.parametrize("name", LONGER_THAN_A_RING)
def test_with_one_ring_the_miss_is_known_one_cycle_after_the_first_ringing_exactly(name: str) -> None:
    trace = read_trace(TRACES / "streams" / f"{name}.jsonl.gz")
    one_ring = office({"rings": 1})
    [row] = [row for row in Replay(trace, one_ring, (), ()).run() if row.call.direction.value == "inbound"]
    assert row.call.first_ringing_at is not None
    assert row.known_at == row.call.first_ringing_at + 6.0
    assert as_json(name, row, one_ring)["reason"] == "no_answer"


@pytest.mark.parametrize("name", streams())
def test_with_one_ring_nobody_who_was_answered_within_it_is_texted(name: str) -> None:
    for row in judged(name, office({"rings": 1})):
        answered, known = row["answered_at"], row["known_at"]
        if row["decision"] == "text" and answered is not None:
            assert known is not None
            assert float(str(known)) < float(str(answered))
