"""The player as load and crash tests use it: cuts, restarts, clients that don't read, truth and records."""

import asyncio
import csv
import json
import math
from pathlib import Path

import pytest

from agent.demo.asterisk.ami import Account
from agent.demo.asterisk.recording import catalogue
from agent.demo.plan import PlanError, PlannedCall, callers, read_plan, steady
from agent.demo.player import Player
from tests.unit.agent.demo.asterisk.clients import connected

FAST = 50.0


def _truth(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def test_the_shipped_user_sees_no_variables_and_what_was_filtered_is_only_that() -> None:
    player = Player([PlannedCall(0, "answered")], speed=math.inf, accounts=[Account("all", "secret")])
    async with player, connected(player) as plain, connected(player) as everything:
        player.pause()
        await plain.log_in()
        await everything.log_in(user="all")
        player.resume()
        await player.finished()
        player.cut()
        seen, all_events = await plain.rest(), await everything.rest()
    assert {dict(frame)["Event"] for frame in all_events} - {dict(frame)["Event"] for frame in seen} == {"VarSet"}
    assert seen == [frame for frame in all_events if dict(frame)["Event"] != "VarSet"]


async def test_a_cut_comes_after_exactly_so_many_events_and_the_call_goes_on() -> None:
    whole = sum(event.name != "VarSet" for event in catalogue()["no_answer"].events)
    player = Player([PlannedCall(0, "no_answer")], speed=FAST, cuts=[7])
    async with player:
        async with connected(player) as client:
            await client.log_in()
            assert len(await client.rest()) == 7
        async with connected(player) as client:
            await client.log_in()
            listed = await client.ask("Action: CoreShowChannels", "ActionID: 1")
            assert "PJSIP/trunk-00000000" in [dict(row).get("Channel") for row in listed]
            later = await client.until("Hangup")
            assert 0 < len(later) < whole - 7


async def test_a_listing_names_only_what_is_alive_and_a_withheld_number_shows_on_the_live_channel() -> None:
    plan = [PlannedCall(0, "no_answer", "+12025550150", did="+13125550100", withheld=True)]
    async with Player(plan, speed=FAST) as player, connected(player) as client:
        await client.log_in()
        ringing = dict((await client.until("Newchannel"))[-1])
        assert ringing["CallerIDNum"] == "+12025550150"
        player.pause()
        [value] = await client.ask(
            "Action: Getvar", f"Channel: {ringing['Channel']}", "Variable: CALLERID(pres)", "ActionID: g"
        )
        assert dict(value)["Value"] == "prohib_not_screened"
        rows = await client.ask("Action: Status", "ActionID: s")
        assert "+13125550100" in [dict(row).get("DNID") for row in rows]
        player.resume()
        await player.finished()
        assert len(await client.ask("Action: CoreShowChannels", "ActionID: 1")) == 2


@pytest.mark.parametrize("clean", [True, False])
async def test_a_restart_ends_every_leg_and_begins_the_uptime_again(clean: bool, tmp_path: Path) -> None:
    truth = tmp_path / "truth"
    player = Player([PlannedCall(0, "no_answer"), PlannedCall(3600, "answered")], speed=1.0, truth=truth)
    async with player:
        port = player.port
        async with connected(player) as client:
            await client.log_in()
            await client.until("Newstate")
            restart = asyncio.create_task(player.restart(down=0.0, clean=clean, shutdown_after=0.0))
            told = [dict(frame)["Event"] for frame in await client.rest()]
            await restart
        if clean:
            assert told[-1] == "Shutdown" and told.count("Hangup") == 2 and "SoftHangupRequest" in told
        else:
            assert "Hangup" not in told and "Shutdown" not in told
        assert player.port == port
        async with connected(player) as client:
            [_, booted] = await client.log_in()
            assert dict(booted)["Uptime"] == "0"
            assert len(await client.ask("Action: CoreShowChannels", "ActionID: 1")) == 2
    [call] = _truth(truth)
    assert (call["reason"], call["should_text"], call["stopped"]) == ("pbx_stopped", True, True)


async def test_a_client_that_stops_reading_is_dropped_and_the_others_notice_nothing() -> None:
    plan = steady(1_000, 0.4, {"answered": 1}, 1)
    player = Player(plan, speed=math.inf, write_timeout=0.05)
    async with player, connected(player) as good, connected(player) as bad:
        player.pause()
        await bad.log_in()
        await good.log_in()
        player.resume()
        reading = asyncio.create_task(good.rest())
        await player.finished()
        player.cut()
        seen = await reading
        assert sum(dict(frame)["Event"] == "Newchannel" for frame in seen) == 2 * 400
        assert len(await bad.rest()) < len(seen)


async def test_the_truth_of_each_call_is_that_of_its_recording(tmp_path: Path) -> None:
    truth = tmp_path / "truth"
    plan = [
        PlannedCall(0, "answered", "+12025550150"),
        PlannedCall(0, "voicemail_message", "+12025550151"),
        PlannedCall(0, "abandoned", "+12025550152", withheld=True),
        PlannedCall(0, "anonymous"),
    ]
    async with Player(plan, speed=math.inf, truth=truth) as player, connected(player) as client:
        await client.log_in()
        await player.finished()
    rows = {str(row["trace"]): row for row in _truth(truth)}
    assert (rows["answered"]["human_answered"], rows["answered"]["deciding_ns"]) == (True, None)
    mailbox = rows["voicemail_message"]
    assert (mailbox["should_text"], mailbox["reason"], mailbox["caller"]) == (True, "voicemail", "+12025550151")
    assert rows["abandoned"]["should_text"] is False and rows["abandoned"]["withheld"] is True
    assert rows["anonymous"]["caller"] is None and rows["anonymous"]["should_text"] is False


async def test_cel_is_written_as_the_calls_go_and_has_the_rows_of_the_real_one(tmp_path: Path) -> None:
    cel = tmp_path / "Master.csv"
    who = PlannedCall(0, "answered", "+12025550150", "PARKER SUE", "+13125550100")
    async with Player([who], speed=math.inf, cel=cel) as player, connected(player) as client:
        await client.log_in()
        await player.finished()
    rows = list(csv.reader(cel.read_text().splitlines()))
    recorded = catalogue()["answered"].rows
    assert [row[0] for row in rows] == [row.columns[0] for row in recorded]
    assert rows[0][2:4] == ["PARKER SUE", "+12025550150"] and rows[0][7] == "+13125550100"
    assert {row[15] for row in rows} == {rows[0][14]}


def test_the_steady_plan_is_the_same_for_the_same_seed_and_no_caller_comes_twice() -> None:
    plan = list(steady(200, 10, {"answered": 1, "busy": 3}, 7))
    assert plan == list(steady(200, 10, {"answered": 1, "busy": 3}, 7))
    assert len({call.caller for call in plan}) == len(plan) == 2000
    assert next(callers(1)) != next(callers(2))


def test_a_plan_with_an_unknown_recording_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "plan"
    path.write_text('{"start": 1, "trace": "answered"}\n{"start": 1, "trace": "nonsense"}\n')
    with pytest.raises(PlanError, match="line 2: no recording 'nonsense'"):
        read_plan(path, catalogue())
