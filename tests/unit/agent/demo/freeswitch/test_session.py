"""The player speaks on the event socket as the real FreeSWITCH does."""

import asyncio
import json
import math

import pytest

from agent.demo.freeswitch.desk import Readiness
from agent.demo.freeswitch.esl import Account
from agent.demo.freeswitch.outbox import POLL
from agent.demo.freeswitch.player import FreeswitchPlayer
from agent.demo.plan import PlannedCall
from tests.unit.agent.demo.freeswitch.clients import connected, names

QUIET_PLAN = (PlannedCall(3600.0, "answered"),)
GOODBYE = b"Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n"
LEAST = Account(
    "least@pbx.lab", "pw", events="CHANNEL_CREATE CUSTOM sofia::register", api="status show bgapi", log=False
)


def _player(**more: object) -> FreeswitchPlayer:
    return FreeswitchPlayer(QUIET_PLAN, accounts=[LEAST, Account("all@pbx.lab", "pw")], **more)  # type: ignore[arg-type]


class TestLogin:
    async def test_it_asks_for_a_password_and_takes_the_right_one(self) -> None:
        async with _player() as player, connected(player) as client:
            assert (await client.frame()).head == b"Content-Type: auth/request"
            told = await client.ask("auth secret")
            assert told.head == b"Content-Type: command/reply\nReply-Text: +OK accepted"

    @pytest.mark.parametrize(
        "login", ["auth wrong", "auth ", "userauth least@pbx.lab:wrong", "userauth nobody@pbx.lab:pw", "userauth least"]
    )
    async def test_a_wrong_one_is_refused_with_a_notice_and_the_end(self, login: str) -> None:
        async with _player() as player, connected(player) as client:
            await client.frame()
            assert await client.replied(login) == "-ERR invalid"
            [notice] = await client.rest()
            assert (notice.kind, notice.body) == ("text/disconnect-notice", GOODBYE)

    async def test_before_the_login_there_is_no_command_but_exit(self) -> None:
        async with _player() as player, connected(player) as client:
            await client.frame()
            for command in ("api status", "event plain ALL", "nonsense"):
                assert await client.replied(command) == "-ERR command not found"
            await client.ask("auth secret")
            assert "is ready" in await client.told("status")

    async def test_an_address_that_is_denied_is_told_so_unasked(self) -> None:
        async with _player(welcome=False) as player, connected(player) as client:
            rude, notice = await client.rest()
            assert (rude.kind, rude.body) == ("text/rude-rejection", b"Access Denied, go away.\n")
            assert notice.body == GOODBYE

    @pytest.mark.parametrize("login", ["userauth all@pbx.lab:pw", "userauth all:pw@pbx.lab"])
    async def test_a_user_is_told_what_he_may_do(self, login: str) -> None:
        async with _player() as player, connected(player) as client:
            await client.frame()
            assert (await client.ask(login)).headers == {
                "Content-Type": "command/reply", "Reply-Text": "+OK accepted", "Allowed-Events": "all",
                "Allowed-API": "all", "Allowed-LOG": "true",
            }  # fmt: skip

    async def test_exit_is_answered_and_ends_it(self) -> None:
        async with _player() as player, connected(player) as client:
            await client.log_in()
            assert await client.replied("exit") == "+OK bye"
            assert [frame.body for frame in await client.rest()] == [GOODBYE]


