"""The product as the lab runs it: its own process, its own configuration and ledger, beside one Asterisk."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

from tests.doubles.twilio import ACCOUNT, OUR_NUMBER, TOKEN
from tests.lab.asterisk import SECRET, Asterisk

COMMAND = Path(sys.executable).parent / "secondring"
MESSAGE = "This is {business}. Sorry we missed your call. Reply STOP to opt out."
TEXT = "This is Acme Plumbing. Sorry we missed your call. Reply STOP to opt out."

CONFIG = """\
[business]
name = "Acme Plumbing"
country = "US"
timezone = "America/Chicago"

[pbx]
kind = "asterisk"
host = "{host}"
secret_file = "{home}/pbx.secret"
records = "{records}"

[sms]
provider = "twilio"
account_sid = "{account}"
base_url = "{twilio}"
from = "{sender}"

[storage]
path = "{home}/ledger.db"

[limits]
per_hour = 1000
per_day = 1000

{lines}"""


class Row(TypedDict):
    """One call as `secondring calls --json` prints it; times are epoch seconds or ISO, as printed."""

    call: str
    direction: str
    caller: str | None
    line: str | None
    reason: str | None
    decision: str
    rule: str
    started_at: float | str
    ended_at: float | str | None
    answered_at: float | str | None
    text: str | None


class Agent:
    """`secondring run` beside one PBX. `lines` are settings of single lines: DID -> TOML keys of its [[line]].

    `relay`: the address, if it isn't the PBX's own, at which the manager interface is to be reached.
    """

    def __init__(self, home: Path, pbx: Asterisk, twilio: str, lines: Mapping[str, str], relay: str = "") -> None:
        self.home = home
        self.home.mkdir(parents=True, exist_ok=True)
        self.seconds_to_ready = 0.0
        self._process: asyncio.subprocess.Process | None = None
        self._notices: asyncio.Task[None] | None = None
        self._asking = asyncio.Lock()
        self._asked = 0.0
        self._rows: list[Row] = []
        self._config = home / "secondring.toml"
        secret = home / "pbx.secret"
        secret.write_text(SECRET + "\n")
        secret.chmod(0o600)
        own = "".join(f'[[line]]\nnumber = "{did}"\nmessage = "{MESSAGE}"\n{keys}\n\n' for did, keys in lines.items())
        self._config.write_text(
            CONFIG.format(
                host=relay or pbx.network.pbx, home=home, account=ACCOUNT, sender=OUR_NUMBER, twilio=twilio,
                records=pbx.home / "log" / "cel-custom" / "Master.csv",
                lines=own + f'[[line]]\nnumber = "*"\nmessage = "{MESSAGE}"\n',
            )
        )  # fmt: skip

    async def start(self) -> None:
        """Start it and wait for its READY. Raises RuntimeError with what it said if it ends instead."""
        began = time.monotonic()
        address = self.home / "notify"
        address.unlink(missing_ok=True)
        notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notices.bind(str(address))
        notices.setblocking(False)
        with (self.home / "agent.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *("setpriv", "--pdeathsig", "KILL", "--", str(COMMAND), "run", "--config", str(self._config)),
                env=self._environment() | {"NOTIFY_SOCKET": str(address)}, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        ready = asyncio.Event()
        self._notices = asyncio.create_task(_read_notices(notices, ready))
        await self._until_ready(self._process, ready)
        self.seconds_to_ready = time.monotonic() - began

    async def stop(self) -> None:
        """SIGTERM, and wait."""
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """SIGKILL, and wait."""
        await self._end(signal.SIGKILL)

    async def rows(self) -> list[Row]:
        """`secondring calls --json`, asked after this was called; many who wait share one asking."""
        came = time.monotonic()
        async with self._asking:
            if self._asked < came:
                self._asked = time.monotonic()
                self._rows = await self._ask()
            return self._rows

    def log(self) -> str:
        said = self.home / "agent.log"
        return said.read_text(errors="replace") if said.exists() else ""

    def times_linked(self) -> int:
        """How often it has said that it listens to the PBX."""
        return self.log().count("action=linked")

    async def _ask(self) -> list[Row]:
        asked = await asyncio.create_subprocess_exec(
            str(COMMAND), "calls", "--config", str(self._config), "--json", "--limit", "1000",
            env=self._environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        printed, complaint = await asked.communicate()
        if asked.returncode != 0:
            raise RuntimeError(f"secondring calls ended with {asked.returncode}: {complaint.decode()}")
        return [json.loads(line) for line in printed.splitlines()]

    async def _until_ready(self, process: asyncio.subprocess.Process, ready: asyncio.Event) -> None:
        told, ended = asyncio.create_task(ready.wait()), asyncio.create_task(process.wait())
        try:
            async with asyncio.timeout(30):
                await asyncio.wait({told, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            told.cancel()
            ended.cancel()
        if not ready.is_set():
            raise RuntimeError(f"secondring run ended with {process.returncode}:\n{self.log()[-3000:]}")

    async def _end(self, sign: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.send_signal(sign)
        try:
            async with asyncio.timeout(15):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        finally:
            if self._notices is not None:
                self._notices.cancel()

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SECONDRING_") and k != "PYTHONPATH"}
        return kept | {"SECONDRING_SMS__AUTH_TOKEN": TOKEN}


async def _read_notices(notices: socket.socket, ready: asyncio.Event) -> None:
    """Be the systemd that the agent talks to, for as long as it lives."""
    with notices:
        while True:
            notice = await asyncio.get_running_loop().sock_recv(notices, 4096)
            if b"READY=1" in notice.splitlines():
                ready.set()


def missing() -> str | None:
    """Why the agent can't be run, or None."""
    if shutil.which("setpriv") is None:
        return "setpriv (util-linux) is not on this machine"
    return None if COMMAND.exists() else f"{COMMAND} is missing: run `make install`"
