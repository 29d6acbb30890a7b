"""A masked trace tells the same story with other people in it."""

import json
import re
from pathlib import Path

import pytest

from agent.config.load import default_settings
from agent.office import Office
from agent.pbx.asterisk.tape import PEOPLE
from agent.pbx.masking import Mask
from agent.pbx.trace import read_trace
from agent.replay import Replay, as_json
from sms.numbers import read_number

RECORDINGS = Path(__file__).parents[4] / "agent" / "demo" / "recordings" / "asterisk"


@pytest.fixture
def mask() -> Mask:
    return Mask(PEOPLE, lambda number: read_number(number, "US").withheld)


def value(mask: Mask, header: str, said: str) -> str:
    return mask.headers([(header, said)])[0][1]


def test_a_number_becomes_the_same_fictional_one_however_it_is_written(mask: Mask) -> None:
    written = ("+12025550143", "12025550143", "2025550143", "sip:2025550143@carrier.example")
    assert [value(mask, "CallerIDNum", each) for each in written] == [
        "+12025550100", "12025550100", "2025550100", "sip:2025550100@carrier.example",
    ]  # fmt: skip


def test_two_numbers_never_become_one(mask: Mask) -> None:
    masked = {value(mask, "CallerIDNum", f"202{exchange}{line:04}") for exchange in (555, 556) for line in range(500)}
    assert len(masked) == 1000


def test_what_decides_about_a_number_stays(mask: Mask) -> None:
    for number in ("8005551234", "9005551234", "8095551234", "+442079460123", "+4915112345678"):
        before, after = read_number(number, "US"), read_number(value(mask, "CallerIDNum", number), "US")
        assert after.e164 != before.e164
        assert (after.region, after.why_not) == (before.region, before.why_not)


@pytest.mark.parametrize(
    "kept",
    [
        "101", "600", "911", "1795510594.25", "asterisk-1795510594.25", "PJSIP/trunk-00000012",
        "Local/600@q-00000003;1", "6f1d7e0a-1234-4abc-8def-123456789012", "7378742833", "anonymous",
        "<unknown>", "192.168.100.200",
    ],
)  # fmt: skip
def test_extensions_ids_and_words_stay_as_they_are(mask: Mask, kept: str) -> None:
    assert value(mask, "CallerIDNum", kept) == kept


def test_names_become_numbered_callers_also_inside_the_dialplans_words(mask: Mask) -> None:
    assert value(mask, "CallerIDName", "Dana Smith") == "CALLER 1"
    assert value(mask, "DestConnectedLineName", "Dana Smith") == "CALLER 1"
    assert value(mask, "AppData", "CALLERID(name)=Dana Smith") == "CALLERID(name)=CALLER 1"


def test_a_caller_named_like_an_event_changes_nothing_else(mask: Mask) -> None:
    value(mask, "CallerIDName", "Hangup")
    value(mask, "CallerIDName", "Ring")
    assert mask.headers([("Event", "Hangup"), ("ChannelStateDesc", "Ring")]) == [
        ("Event", "Hangup"), ("ChannelStateDesc", "Ring"),
    ]  # fmt: skip


@pytest.mark.parametrize("recording", sorted(RECORDINGS.glob("*.jsonl.gz")), ids=lambda path: path.name)
def test_a_masked_recording_is_judged_as_the_original(tmp_path: Path, recording: Path, mask: Mask) -> None:
    trace = read_trace(recording)
    header = {
        "format": "secondring-trace/1", "pbx": trace.pbx, "started": "2026-03-09T17:00:00+00:00",
        "inbound_contexts": trace.inbound_contexts,
    }  # fmt: skip
    masked = tmp_path / "masked.jsonl"
    lines = [header, *({"t": entry.t, "event": mask.headers(entry.headers)} for entry in trace.entries)]
    masked.write_text("\n".join(json.dumps(line) for line in lines))
    assert judged(masked) == judged(recording)
    numbers = set(re.findall(r"\b1?[2-9]\d{2}555\d{4}\b", masked.read_text()))
    assert all(number.endswith(tuple(f"55501{n:02}" for n in range(100))) for number in numbers)


def judged(path: Path) -> list[tuple[object, ...]]:
    office = Office.of(default_settings(), shadow=False)
    rows = [as_json("", row, office) for row in Replay(read_trace(path), office, (), ()).run()]
    return [
        tuple(row[key] for key in ("direction", "reason", "decision", "rule", "known_at", "answered_at"))
        for row in rows
    ]
