"""The product as the fault tests run it: a process of its own that may be killed at any instant."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.doubles.twilio import ACCOUNT, OUR_NUMBER, TOKEN
from tests.faults.disk import Disk

Row = Mapping[str, object]

COMMAND = Path(sys.executable).with_name("secondring")
SECRET = "secret"
MESSAGE = "This is {business}. Sorry we missed your call. Reply STOP to opt out."
SOON_ANSWERED = "+12025550121"
"""The line of a handwritten dialplan; its callers are texted before the phone is picked up: answered late."""

CONFIG = """\
[business]
name = "Acme Plumbing"
country = "US"
timezone = "America/Chicago"

[pbx]
kind = "{kind}"
host = "127.0.0.1"
port = {pbx}
user = "{user}"
secret_file = "{folder}/pbx.secret"
inbound_contexts = ["{context}"]
trust_numbers = true
records = "{records}"

[sms]
provider = "twilio"
account_sid = "{account}"
base_url = "{twilio}"
from = "{sender}"

[[line]]
number = "{soon}"
message = "{message}"
rings = 1
ring_cycle = "{ring:g}s"

[[line]]
number = "*"
message = "{message}"
min_ring = "{min_ring:g}s"

[storage]
path = "{ledger}"

[limits]
cooldown = "0s"
per_hour = 100000
per_day = 100000
{limits}
"""

_READ = """
import json, sqlite3, sys
db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, timeout=10)
db.row_factory = sqlite3.Row
json.dump([dict(row) for row in db.execute(sys.argv[2])], sys.stdout)
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of PBX, as the player plays it: who may log in, where callers begin, and the name of its records."""

    name: str
    user: str
    context: str
    records: str


ASTERISK = Kind("asterisk", "secondring", "from-trunk", "Master.csv")
FREESWITCH = Kind("freeswitch", "secondring@pbx.lab", "public", "json_cdr")
KINDS = (ASTERISK, FREESWITCH)


class Agent:
    """`secondring run`. `speed`: how many times as fast as life the PBX plays; times in the settings follow it."""

    def __init__(
        self,
        folder: Path,
        pbx_port: int,
        twilio: str,
        *,
        speed: float,
        kind: Kind = ASTERISK,
        soon: float = 1.0,
        limits: str = "",
        disk: Disk | None = None,
    ) -> None:
        self.folder = folder
        self.config = folder / "secondring.toml"
        self.ledger = (disk.inside if disk else folder) / "ledger.db"
        self.log = folder / "agent.log"
        self.records = folder / kind.records
        self._kind = kind
        self._disk = disk
        self.process: asyncio.subprocess.Process | None = None
        self._told = {"pbx": pbx_port, "twilio": twilio, "limits": limits, "speed": speed, "soon": soon}
        secret = folder / "pbx.secret"
        secret.write_text(SECRET + "\n")
        secret.chmod(0o600)
        if self.records.suffix:
            self.records.touch()
        else:
            self.records.mkdir(exist_ok=True)
        self.configure()

    def configure(self, *, message: str = MESSAGE) -> None:
        """Write the configuration, with this message."""
        speed = float(str(self._told["speed"]))
        text = CONFIG.format(
            kind=self._kind.name, user=self._kind.user, context=self._kind.context, pbx=self._told["pbx"],
            folder=self.folder, records=self.records, account=ACCOUNT, twilio=self._told["twilio"],
            sender=OUR_NUMBER, soon=SOON_ANSWERED, message=message, min_ring=3.0 / speed,
            ring=float(str(self._told["soon"])) / speed, ledger=self.ledger, limits=self._told["limits"],
        )  # fmt: skip
        self.config.write_text(text)

    async def start(self) -> float:
        """Start it and wait for its READY; seconds from the one to the other. Raises AssertionError if it ends."""
        began = time.monotonic()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
            address = self.folder / "notify"
            address.unlink(missing_ok=True)
            notices.bind(str(address))
            notices.setblocking(False)
            await self.spawn(NOTIFY_SOCKET=str(address))
            await self._ready(notices)
        return time.monotonic() - began

    async def spawn(self, **environment: str) -> asyncio.subprocess.Process:
        """Start it and wait for nothing."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(self._disk.enter if self._disk else ()), str(COMMAND), "run", "--config", str(self.config),
                env=self._environment() | environment, start_new_session=True, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log,
            )  # fmt: skip
        return self.process

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; to the whole group, where something is wrapped round it."""
        assert self.process is not None
        os.killpg(self.process.pid, number)

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send it a signal and wait for its end; its exit code. Killed if it takes too long (code -9)."""
        if self.process is None:
            return 0
        process, self.process = self.process, None
        if process.returncode is None:
            os.killpg(process.pid, number)
            try:
                async with asyncio.timeout(20):
                    await process.wait()
            except TimeoutError:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        assert process.returncode is not None
        return process.returncode

    async def kill(self) -> None:
        """`kill -9`."""
        await self.end(signal.SIGKILL)

    def said(self) -> str:
        """Its whole log."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def ask(self, sql: str) -> list[Row]:
        """Rows of its ledger, also while it runs or was killed. Read where the ledger is: /proc leads no database."""
        enter = self._disk.enter if self._disk else ()
        asked = subprocess.run(
            (*enter, sys.executable, "-c", _READ, str(self.ledger), sql), stdout=subprocess.PIPE, check=True
        )
        rows: list[Row] = json.loads(asked.stdout)
        return rows

    async def until(self, sql: str, seconds: float = 30.0) -> None:
        """Wait until the query, which counts what is not yet done, gives 0. Raises AssertionError with the rest."""
        deadline = time.monotonic() + seconds
        while (left := self.ask(sql)[0]["left"]) != 0:
            assert time.monotonic() < deadline, f"still {left} after {seconds:g} s of: {sql}"
            await asyncio.sleep(0.2)

    async def says(self, words: str, seconds: float = 30.0) -> None:
        """Wait until its log holds these words. Raises AssertionError with the log's end."""
        deadline = time.monotonic() + seconds
        while words not in self.said():
            assert time.monotonic() < deadline, f"{words!r} was not said within {seconds:g} s:\n{self.said()[-3000:]}"
            await asyncio.sleep(0.1)

    async def _ready(self, notices: socket.socket) -> None:
        assert self.process is not None
        loop = asyncio.get_running_loop()
        ended = asyncio.create_task(self.process.wait())
        try:
            async with asyncio.timeout(30):
                while True:
                    notice = asyncio.create_task(loop.sock_recv(notices, 4096))
                    await asyncio.wait({ended, notice}, return_when=asyncio.FIRST_COMPLETED)
                    if not notice.done():
                        notice.cancel()
                        raise AssertionError(f"the agent ended with {ended.result()}:\n{self.said()[-3000:]}")
                    if "READY=1" in notice.result().decode().splitlines():
                        return
        finally:
            ended.cancel()

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SECONDRING_") and k != "PYTHONPATH"}
        return kept | {"SECONDRING_SMS__AUTH_TOKEN": TOKEN}
