"""The player speaks as the real Asterisk does, word for word where it was recorded."""

import gzip
from pathlib import Path

from agent.demo.asterisk.ami import CLASSES, Account
from agent.demo.plan import PlannedCall
from agent.demo.player import Player
from tests.unit.agent.demo.asterisk.clients import connected

WIRE = gzip.decompress((Path(__file__).parent / "data" / "answered.wire.gz").read_bytes()).decode()
QUIET_PLAN = (PlannedCall(3600.0, "answered"),)


def _player() -> Player:
    return Player(
        QUIET_PLAN,
        refusal_delay=0.0,
        accounts=[Account("all", "secret"), Account("deaf", "secret", CLASSES, frozenset())],
    )


async def test_the_banner_and_the_login_are_those_on_the_wire() -> None:
    banner, response, booted = WIRE.split("\r\n\r\n")[0].split("\r\n", 1)[0], *WIRE.split("\r\n\r\n")[:2]
    async with _player() as player, connected(player) as client:
        accepted, event = await client.log_in()
        assert client.banner == banner + "\r\n"
        assert "\r\n".join(f"{key}: {value}" for key, value in accepted) == response.split("\r\n", 1)[1]
        assert [key for key, _ in event] == [line.split(":")[0] for line in booted.split("\r\n")]
        assert dict(event)["Status"] == "Fully Booted"


async def test_a_wrong_secret_an_unknown_user_and_nothing_else_end_the_connection() -> None:
    async with _player() as player:
        for user, secret in (("secondring", "wrong"), ("nobody", "secret")):
            async with connected(player) as client:
                await client.say("Action: Login", f"Username: {user}", f"Secret: {secret}", "ActionID: 7")
                assert await client.rest() == [
                    [("Response", "Error"), ("ActionID", "7"), ("Message", "Authentication failed")]
                ]


async def test_before_the_login_everything_is_denied_and_the_connection_stays() -> None:
    async with _player() as player, connected(player) as client:
        for action in ("Ping", "Nonsense"):
            await client.say(f"Action: {action}", "ActionID: 3")
            denied = [("Response", "Error"), ("ActionID", "3"), ("Message", "Permission denied")]
            assert await client.frame() == denied
        assert len(await client.log_in()) == 2


async def test_ping_logoff_and_what_nobody_knows() -> None:
    async with _player() as player, connected(player) as client:
        await client.log_in()
        [pong] = await client.ask("Action: Ping", "ActionID: p")
        assert [key for key, _ in pong] == ["Response", "ActionID", "Ping", "Timestamp"]
        assert dict(pong)["Ping"] == "Pong"
        [unknown] = await client.ask("Action: Foo")
        assert unknown == [
            ("Response", "Error"),
            ("Message", "Invalid/unknown command: Foo. Use Action: ListCommands to show available commands."),
        ]
        [missing] = await client.ask("ActionID: 5")
        assert dict(missing)["Message"] == "Missing action in request"
        await client.say("Action: Logoff", "ActionID: q")
        assert await client.rest() == [
            [("Response", "Goodbye"), ("ActionID", "q"), ("Message", "Thanks for all the fish.")]
        ]


async def test_rights_decide_what_may_be_asked() -> None:
    async with _player() as player:
        async with connected(player) as client:
            await client.log_in()
            [denied] = await client.ask("Action: ParkedCalls")  # wants `call`, which the shipped user can't write
            assert dict(denied)["Message"] == "Permission denied"
            assert len(await client.ask("Action: CoreShowChannels", "ActionID: 1")) == 2
        async with connected(player) as client:
            await client.log_in(user="deaf")
            [denied] = await client.ask("Action: CoreShowChannels")
            assert dict(denied)["Message"] == "Permission denied"
            assert dict((await client.ask("Action: BridgeList", "ActionID: 1"))[-1])["ListItems"] == "1"
            [commands] = await client.ask("Action: ListCommands")
            assert "BridgeList" in dict(commands) and "CoreShowChannels" not in dict(commands)


async def test_lines_end_as_they_please_and_none_may_be_too_long() -> None:
    async with _player() as player, connected(player) as client:
        await client.log_in()
        await client.send(b"action: ping\nactionid: lf\n\n")
        assert dict(await client.frame())["ActionID"] == "lf"
        await client.send(b"no colon\r\nAction: Ping\r\nAction")
        await client.send(b"ID: cut\r\n\r\n")
        assert dict(await client.frame())["ActionID"] == "cut"
        await client.send(b"X: " + b"a" * 2000 + b"\r\nAction: Ping\r\n\r\n")
        assert dict(await client.frame())["Message"] == "Failed to parse message: line too long"
        [pong] = await client.ask("Action: Ping")
        assert dict(pong)["Ping"] == "Pong"


async def test_the_event_mask_is_kept_within_the_rights() -> None:
    async with _player() as player, connected(player) as client:
        await client.log_in()
        for mask, answer in (("off", "Off"), ("call,agent", "On"), ("rubbish", "Off"), ("cdr", "Off"), ("on", "On")):
            [response] = await client.ask("Action: Events", f"EventMask: {mask}")
            assert dict(response) == {"Response": "Success", "Events": answer}


async def test_a_channel_nobody_has_and_a_variable_nobody_set() -> None:
    async with _player() as player, connected(player) as client:
        await client.log_in()
        for ask, answer in (
            (("Action: Getvar",), "No variable specified"),
            (("Action: Getvar", "Variable: X", "Channel: PJSIP/none"), "No such channel"),
            (("Action: Status", "Channel: PJSIP/none"), "No such channel"),
            (("Action: BridgeInfo",), "BridgeUniqueid must be provided"),
            (("Action: BridgeInfo", "BridgeUniqueid: x"), "Specified BridgeUniqueid not found"),
        ):
            [refused] = await client.ask(*ask)
            assert dict(refused) == {"Response": "Error", "Message": answer}
        [empty] = await client.ask("Action: Getvar", "Variable: FOO")
        assert empty == [("Response", "Success"), ("Variable", "FOO"), ("Value", "")]