class TestRights:
    async def test_a_user_hears_and_runs_only_what_is_allowed(self) -> None:
        async with _player() as player, connected(player) as client:
            await client.frame()
            await client.ask("userauth least@pbx.lab:pw")
            assert "is ready" in await client.told("status")
            for command in ("api uptime", "bgapi uptime", "api bgapi uptime", "log debug"):
                told = await client.ask(command)
                assert (told.kind, told.headers["Reply-Text"]) == ("command/reply", "-ERR permission denied")
            for events, answer in (
                ("CHANNEL_CREATE", "+OK event listener enabled plain"),
                ("CHANNEL_CREATE CHANNEL_ANSWER", "-ERR permission denied"),
                ("ALL", "-ERR permission denied"),
                ("CUSTOM sofia::register", "+OK event listener enabled plain"),
                ("CUSTOM conference::maintenance", "-ERR permission denied"),
            ):
                assert await client.replied(f"event plain {events}") == answer

    async def test_the_shipped_user_may_do_what_the_agent_does(self) -> None:
        async with _player() as player, connected(player) as client:
            await client.frame()
            await client.ask("userauth secondring@pbx.lab:secret")
            assert (await client.replied("event plain CHANNEL_CREATE CHANNEL_HANGUP")).startswith("+OK")
            for command in ("status", "uptime", "global_getvar core_uuid", "show calls as json", "uuid_dump x json"):
                assert (await client.ask(f"api {command}")).kind == "api/response"


class TestCommands:
    @pytest.mark.parametrize(
        ("command", "answer"),
        [
            ("event plain CHANNEL_CREATE NO_SUCH_EVENT", "+OK event listener enabled plain"),
            ("event json ALL", "+OK event listener enabled json"),
            ("event plain", "-ERR no keywords supplied"),
            ("nixevent CHANNEL_CREATE", "+OK events nixed"),
            ("nixevent", "-ERR no keywords supplied"),
            ("noevents", "-ERR not listening for events"),
            ("filter Event-Name X", "+OK filter added. [Event-Name]=[X]"),
            ("filter add Event-Name /A B/", "+OK filter added. [Event-Name]=[/A B/]"),
            ("filter delete Event-Name X", "+OK filter deleted. [Event-Name][X]"),
            ("filter delete all", "+OK filter deleted. [all][]"),
            ("filter Event-Name", "-ERR invalid syntax"),
            ("linger", "-ERR not controlling a session"),
            ("nolinger", "-ERR not controlling a session"),
            ("log", "+OK log level  [7]"),
            ("log warning", "+OK log level warning [4]"),
            ("log 2", "+OK log level 2 [2]"),
            ("log nonsense", "-ERR invalid log level"),
            ("nolog", "-ERR not loging"),
            ("divert_events on", "-ERR not controlling a session."),
            ("sendmsg x", "-ERR invalid session id [x]"),
            ("api", "-ERR command not found"),
            ("auth secret", "-ERR command not found"),
            ("nonsense", "-ERR command not found"),
        ],
    )
    async def test_each_has_its_reply(self, command: str, answer: str) -> None:
        async with _player() as player, connected(player) as client:
            await client.log_in()
            assert await client.replied(command) == answer

    async def test_what_the_api_doesnt_know_it_says(self) -> None:
        async with _player(answers={"module_exists mod_x": "true"}) as player, connected(player) as client:
            await client.log_in()
            assert await client.told("nonsense x") == "-ERR nonsense Command not found!\n"
            assert await client.told("module_exists mod_x") == "true"
            assert await client.told("global_getvar no_such") == "-ERR no reply\n"
            assert await client.told("uuid_dump 1 json") == "-ERR No such channel!\n"
            assert await client.told("uuid_dump") == "-USAGE: <uuid> [format]\n"

    async def test_an_idle_pbx_lists_nothing_without_rows(self) -> None:
        async with _player() as player, connected(player) as client:
            await client.log_in()
            for what in ("channels", "calls"):
                assert await client.told(f"show {what} as json") == '{"row_count":0}'
                assert await client.told(f"show {what}") == "\n0 total.\n"

    async def test_status_tells_how_far_it_has_booted(self) -> None:
        async with _player() as player, connected(player) as client:
            await client.log_in()
            lines = (await client.told("status")).splitlines()
            assert lines[0].startswith("UP 0 years, 0 days, 0 hours, 0 minutes, 0 seconds, ")
            assert lines[1].startswith("FreeSWITCH (Version 1.10.12 ") and lines[1].endswith(" is ready")
            player.readiness = Readiness.NOT_READY
            assert " is not ready\n" in await client.told("status")
            player.readiness = Readiness.NO_COMMANDS
            assert await client.told("status") == "-ERR status Command not found!\n"

    async def test_small_things_that_are_asked(self) -> None:
        async with _player() as player, connected(player) as client:
            await client.log_in()
            assert (await client.told("uptime")).strip().isdecimal()
            assert (await client.told("version")).startswith("FreeSWITCH Version 1.10.12")
            assert await client.told("version short") == "1.10.12\n"
            assert await client.told("hostname") == "vm"
            assert len(await client.told("global_getvar core_uuid")) == 36

    async def test_what_runs_in_the_background_ends_with_an_event(self) -> None:
        async with _player() as player, connected(player) as client, connected(player) as asker:
            await client.log_in("event plain BACKGROUND_JOB")
            await asker.log_in()
            told = await asker.ask("bgapi hostname", "Job-UUID: my-job")
            assert told.headers == {
                "Content-Type": "command/reply", "Reply-Text": "+OK Job-UUID: my-job", "Job-UUID": "my-job",
            }  # fmt: skip
            frame = await client.frame()
            assert frame.body.endswith(b"\nJob-UUID: my-job\nJob-Command: hostname\nContent-Length: 2\n\nvm")
            assert frame.event["Event-Name"] == "BACKGROUND_JOB"

    async def test_in_json_its_answer_is_the_body(self) -> None:
        async with _player() as player, connected(player) as client:
            await client.log_in("event json BACKGROUND_JOB")
            job = (await client.ask("bgapi global_getvar core_uuid")).headers["Job-UUID"]
            told = json.loads((await client.frame()).body)
            assert (told["Event-Name"], told["Job-UUID"]) == ("BACKGROUND_JOB", job)
            assert (told["Job-Command"], told["Job-Command-Arg"]) == ("global_getvar", "core_uuid")
            assert (told["Content-Length"], told["_body"]) == ("36", player.core)

    async def test_commands_come_in_pieces_and_with_headers_and_bodies(self) -> None:
        async with _player() as player, connected(player) as client:
            await client.log_in()
            await client.send(b"\r\n\napi host")
            await client.send(b"name\r\n\r\napi upti")
            assert (await client.answer()).body == b"vm"
            await client.send(b"me\nX: y\n\nsendmsg z\ncontent-length: 8\n\napi x\n\n!api hostname\n\n")
            kinds = [await client.answer() for _ in range(3)]
            assert [frame.kind for frame in kinds] == ["api/response", "command/reply", "api/response"]


