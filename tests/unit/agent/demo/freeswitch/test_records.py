"""The records that the player writes are those that a real FreeSWITCH wrote of the same legs."""

import csv
import gzip
import json
import math
import re
from pathlib import Path

import pytest

from agent.demo.freeswitch.player import FreeswitchPlayer
from agent.demo.plan import PlannedCall
from tests.unit.agent.demo.freeswitch.clients import STREAMS, TRACES, as_recorded, connected, score

NAMES = sorted(path.name.removesuffix(".jsonl.gz") for path in STREAMS.glob("*.jsonl.gz"))
REAL = gzip.decompress((TRACES / "records" / "Master.csv.gz").read_bytes()).decode()

OWN = set(re.findall(r'"[A-Z_]+","([0-9a-f-]{36})",', REAL))
"""The legs of which there are rows: their UUIDs follow the cause."""


@pytest.mark.parametrize("name", NAMES)
def test_each_row_is_the_one_that_was_written(name: str) -> None:
    values = score(name).plant.encoded(as_recorded(score(name).plant), "raw")
    for record in score(name).records.at.values():
        assert record.row.fill(values).decode() in REAL


@pytest.mark.parametrize("name", NAMES)
def test_there_is_a_row_of_every_leg_that_had_one(name: str) -> None:
    values = score(name).plant.encoded(as_recorded(score(name).plant), "raw")
    told = {record.uuid.fill(values).decode() for record in score(name).records.at.values()}
    legs = {event.get("Unique-ID") for event in score(name).recording.events} - {""}
    assert told == legs & OWN


async def test_they_are_written_as_the_legs_end_and_are_of_the_call_that_was_played(tmp_path: Path) -> None:
    who = PlannedCall(0, "voicemail", "+12025550150", "PARKER SUE", "+13125550100")
    async with FreeswitchPlayer([who], speed=math.inf, cdr=tmp_path) as player, connected(player) as client:
        await client.log_in("event plain CHANNEL_HANGUP_COMPLETE")
        await player.finished()
        player.cut()
        ended = [frame.event for frame in await client.rest()]
    caller = next(event for event in ended if event["Call-Direction"] == "inbound")
    [row] = csv.reader((tmp_path / "cdr-csv" / "Master.csv").read_text().splitlines())
    assert row[:4] == ["PARKER SUE", "+12025550150", "+13125550100", "public"]
    assert row[10] == caller["Unique-ID"]
    [path] = (tmp_path / "json_cdr").iterdir()
    assert path.name == f"a_{caller['Unique-ID']}.cdr.json"
    document = json.loads(path.read_text())
    assert document["variables"]["uuid"] == caller["Unique-ID"]
    assert document["variables"]["start_stamp"] == row[4]
    assert document["core-uuid"] == player.core
    assert document["app_log"]["applications"][-1]["app_name"] == "voicemail"
    [flow] = document["callflow"]
    assert flow["caller_profile"]["destination_number"] == "+13125550100"
    assert flow["times"]["answered_time"] == caller["Caller-Channel-Answered-Time"]


async def test_a_transferred_call_has_a_profile_for_each_destination_the_last_first(tmp_path: Path) -> None:
    plan = [PlannedCall(0, "loopback_answered", "+12025550150", None, "+13125550100")]
    async with FreeswitchPlayer(plan, speed=math.inf, cdr=tmp_path, wait_for_client=False) as player:
        await player.finished()
    documents = [json.loads(path.read_text()) for path in (tmp_path / "json_cdr").iterdir()]
    trunk = next(one for one in documents if one["variables"].get("sofia_profile_name") == "external")
    went = [flow["caller_profile"]["destination_number"] for flow in trunk["callflow"]]
    assert went == ["rg8", "+13125550100"]
