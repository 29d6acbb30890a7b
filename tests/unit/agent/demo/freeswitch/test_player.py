"""The player as load and crash tests use it: cuts, restarts, clients that don't read, truth, many calls at once."""

import asyncio
import json
import math
import re
from pathlib import Path

import pytest

from agent.demo.freeswitch.mix import MIX
from agent.demo.freeswitch.outbox import Limits
from agent.demo.freeswitch.player import FreeswitchPlayer
from agent.demo.freeswitch.recording import catalogue
from agent.demo.plan import PlannedCall, steady
from tests.unit.agent.demo.freeswitch.clients import Client, Frame, connected, names

FAST = 50.0


def _truth(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def _rows(client: Client, what: str = "channels") -> list[dict[str, str]]:
    rows: list[dict[str, str]] = json.loads(await client.told(f"show {what} as json")).get("rows", [])
    return rows


async def test_a_cut_comes_after_exactly_so_many_events_and_the_call_goes_on() -> None:
    whole = len(catalogue()["no_answer"].events)
    player = FreeswitchPlayer([PlannedCall(0, "no_answer", "+12025550150")], speed=FAST, cuts=[7])
    async with player:
        async with connected(player) as client:
            await client.log_in("event plain ALL")
            assert len(await client.rest()) == 7
        async with connected(player) as client:
            await client.log_in("event plain ALL")
            assert "+12025550150" in [row["cid_num"] for row in await _rows(client)]
            await player.finished()
            player.cut()
            assert 0 < len(await client.rest()) <= whole - 7


@pytest.mark.parametrize("clean", [True, False])
async def test_a_restart_ends_every_leg_and_brings_another_core(clean: bool, tmp_path: Path) -> None:
    truth = tmp_path / "truth"
    plan = [PlannedCall(0, "no_answer", "+12025550150"), PlannedCall(3600, "answered")]
    player = FreeswitchPlayer(plan, speed=1.0, truth=truth, cdr=tmp_path)
    async with player:
        port, core = player.port, player.core
        async with connected(player) as client:
            await client.log_in("event plain CHANNEL_PROGRESS CHANNEL_HANGUP CHANNEL_HANGUP_COMPLETE")
            await client.until("CHANNEL_PROGRESS")
            client.events.clear()
            restart = asyncio.create_task(player.restart(down=0.0, clean=clean, shutdown_after=0.05))
            if clean:
                await client.until("CHANNEL_HANGUP_COMPLETE")
                async with connected(player) as late:
                    await late.log_in()
                    assert "is not ready" in await late.told("status")
                    assert await late.told("show channels as json") == '{"row_count":0}'
            told = await client.rest()
            await restart
        if clean:
            _assert_all_hung_up(told)
            assert '"SYSTEM_SHUTDOWN"' in (tmp_path / "cdr-csv" / "Master.csv").read_text()
            [record] = (tmp_path / "json_cdr").iterdir()
            assert json.loads(record.read_text())["variables"]["hangup_cause"] == "SYSTEM_SHUTDOWN"
        else:
            assert set(names(told)) <= {"CHANNEL_PROGRESS"}
            assert all(frame.kind == "text/event-plain" for frame in told)
            assert (tmp_path / "cdr-csv" / "Master.csv").read_text() == ""
        assert player.port == port
        async with connected(player) as client:
            await client.log_in()
            assert await client.told("global_getvar core_uuid") == player.core != core
            assert "is ready" in await client.told("status")
            assert await _rows(client) == []
    [call] = _truth(truth)
    assert (call["reason"], call["should_text"], call["stopped"]) == ("pbx_stopped", True, True)


def _assert_all_hung_up(told: list[Frame]) -> None:
    notice, events = told[-1], told[:-1]
    assert (notice.kind, notice.body) == ("text/disconnect-notice", b"The system is being shut down.\n")
    assert names(events).count("CHANNEL_HANGUP") == names(events).count("CHANNEL_HANGUP_COMPLETE") == 2
    assert {frame.event["Hangup-Cause"] for frame in events if "HANGUP" in frame.event["Event-Name"]} == {
        "SYSTEM_SHUTDOWN"
    }
    assert events[-1].body.count(b"Hangup-Cause: SYSTEM_SHUTDOWN\n") == 2


async def test_a_listing_names_what_is_alive_and_follows_the_call() -> None:
    plan = [PlannedCall(0, "answered", "+12025550150", "PARKER SUE", "+13125550100")]
    async with FreeswitchPlayer(plan, speed=20.0) as player, connected(player) as client:
        await client.log_in("event plain CHANNEL_BRIDGE CHANNEL_DESTROY")
        bridge = await client.until("CHANNEL_BRIDGE")
        player.pause()
        caller, phone = await _rows(client)
        assert (caller["cid_name"], caller["initial_dest"]) == ("PARKER SUE", "+13125550100")
        [pair] = await _rows(client, "calls")
        ends = bridge["Bridge-A-Unique-ID"], bridge["Bridge-B-Unique-ID"]
        assert (pair["uuid"], pair["b_uuid"]) == ends == (caller["uuid"], phone["uuid"])
        dump = json.loads(await client.told(f"uuid_dump {phone['uuid']} json"))
        assert dump["variable_originating_leg_uuid"] == caller["uuid"]
        assert dump["Caller-Channel-Created-Time"] <= dump["Event-Date-Timestamp"]
        assert (await client.told("show channels")).endswith("\n\n2 total.\n")
        assert await client.told(f"uuid_exists {phone['uuid']}") == "true"
        player.resume()
        await player.finished()
        assert await _rows(client) == []
        assert await client.told(f"uuid_dump {phone['uuid']} json") == "-ERR No such channel!\n"


class TestOneWhoDoesntRead:
    """The kernel's buffers take some megabytes first, so that there have to be many calls."""

    LIMITS = Limits(queue=2_500, lost=100, patience=0.02)

    async def test_he_is_killed_with_a_notice_and_until_he_reads_it_everybody_waits(self) -> None:
        plan = steady(1_000, 0.3, {"answered": 1}, 1)
        player = FreeswitchPlayer(plan, speed=math.inf, limits=self.LIMITS)
        async with player, connected(player) as good, connected(player) as bad:
            player.pause()
            await bad.log_in("event plain ALL")
            await good.log_in("event plain CHANNEL_CREATE")
            bad.stop_reading()
            player.resume()
            await player.finished()
            assert player.frozen
            await good.send(b"api hostname\n\n")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await good.answer()
            bad.read_again()
            frames = await bad.rest()
            assert (frames[-1].kind, frames[-1].body) == (
                "text/disconnect-notice", b"killed listener because of lost events\n",
            )  # fmt: skip
            assert len(frames) < 300 * len(catalogue()["answered"].events)
            assert (await good.answer()).body == b"vm"
            player.cut()
            assert names(await good.rest()) == ["CHANNEL_CREATE"] * 600

    async def test_one_who_reads_in_time_loses_nothing(self) -> None:
        plan = steady(1_000, 0.3, {"answered": 1}, 1)
        async with FreeswitchPlayer(plan, speed=math.inf) as player, connected(player) as client:
            await client.log_in("event plain CHANNEL_STATE")
            reading = asyncio.create_task(client.rest())
            await player.finished()
            player.cut()
            each = sum(event.name == "CHANNEL_STATE" for event in catalogue()["answered"].events)
            assert len(await reading) == 300 * each


async def test_the_truth_of_each_call_is_that_of_its_recording(tmp_path: Path) -> None:
    truth = tmp_path / "truth"
    plan = [
        PlannedCall(0, "answered", "+12025550150"),
        PlannedCall(0, "voicemail", "+12025550151"),
        PlannedCall(0, "rg_mixed_abandon", "+12025550152", withheld=True),
        PlannedCall(0, "anonymous_missed"),
    ]
    async with FreeswitchPlayer(plan, speed=math.inf, truth=truth) as player, connected(player) as client:
        await client.log_in("event plain ALL")
        await player.finished()
    rows = {str(row["trace"]): row for row in _truth(truth)}
    assert (rows["answered"]["human_answered"], rows["answered"]["deciding_ns"]) == (True, None)
    mailbox = rows["voicemail"]
    assert (mailbox["should_text"], mailbox["reason"], mailbox["caller"]) == (True, "voicemail", "+12025550151")
    assert rows["rg_mixed_abandon"]["should_text"] is False and rows["rg_mixed_abandon"]["withheld"] is True
    assert rows["anonymous_missed"]["caller"] is None and rows["anonymous_missed"]["should_text"] is False


@pytest.mark.parametrize(
    ("name", "event", "words"),
    [
        ("voicemail", "CHANNEL_EXECUTE", {"Application": "voicemail"}),
        ("abandoned_2s", "CHANNEL_HANGUP", {"Hangup-Cause": "ORIGINATOR_CANCEL"}),
        ("rg_mixed_abandon", "CHANNEL_HANGUP", {"Hangup-Cause": "ORIGINATOR_CANCEL"}),
        ("no_answer", "CHANNEL_HANGUP_COMPLETE", {"variable_sip_hangup_disposition": "send_refuse"}),
        ("ivr_hangup_inside", "CHANNEL_HANGUP_COMPLETE", {"variable_sip_hangup_disposition": "recv_bye"}),
        ("queue_abandoned", "CHANNEL_HANGUP", {}),
    ],
)
def test_a_miss_is_known_at_the_event_that_decides_it(name: str, event: str, words: dict[str, str]) -> None:
    recording = catalogue()[name]
    assert recording.deciding is not None
    decides = recording.events[recording.deciding]
    assert decides.name == event
    assert decides.get("Unique-ID") == recording.first.get("Unique-ID")
    assert {key: decides.get(key) for key in words} == words


def test_every_miss_of_an_inbound_call_has_its_reason_and_its_instant() -> None:
    for recording in catalogue().values():
        call = recording.calls[0]
        missed = call.direction == "inbound" and not call.human_answered
        assert (call.reason is not None) is missed, recording.name
        assert (recording.deciding is not None) is missed, recording.name
    assert MIX.keys() <= catalogue().keys()


async def test_the_same_recordings_at_once_never_share_a_name() -> None:
    plan = [PlannedCall(0.1 * i, name, f"+120255501{i % 100:02d}") for i, name in enumerate([*catalogue()] * 2)]
    async with FreeswitchPlayer(plan, speed=math.inf) as player, connected(player) as client:
        await client.log_in("event plain CHANNEL_CREATE CHANNEL_BRIDGE CHANNEL_HANGUP_COMPLETE")
        reading = asyncio.create_task(client.rest())
        await player.finished()
        player.cut()
        frames = await reading
    recorded = {literal for one in catalogue().values() for event in one.events for _, literal in event.headers}
    old = {text for value in recorded for text in re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", value)}
    legs: dict[str, int] = {}
    for frame in frames:
        event = frame.event
        if event["Event-Name"] == "CHANNEL_CREATE":
            assert event["Unique-ID"] not in legs
            legs[event["Unique-ID"]] = len(legs)
    assert len(legs) == 2 * sum(e.name == "CHANNEL_CREATE" for one in catalogue().values() for e in one.events)
    sent = b"".join(frame.body for frame in frames).decode()
    assert old.isdisjoint(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", sent))


async def test_the_name_and_numbers_of_a_call_are_those_of_the_plan_in_every_form() -> None:
    plan = [PlannedCall(0, "answered", "+12025550199", "PARKER SUE", "+13125550177")]
    async with FreeswitchPlayer(plan, speed=math.inf) as player, connected(player) as client:
        await client.log_in("event plain ALL")
        await player.finished()
        player.cut()
        frames = await client.rest()
    first = next(frame.event for frame in frames if frame.event["Event-Name"] == "CHANNEL_CREATE")
    assert first["Caller-Caller-ID-Name"] == "PARKER SUE"
    assert first["Caller-Caller-ID-Number"] == first["variable_sip_from_user"] == "+12025550199"
    assert first["variable_sip_from_user_stripped"] == "12025550199"
    assert first["Channel-Name"] == "sofia/external/+12025550199@127.0.0.1"
    assert first["Caller-Destination-Number"] == "+13125550177"
    assert b"2025550143" not in b"".join(frame.body for frame in frames)
