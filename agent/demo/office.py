"""The office of the demo: its configuration, in a folder of its own, and the agent that runs on it."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from agent.demo.day import MAIN, PLUMBING, SPEED
from agent.demo.script import STAFF

RING_CYCLE = 6.0 / SPEED  # what the caller hears in the US, as fast as the day goes
MIN_RING = 3.0 / SPEED
ZONE = "America/Chicago"
INBOUND = {"asterisk": "from-trunk", "freeswitch": "public"}
"""The context in which calls from outside arrive, as recorded."""
WITHIN = 45.0 / SPEED  # the promise to an urgent caller
EACH = 9.0 / SPEED  # for each who is asked
CONSOLE = 'provider = "console"'
STOP_WITHIN = 5.0  # seconds for the agent to end

MESSAGE = (
    "Hi {first_name|there}, this is {business}. Sorry we missed your call. Reply with a good time to call back. "
    "{if_urgent} Reply STOP to opt out."
)


class AgentTrouble(Exception):
    """The agent didn't come up or ended by itself. The message has its own last words."""


@dataclass(frozen=True, slots=True)
class Office:
    """Where the demo keeps its things."""

    folder: Path

    @property
    def config(self) -> Path:
        """The agent's configuration."""
        return self.folder / "secondring.toml"

    @property
    def ledger(self) -> Path:
        """The agent's ledger."""
        return self.folder / "ledger.db"

    @property
    def log(self) -> Path:
        """What the agent wrote while it ran."""
        return self.folder / "agent.log"

    def furnish(self, pbx: str, port: int, secret: str, sms: str) -> None:
        """Write the configuration for a PBX of this kind on this port of loopback. `sms`: who carries the texts."""
        secret_file = self.folder / "pbx.secret"
        secret_file.touch(mode=0o600)
        secret_file.write_text(secret + "\n")
        self.config.write_text(
            f"""# Written by `secondring demo`: an office whose day goes {SPEED:g} times as fast.
[business]
name = "Acme Plumbing"
country = "US"
timezone = "{ZONE}"

[pbx]
kind = "{pbx}"
host = "127.0.0.1"
port = {port}
secret_file = "pbx.secret"
inbound_contexts = ["{INBOUND[pbx]}"]

[sms]
{sms}
from = "{MAIN}"

[[line]]
number = "{MAIN}"
name = "Main"
ring_cycle = "{RING_CYCLE:g}s"
min_ring = "{MIN_RING:g}s"
message = "{MESSAGE}"

[[line]]
number = "{PLUMBING}"
name = "Emergencies"
rings = 1
ring_cycle = "{RING_CYCLE:g}s"
min_ring = "{MIN_RING:g}s"
message = "{MESSAGE}"

{_staff()}
[urgent]
within = "{WITHIN:g}s"
each = "{EACH:g}s"

[storage]
path = "{self.ledger}"
"""
        )

    def tidy(self) -> None:
        """Give back the space the ledger keeps in reserve; what was recorded stays for looking at."""
        self.ledger.with_name(self.ledger.name + ".ballast").unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # not empty
            self.folder.rmdir()

    @contextlib.asynccontextmanager
    async def agent(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """The real agent on this configuration, at the day's pace. It ends with its standard input.

        It runs in a session of its own, so that Ctrl-C reaches the demo alone, which then ends it in order.
        """
        clean = {key: value for key, value in os.environ.items() if not key.startswith("SECONDRING_")}
        with self.log.open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "agent.demo.agent", str(self.config),
                stdin=asyncio.subprocess.PIPE, stdout=log, stderr=log, env=clean, start_new_session=True,
            )  # fmt: skip
            try:
                yield process
            finally:
                await _end(process)

    def last_words(self) -> str:
        """The end of what the agent wrote."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-8:])


def twilio_at(url: str, account: str, token: str) -> str:
    """Who carries the texts: a double of Twilio at this address."""
    return f'provider = "twilio"\naccount_sid = "{account}"\nauth_token = "{token}"\nbase_url = "{url}"'


def _staff() -> str:
    return "\n".join(f'[[staff]]\nname = "{name}"\nnumber = "{number}"\n' for number, name in STAFF.items())


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    assert process.stdin is not None
    process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), STOP_WITHIN)
    except TimeoutError:
        process.kill()
        await process.wait()