async def _heard(*commands: str, plan: tuple[PlannedCall, ...] = (PlannedCall(0, "queue_answered"),)) -> list[str]:
    """The names of the events of a call that one gets who said this."""
    player = FreeswitchPlayer(plan, speed=math.inf, wait_for_client=False)
    async with player:
        player.pause()
        async with connected(player) as client:
            await client.log_in()
            for command in commands:
                await client.ask(command)
            player.resume()
            await player.finished()
            player.cut()
            return names(await client.rest())


class TestEvents:
    async def test_only_what_was_asked_for_is_sent(self) -> None:
        assert set(await _heard("event plain CHANNEL_ANSWER CHANNEL_BRIDGE")) == {"CHANNEL_ANSWER", "CHANNEL_BRIDGE"}
        assert await _heard() == []

    async def test_what_was_nixed_is_not_sent_but_custom_stays(self) -> None:
        everything = await _heard("event plain ALL")
        assert await _heard("event plain ALL", "nixevent CUSTOM") == everything
        without = await _heard("event plain ALL", "nixevent CHANNEL_STATE")
        assert without == [name for name in everything if name != "CHANNEL_STATE"]
        assert "CUSTOM" in everything
        assert await _heard("event plain ALL", "noevents") == []

    async def test_custom_needs_its_subclass(self) -> None:
        assert await _heard("event plain CUSTOM") == []
        assert set(await _heard("event plain CUSTOM callcenter::info")) == {"CUSTOM"}

    async def test_filters_are_alternatives_and_drop_what_lacks_the_header(self) -> None:
        asked = "event plain CHANNEL_EXECUTE CHANNEL_ANSWER CHANNEL_CREATE"
        found = await _heard(asked, "filter Event-Name /^CHANNEL_(ANSWER)$/", "filter Application /^(callcenter)$/")
        assert set(found) == {"CHANNEL_ANSWER", "CHANNEL_EXECUTE"}
        assert found.count("CHANNEL_EXECUTE") == 1
        assert set(await _heard(asked, "filter event-name channel_answer")) == {"CHANNEL_ANSWER"}
        assert set(await _heard(asked, "filter Application x", "filter delete Application")) == set(await _heard(asked))

    async def test_a_negative_filter_passes_nothing_by_itself(self) -> None:
        asked = "event plain CHANNEL_ANSWER CHANNEL_BRIDGE"
        assert await _heard(asked, "filter Event-Name -CHANNEL_ANSWER") == []
        both = await _heard(asked, "filter Event-Name /.*/", "filter Event-Name -CHANNEL_ANSWER")
        assert set(both) == {"CHANNEL_BRIDGE"}

    async def test_a_filter_for_one_caller_finds_the_caller_of_the_call_that_is_played(self) -> None:
        plan = tuple(PlannedCall(0, "busy", f"+1202555010{i}") for i in range(3))
        found = await _heard(
            "event plain CHANNEL_CREATE", "filter Caller-Caller-ID-Number /0101$/", plan=plan
        )  # fmt: skip
        assert len(found) == 2
        assert await _heard("event plain CHANNEL_CREATE", "filter Unique-ID /^none/", plan=plan) == []

    async def test_an_event_is_written_at_the_next_poll_and_a_command_answered_at_once(self) -> None:
        loop = asyncio.get_running_loop()
        async with _player() as player, connected(player) as client, connected(player) as asker:
            await client.log_in("event plain BACKGROUND_JOB")
            await asker.log_in()
            waits, answers = [], []
            for _ in range(8):
                began = loop.time()
                await asker.ask("bgapi hostname")
                answers.append(loop.time() - began)
                await client.until("BACKGROUND_JOB")
                waits.append(loop.time() - began)
            assert max(waits) < 3 * POLL + 0.1
            assert min(answers) < POLL / 2 < max(waits)

    async def test_while_a_command_has_come_in_half_no_event_is_written(self) -> None:
        async with _player() as player, connected(player) as client, connected(player) as asker:
            await client.log_in("event plain BACKGROUND_JOB")
            await asker.log_in()
            await client.send(b"api host")
            await client.send(b"")
            await asyncio.sleep(0)
            await asker.ask("bgapi hostname")
            await asyncio.sleep(2 * POLL)
            await client.send(b"name\n\n")
            assert (await client.frame()).body == b"vm"
            assert (await client.frame()).event["Event-Name"] == "BACKGROUND_JOB"

    async def test_a_withheld_number_is_marked_in_the_events(self) -> None:
        plan = [PlannedCall(0, "no_answer", "+12025550150", withheld=True)]
        async with FreeswitchPlayer(plan, speed=50.0) as player, connected(player) as client:
            await client.log_in("event plain CHANNEL_CREATE")
            first = await client.until("CHANNEL_CREATE")
            assert first["Caller-Privacy-Hide-Number"] == first["Caller-Privacy-Hide-Name"] == "true"
            assert first["Caller-Caller-ID-Number"] == "+12025550150"
            [row, *_] = json.loads(await client.told("show channels as json"))["rows"]
            dump = json.loads(await client.told(f"uuid_dump {row['uuid']} json"))
            assert dump["Caller-Privacy-Hide-Number"] == "true"
            assert (await client.told(f"uuid_dump {row['uuid']}")).startswith("Event-Name: CHANNEL_DATA\nCore-UUID: ")
