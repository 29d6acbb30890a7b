"""The files of pbx-config/asterisk, loaded into a real Asterisk and tried over its own wire."""

import asyncio
import csv
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from tests.lab.asterisk import SHIPPED, Asterisk, Office
from tests.lab.packages import Unavailable

SECRET = "a-secret-of-this-test"
MANAGER_FILES = ("secondring.conf", "manager_custom.conf")
CALLER = "+12025550143"

Message = dict[str, str]

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Manager:
    """One AMI connection, byte for byte as the wire has it; headers are kept in the order they came."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.events: list[Message] = []

    async def ask(self, action: str, **headers: str) -> Message:
        """The answer to one action; events that come before it are kept in `events`."""
        lines = [f"Action: {action}", *(f"{name}: {value}" for name, value in headers.items())]
        self._writer.write("\r\n".join([*lines, "", ""]).encode())
        return await self._until(lambda message: "Response" in message)

    async def event(self, name: str, **headers: str) -> Message:
        """The next event of this name and these headers."""
        wanted = {"Event": name, **headers}
        return await self._until(lambda message: wanted.items() <= message.items())

    async def _until(self, wanted: Callable[[Message], bool]) -> Message:
        async with asyncio.timeout(15):
            while True:
                frame = (await self._reader.readuntil(b"\r\n\r\n")).decode()
                message = dict(line.split(": ", 1) for line in frame.split("\r\n") if ": " in line)
                self.events += [message] if "Event" in message else []
                if wanted(message):
                    return message


@asynccontextmanager
async def connected(pbx: Asterisk, source: str = "127.0.0.1") -> AsyncIterator[Manager]:
    reader, writer = await asyncio.open_connection(pbx.network.pbx, 5038, local_addr=(source, 0))
    try:
        await reader.readline()  # the banner
        yield Manager(reader, writer)
    finally:
        writer.close()


async def try_login(pbx: Asterisk, secret: str, source: str = "127.0.0.1") -> str:
    """What Asterisk answers; a refusal it holds back for a second."""
    async with connected(pbx, source) as manager:
        return (await manager.ask("Login", Username="secondring", Secret=secret))["Response"]


@asynccontextmanager
async def logged_in(pbx: Asterisk, user: str = "secondring", secret: str = SECRET) -> AsyncIterator[Manager]:
    async with connected(pbx) as manager:
        assert (await manager.ask("Login", Username=user, Secret=secret))["Response"] == "Success"
        yield manager


def settings(file: str) -> list[str]:
    """The lines of a shipped file that Asterisk heeds, and the place of the secret."""
    return [line for line in (SHIPPED / file).read_text().splitlines() if line and not line.startswith("; ")]


async def install(pbx: Asterisk, file: str, secret: str | None = SECRET) -> None:
    """As README.md of pbx-config/asterisk tells: put the secret in, reload."""
    shipped = (SHIPPED / file).read_text()
    edited = shipped if secret is None else shipped.replace("\n;secret =\n", f"\nsecret = {secret}\n")
    assert (edited == shipped) is (secret is None)
    (pbx.home / "etc/secondring.conf").write_text(edited)
    await pbx.cli("manager reload")


async def call(pbx: Asterisk, name: str) -> str:
    """Have a caller of this name arrive; the dialplan sets a variable on his leg. Returns his channel."""
    (pbx.home / "etc/dids.conf").write_text("exten => 1,1,Set(GREETED=yes)\n same => n,Hangup()\n")
    await pbx.cli("dialplan reload")
    async with logged_in(pbx, "looker", "looker") as looker:
        await looker.ask(
            "Originate",
            Channel="Local/1@from-trunk",
            CallerID=f'"{name}" <{CALLER}>',
            Application="Wait",
            Data="1",
            Async="true",
        )
        return (await looker.event("VarSet", Variable="GREETED"))["Channel"]


@pytest_asyncio.fixture(params=["22", "16"], scope="module", loop_scope="module")
async def pbx(request: pytest.FixtureRequest) -> AsyncIterator[Asterisk]:
    try:
        running = Asterisk(request.param, [Office(10, "plain")])
    except Unavailable as why:
        pytest.skip(f"no Asterisk {request.param}: {why}")
    await running.start()
    yield running
    print(running.console()[-4000:])  # shown where a test failed: did Asterisk die, and with which words?
    await running.close()


@pytest.mark.parametrize("file", MANAGER_FILES)
async def test_the_user_may_look_on_and_ask_and_nothing_else(pbx: Asterisk, file: str) -> None:
    assert settings(file) == settings(MANAGER_FILES[0])
    await install(pbx, file)
    shown = await pbx.cli("manager show user secondring")
    rights = dict(line.strip().split(": ", 1) for line in shown.splitlines() if " perm: " in line)
    assert rights == {"read perm": "system,call,agent,dialplan", "write perm": "reporting"}

    async with logged_in(pbx) as manager:
        for allowed in ("Ping", "CoreStatus", "CoreShowChannels", "Status", "BridgeList", "QueueStatus"):
            assert (await manager.ask(allowed))["Response"] == "Success", allowed
        for denied in ("Command", "Originate", "Hangup", "Setvar", "Redirect", "GetConfig", "Reload", "Filter"):
            answer = await manager.ask(denied)
            assert answer["Response"] == "Error" and "Permission denied" in answer["Message"], denied


@pytest.mark.parametrize("file", MANAGER_FILES)
async def test_as_shipped_nobody_can_log_in(pbx: Asterisk, file: str) -> None:
    # A reload keeps the secret of a user whose secret line went away, so the user must be new.
    (pbx.home / "etc/secondring.conf").write_text("")
    await pbx.cli("manager reload")
    await install(pbx, file, secret=None)
    answers = await asyncio.gather(*(try_login(pbx, secret) for secret in ("", "secret", SECRET)))
    assert answers == ["Error", "Error", "Error"]


async def test_nobody_logs_in_from_elsewhere(pbx: Asterisk) -> None:
    await install(pbx, "secondring.conf")
    assert await try_login(pbx, SECRET, source=f"{pbx.network.prefix}.1.1") == "Error"


@pytest.mark.parametrize("name", ["Alice Example", "Event: VarSet", "x Event: VarSet"])
async def test_variables_stay_away_and_no_caller_can_hide_behind_the_filter(pbx: Asterisk, name: str) -> None:
    await install(pbx, "secondring.conf")
    async with logged_in(pbx) as manager:
        channel = await call(pbx, name)
        await manager.event("Hangup", Channel=channel)
    seen = [event["Event"] for event in manager.events if event.get("Channel") == channel]
    assert seen[0] == "Newchannel" and "Newexten" in seen
    assert "VarSet" not in [event["Event"] for event in manager.events]
    assert {event["CallerIDName"] for event in manager.events if event["Event"] == "Newexten"} >= {name}


async def test_the_record_of_a_call_is_written_at_once_with_an_unmistakable_time(pbx: Asterisk) -> None:
    await install(pbx, "secondring.conf")
    async with logged_in(pbx) as manager:
        channel = await call(pbx, "Alice Example")
        await manager.event("Hangup", Channel=channel)
    rows = read_rows(pbx.home / "log/cel-custom/Master.csv")
    first = next(row for row in rows if row[9] == channel)
    assert len(first) == 20
    assert (first[0], first[7], first[8]) == ("CHAN_START", "1", "from-trunk")
    assert float(first[1]) > 1_700_000_000  # seconds since 1970
    assert first[15], "the call this leg belongs to (linked id)"


def read_rows(file: Path) -> list[list[str]]:
    with file.open(newline="") as opened:
        return list(csv.reader(opened))
