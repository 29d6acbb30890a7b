"""The player writes what a real FreeSWITCH wrote, byte for byte."""

import asyncio
import json
import math
import re
import time

import pytest

from agent.demo.freeswitch import esl
from agent.demo.freeswitch.esl import View
from agent.demo.freeswitch.player import FreeswitchPlayer
from agent.demo.freeswitch.recording import catalogue
from agent.demo.plan import PlannedCall
from tests.unit.agent.demo.freeswitch.clients import TRACES, Frame, as_recorded, connected, score, wire

WIRE = sorted(path.name.removesuffix(".plain.gz") for path in (TRACES / "wire").glob("*.plain.gz"))
ALL = View(listens=True, every=True)
UUIDS = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIMES = re.compile(rb"\d{16}|1[78]\d{8}(?!\d)|20\d\d-\d\d-\d\d%20\d\d%3A\d\d%3A\d\d|[A-Z][a-z]{2},%20.{30,40}%20GMT")


@pytest.mark.parametrize("name", WIRE)
def test_every_event_of_a_recording_is_written_as_it_was(name: str) -> None:
    here = score(name)
    lines = [line for part in here.seen_by(ALL) for line in part]
    values, sent = as_recorded(here.plant), []
    for line, event in zip(lines, here.recording.events, strict=True):
        values[0] = event.get("Event-Sequence")
        sent.append(esl.event("plain", line.text.fill(here.plant.encoded(values, "plain"))))
    assert sent == [frame.head + b"\n\n" + frame.body for frame in wire(name)]


def without_names(frames: list[Frame]) -> bytes:
    """Events with each name replaced by its place in the order of names, without times and what lies between."""
    known: dict[bytes, int] = {}
    text = b"".join(frame.body for frame in frames)
    text = UUIDS.sub(lambda match: b"<%d>" % known.setdefault(match[0], len(known)), text)
    text = re.sub(rb"variable_sip_call_id: .*\n", b"", text)
    text = re.sub(
        rb"(Event-Sequence|variable_session_id|variable_m?duration|variable_bill(?:m)?sec): \d+", rb"\1: n", text
    )
    return TIMES.sub(b"<time>", text)


async def test_a_call_played_as_recorded_gives_the_bytes_that_were_on_the_wire() -> None:
    player = FreeswitchPlayer([PlannedCall(0, "answered")], speed=math.inf)
    async with player, connected(player) as client:
        await client.log_in("event plain ALL")
        await player.finished()
        player.cut()
        frames = await client.rest()
    assert without_names(frames) == without_names(wire("answered"))


async def test_in_json_an_event_is_one_object_with_lists_for_what_has_several_values() -> None:
    player = FreeswitchPlayer([PlannedCall(0, "answered")], speed=math.inf)
    async with player, connected(player) as client:
        await client.log_in("event json ALL")
        await player.finished()
        player.cut()
        frames = await client.rest()
    events = [json.loads(frame.body) for frame in frames]
    assert {frame.kind for frame in frames} == {"text/event-json"}
    recorded = catalogue()["answered"].events
    assert [list(event) for event in events] == [[key for key, _ in event.headers] for event in recorded]
    legs = [event["variable_originated_legs"] for event in events if "variable_originated_legs" in event]
    assert isinstance(legs[0], str)
    assert [leg[36:] for leg in legs[-1]] == [";Outbound Call;101"] * 2
    assert frames[0].body.startswith(b'{"Event-Name":"CHANNEL_STATE","Core-UUID":"')


async def test_a_name_with_a_line_break_and_quotes_stays_one_value() -> None:
    name = 'A\n"B" %41 \N{SNOWMAN}'
    for form in ("plain", "json"):
        player = FreeswitchPlayer([PlannedCall(0, "busy", "+12025550150", name)], speed=math.inf)
        async with player, connected(player) as client:
            await client.log_in(f"event {form} CHANNEL_CREATE")
            await player.finished()
            player.cut()
            [first, *_] = await client.rest()
        if form == "json":
            assert json.loads(first.body)["Caller-Caller-ID-Name"] == name
        else:
            assert b"\nCaller-Caller-ID-Name: A%0A%22B%22%20%41%20%E2%98%83\n" in first.body


async def test_times_are_of_the_present_and_numbers_of_events_rise() -> None:
    loop = asyncio.get_running_loop()
    began, epoch = loop.time(), time.time()
    player = FreeswitchPlayer([PlannedCall(0, "abandoned_2s"), PlannedCall(0.5, "abandoned_2s")], speed=10.0)
    async with player, connected(player) as client:
        await client.log_in("event plain ALL")
        await player.finished()
        player.cut()
        events = [frame.event for frame in await client.rest()]
    sequence = [int(event["Event-Sequence"]) for event in events]
    assert sequence == sorted(set(sequence))
    took = loop.time() - began
    for event in events:
        assert -0.1 < int(event["Event-Date-Timestamp"]) / 1e6 - epoch < took + 0.1
        assert int(event["Event-Date-Timestamp"]) >= int(event.get("Caller-Channel-Created-Time", "0"))
