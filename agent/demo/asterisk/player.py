"""An Asterisk on loopback that plays recorded calls: it speaks AMI as Asterisk 22.10.1 does."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from agent.demo.asterisk.ami import Account, block, shipped_account
from agent.demo.asterisk.cel import CelFile
from agent.demo.asterisk.recording import catalogue
from agent.demo.asterisk.session import REFUSAL_DELAY, Session
from agent.demo.asterisk.stage import AsteriskCall, AsteriskStage
from agent.demo.engine import Watcher
from agent.demo.plan import PlannedCall
from agent.demo.playing import Playing
from agent.demo.recording import Recording

SHUTDOWN_AFTER = 1.1  # seconds between clearing the calls and the Shutdown event, as seen


class Player(Playing[AsteriskCall]):
    """An Asterisk with a plan. Start it with `async with`; it listens from then on and plays from the first login on.

    `cuts`: the first connection is closed after so many events, the second after so many, and so on; the calls go on
    meanwhile. `write_timeout` (seconds): a client that doesn't read for so long is dropped. `watch` is told of every
    milestone of every call. `cel`: the file its channel events are appended to. Raises OSError where the address is
    taken or a file can't be opened.
    """

    def __init__(
        self,
        plan: Iterable[PlannedCall],
        *,
        accounts: Iterable[Account] = (),
        secret: str = "secret",
        host: str = "127.0.0.1",
        port: int = 0,
        speed: float = 1.0,
        recordings: Mapping[str, Recording] | None = None,
        cel: Path | None = None,
        truth: Path | None = None,
        cuts: Sequence[int] = (),
        wait_for_client: bool = True,
        write_timeout: float = 0.1,
        refusal_delay: float = REFUSAL_DELAY,
        watch: Watcher | None = None,
    ) -> None:
        self.accounts = {account.name: account for account in (*accounts, shipped_account(secret))}
        self.write_timeout = write_timeout
        self.refusal_delay = refusal_delay
        records = CelFile(cel)
        self._stage = AsteriskStage(recordings if recordings is not None else catalogue(), records)
        super().__init__(
            plan, self._stage, records, host=host, port=port, speed=speed, truth=truth, cuts=cuts,
            wait_for_client=wait_for_client, watch=watch,
        )  # fmt: skip

    @property
    def events_sent(self) -> int:
        """Events sent so far, each counted once however many clients of one view got it."""
        return self._stage.air.events_sent

    @property
    def parking_bridge(self) -> str:
        """The bridge of the one parking lot."""
        return self._stage.names.parking

    def call_of(self, channel: str) -> AsteriskCall | None:
        """The call a channel belongs to."""
        return self._stage.call_of(channel)

    def joined(self, session: Session) -> None:
        """A client has logged in."""
        self._stage.air.listeners.add(session)
        self._someone_listens()

    def left(self, session: Session) -> None:
        """A connection is gone."""
        self._connections.discard(session)
        self._stage.air.listeners.discard(session)

    async def restart(self, down: float = 1.0, clean: bool = True, shutdown_after: float = SHUTDOWN_AFTER) -> None:
        """Stop the PBX and start it `down` seconds later: no leg survives, the uptime begins again.

        `clean`: as at SIGTERM, calls are cleared, and after `shutdown_after` seconds Shutdown is told; otherwise as at
        SIGKILL, the connections just end. What the plan has for the time in between never happens.
        """
        self._engine.down = True
        self._engine.stop_calls(clean)
        if clean:
            await asyncio.sleep(shutdown_after)
            goodbye = (("Event", "Shutdown"), ("Privilege", "system,all"), ("Shutdown", "Cleanly"))
            text = block(*goodbye, ("Restart", "False"))
            self._stage.tell(text, text.encode())
            self._stage.flush()
        await self._close_server()
        await asyncio.sleep(down)
        self._start_anew()
        await self._listen()

    def _open(self, cut_after: int | None) -> Session:
        session = Session(self, cut_after)
        self._connections.add(session)
        return session
