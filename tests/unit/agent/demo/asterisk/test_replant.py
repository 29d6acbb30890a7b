"""A recorded call planted again is the same call under fresh names, and never touches another one."""

import asyncio
import gzip
import math
import re
from pathlib import Path

import pytest

from agent.demo.asterisk.ami import Account
from agent.demo.asterisk.recording import QUIET, catalogue
from agent.demo.asterisk.replant import Names, Plant
from agent.demo.plan import PlannedCall
from agent.demo.player import Player
from agent.demo.recording import Recording
from agent.demo.replant import Identity
from tests.unit.agent.demo.asterisk.clients import Frame, connected

WIRE = gzip.decompress((Path(__file__).parent / "data" / "answered.wire.gz").read_bytes()).decode()
NAMES = re.compile(r"\d{10}\.\d+|-[0-9a-f]{8}(?![0-9a-f-])|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CALL_NAME = re.compile(r"(?<![0-9.])\d{10}\.\d+(?![0-9.])")


def _without_names(text: str) -> str:
    """Every name of one call replaced by its place in the order in which names appear."""
    known: dict[str, int] = {}
    return NAMES.sub(lambda match: f"<{known.setdefault(match[0], len(known))}>", text)


def _as_text(frames: list[Frame]) -> str:
    return "".join("".join(f"{key}: {value}\r\n" for key, value in frame) + "\r\n" for frame in frames)


def _wire_events() -> str:
    events = [block + "\r\n\r\n" for block in re.sub("(\r\n){3,}", "\r\n\r\n", WIRE).split("\r\n\r\n")[1:] if block]
    return "".join(e for e in events if re.match(r"Event: (\w+)", e)[1] not in QUIET)  # type: ignore[index]


async def _played(*plan: PlannedCall, recordings: dict[str, Recording] | None = None) -> list[Frame]:
    player = Player(plan, accounts=[Account("all", "secret")], speed=math.inf, recordings=recordings)
    async with player, connected(player) as client:
        await client.log_in(user="all")
        reading = asyncio.create_task(client.rest())
        await player.finished()
        player.cut()
        return await reading


async def test_a_call_played_as_recorded_gives_the_bytes_that_were_on_the_wire() -> None:
    assert _without_names(_as_text(await _played(PlannedCall(0, "answered")))) == _without_names(_wire_events())


@pytest.mark.parametrize("name", sorted(catalogue()))
async def test_each_recording_planted_for_another_caller_differs_only_where_it_must(name: str) -> None:
    recording = catalogue()[name]
    plant = Plant(recording)
    who = Identity("+12025550199", "PARKER SUE", "+13125550177")
    values = plant.values(who, Names(), 1.8e9, 1.0)
    for event in recording.events:
        text = plant.template(plant.event_text(event.headers)).fill(values).decode()
        for literal in plant.slots:
            assert not re.search(rf"(?<![0-9a-f]){re.escape(literal)}(?![0-9a-f])", text) or literal.startswith(
                "PJSIP/"
            )
        keys = [line.partition(":")[0] for line in text.split("\r\n") if line]
        assert keys == [key for key, _ in event.headers]
    first = plant.template(plant.event_text(recording.first.headers)).fill(values).decode()
    if plant.caller:
        number = {12: "+12025550199", 11: "12025550199", 10: "2025550199"}[len(plant.caller)]
        assert f"CallerIDNum: {number}\r\nCallerIDName: PARKER SUE\r\n" in first
    if plant.dialled:
        assert "Exten: +13125550177\r\n" in first


async def test_the_same_recordings_at_once_never_share_a_name() -> None:
    names = sorted(set(catalogue()) - {"attended_transfer", "pickup"})  # two calls in one recording
    plan = [PlannedCall(0.1 * i, name, f"+120255501{i % 100:02d}") for i, name in enumerate(names * 2)]
    frames = await _played(*plan)
    assert sum(dict(frame).get("Event") == "Newchannel" for frame in frames) > 2 * len(plan)
    owner: dict[str, str] = {}
    for frame in frames:
        call = dict(frame).get("Linkedid")
        if call is None:
            continue
        for key, value in frame:
            if key.endswith(("Uniqueid", "UniqueId", "Channel")) and value and value != "none" and "Bridge" not in key:
                assert owner.setdefault(value, call) == call, f"{key}: {value}"
    assert len(set(owner.values())) == len(plan)


async def test_the_name_of_a_caller_cant_break_a_line_of_its_event() -> None:
    [first, *_] = await _played(PlannedCall(0, "answered", name="A\r\nEvent: Hangup"))
    assert dict(first)["CallerIDName"] == "A\\r\\nEvent: Hangup"
