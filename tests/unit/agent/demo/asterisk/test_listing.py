"""What the player would list at an instant is what the real PBX listed then (recorded snapshots)."""

import gzip
import json
import re
from pathlib import Path

import pytest

from agent.demo.asterisk.listing import Rows
from agent.demo.asterisk.recording import load
from agent.demo.asterisk.replant import Names
from agent.demo.asterisk.score import Score
from agent.demo.replant import Identity

DATA = Path(__file__).parent / "data"
SNAPSHOTS = sorted(path.name.removesuffix(".json.gz") for path in DATA.glob("at_*.json.gz"))
TAKEN_AFTER = 0.5  # the snapshots were asked for this much after the second in their name
NOT_OURS = {
    "ActionID",
    "Readformat",
    "Readtrans",
    "Writeformat",
    "Writetrans",
    "ParkingTimeout",
}  # audio, and a countdown
AGES = {"Duration", "Seconds", "ParkingDuration"}

Row = dict[str, str]


def _frames(text: str) -> list[list[tuple[str, str]]]:
    blocks = [block.split("\r\n") for block in text.split("\r\n\r\n") if block]
    return [[(line.partition(": ")[0], line.partition(": ")[2]) for line in block] for block in blocks]


def _scene(name: str) -> tuple[Score, float]:
    kind, seconds = name.removeprefix("at_").rsplit("_", 1)
    return Score(load(DATA, f"snap_{kind}")), float(seconds) + TAKEN_AFTER


def _recorded(name: str, question: str) -> list[list[tuple[str, str]]]:
    with gzip.open(DATA / f"{name}.json.gz") as file:
        answers = json.load(file)
    return [[(key, value) for key, value in event] for event in answers[question]["events"][:-1]]


def _told(score: Score, rows: Rows, at: float) -> list[list[tuple[str, str]]]:
    """The rows with the names of the recording put back, so that they can be compared."""
    values = score.plant.values(Identity(), Names(), 1999999999.0, 1.0)
    text = rows.fill(values, b"ActionID: a0\r\n", [int(at - since) for since in rows.since]).decode()
    recorded = {values[slot].decode(): literal for literal, slot in score.plant.slots.items()}
    fresh = "|".join(re.escape(name) for name in sorted(recorded, key=len, reverse=True))
    return _frames(re.sub(fresh, lambda match: recorded[match[0]], text))


def _by_channel(frames: list[list[tuple[str, str]]]) -> dict[str, Row]:
    return {dict(frame).get("Channel") or dict(frame)["ParkeeChannel"]: dict(frame) for frame in frames}


@pytest.mark.parametrize("question", ["CoreShowChannels", "Status", "ParkedCalls"])
@pytest.mark.parametrize("name", SNAPSHOTS)
def test_the_rows_are_those_of_the_real_pbx(name: str, question: str) -> None:
    score, at = _scene(name)
    scene = score.scene(sum(event.at <= at for event in score.recording.events))
    rows = {"CoreShowChannels": scene.channels, "Status": scene.status, "ParkedCalls": scene.parked}[question]
    real, told = _recorded(name, question), _told(score, rows, at)
    assert sorted([key for key, _ in frame] for frame in told) == sorted([key for key, _ in frame] for frame in real)
    expected, got = _by_channel(real), _by_channel(told)
    assert got.keys() == expected.keys()
    for channel, row in expected.items():
        for key in row.keys() - NOT_OURS - AGES:
            assert got[channel][key] == row[key], f"{channel} {key}"
        for key in row.keys() & AGES:
            assert abs(_seconds(got[channel][key]) - _seconds(row[key])) <= 1, f"{channel} {key}"


def _seconds(age: str) -> int:
    whole = 0
    for part in age.split(":"):
        whole = whole * 60 + int(part)
    return whole


@pytest.mark.parametrize("name", [name for name in SNAPSHOTS if "conference" in name or "direct_5" in name])
def test_the_members_of_each_bridge_are_those_of_the_real_pbx(name: str) -> None:
    score, at = _scene(name)
    scene = score.scene(sum(event.at <= at for event in score.recording.events))
    with gzip.open(DATA / f"{name}.json.gz") as file:
        answers = json.load(file)
    real = {
        question.removeprefix("BridgeInfo "): {dict(map(tuple, e))["Channel"] for e in answer["events"][:-1]}
        for question, answer in answers.items()
        if question.startswith("BridgeInfo ") and answer["events"][:-1]
    }
    told = {bridge: {leg.channel for leg in scene.board.members(bridge)} for bridge in scene.bridges}
    assert {bridge: members for bridge, members in told.items() if members} == real


def test_who_waits_in_a_queue_is_listed_with_the_queue() -> None:
    score, at = _scene("at_queue_2")
    scene = score.scene(sum(event.at <= at for event in score.recording.events))
    [told] = _told(score, scene.queue_entries["support"], at)
    [real] = [frame for frame in _recorded("at_queue_2", "QueueStatus") if dict(frame)["Event"] == "QueueEntry"]
    assert [key for key, _ in told] == [key for key, _ in real]
    assert {**dict(told), "ActionID": "", "Wait": ""} == {**dict(real), "ActionID": "", "Wait": ""}
