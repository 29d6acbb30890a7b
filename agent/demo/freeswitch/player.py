"""A FreeSWITCH on loopback that plays recorded calls: it speaks the event socket as FreeSWITCH 1.10.12 does."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from agent.demo.engine import Watcher
from agent.demo.freeswitch.cdr import RecordFiles
from agent.demo.freeswitch.desk import Readiness
from agent.demo.freeswitch.esl import Account, shipped_account
from agent.demo.freeswitch.outbox import POLL, Limits
from agent.demo.freeswitch.recording import catalogue
from agent.demo.freeswitch.session import STOPPING, Session
from agent.demo.freeswitch.stage import FreeswitchCall, FreeswitchStage
from agent.demo.plan import PlannedCall
from agent.demo.playing import Playing
from agent.demo.recording import Recording

SHUTDOWN_AFTER = 7.0  # seconds between hanging up and the end, as seen; once it was over 40


class FreeswitchPlayer(Playing[FreeswitchCall]):
    """A FreeSWITCH with a plan. Start it with `async with`; it plays from the first client on that asks for events.

    `secret`: the socket's password, and that of the user `secondring@pbx.lab`; `accounts`: further users. `welcome`
    False: the access list denies everyone. `answers`: what it says to further `api` commands, word for word. `cdr`: the
    folder its records are written to. `cuts`, `watch`, errors: as Playing has them. `readiness` may be set at any time.
    The truth's times are when an event is raised; it is written up to 20 ms later.
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
        cdr: Path | None = None,
        truth: Path | None = None,
        cuts: Sequence[int] = (),
        wait_for_client: bool = True,
        limits: Limits | None = None,
        welcome: bool = True,
        answers: Mapping[str, str] | None = None,
        watch: Watcher | None = None,
    ) -> None:
        self.accounts = {account.name: account for account in (*accounts, shipped_account(secret))}
        self.password = secret
        self.limits = limits or Limits()
        self.welcome = welcome
        self.answers = answers or {}
        self.readiness = Readiness.READY
        self._stuck: set[Session] = set()
        self._sessions: set[Session] = set()
        files = RecordFiles(cdr)
        self._stage = FreeswitchStage(recordings if recordings is not None else catalogue(), files)
        super().__init__(
            plan, self._stage, files, host=host, port=port, speed=speed, truth=truth, cuts=cuts,
            wait_for_client=wait_for_client, watch=watch,
        )  # fmt: skip

    @property
    def events_sent(self) -> int:
        """Events sent so far, each counted once however many clients of one view got it."""
        return self._stage.air.events_sent

    @property
    def core(self) -> str:
        """The id of the core that runs now."""
        return self._stage.names.core

    @property
    def frozen(self) -> bool:
        """Whether everything waits for a client that doesn't read."""
        return bool(self._stuck)

    def call_of(self, uuid: str) -> FreeswitchCall | None:
        """The call a leg belongs to."""
        return self._stage.call_of(uuid)

    def sequence(self) -> bytes:
        """The number of a new event."""
        return self._stage.names.sequence()

    def joined(self, session: Session) -> None:
        """A client has logged in."""
        self._stage.air.listeners.add(session)

    def listening(self) -> None:
        """A client has asked for events."""
        self._someone_listens()

    def left(self, session: Session) -> None:
        """A connection is gone, or is nobody's any more."""
        self._connections.discard(session)
        self._sessions.discard(session)
        self._stage.air.listeners.discard(session)
        if session in self._stuck:
            self._stuck.discard(session)
            for other in list(self._sessions):
                other.wake()

    def freeze(self, session: Session) -> None:
        """A notice is stuck in this session's socket."""
        self._stuck.add(session)

    def finished_job(self, job: str, command: str, told: str) -> None:
        """A command in the background is done."""
        name, _, argument = command.partition(" ")
        made = (("File", "mod_event_socket.c"), ("Function", "api_exec"), ("Line-Number", "1557"))
        where = tuple((f"Event-Calling-{what}", value) for what, value in made)
        asked = (("Job-UUID", job), ("Job-Command", name), *((("Job-Command-Arg", argument),) if argument else ()))
        self._stage.say((("Event-Name", "BACKGROUND_JOB"), *where, *asked), told)
        self._stage.flush()

    async def restart(self, down: float = 1.0, clean: bool = True, shutdown_after: float = SHUTDOWN_AFTER) -> None:
        """Stop the PBX and start it `down` seconds later: no leg survives, and the core is another one.

        `clean`: as at SIGTERM, every leg is hung up; for `shutdown_after` seconds logins are still accepted while the
        status says that it isn't ready; then all are told goodbye. Otherwise as at SIGKILL: the connections just end.
        What the plan has for the time in between never happens.
        """
        self._engine.down = True
        if not clean:
            self._forget_the_unwritten()
        self._engine.stop_calls(clean)
        if clean:
            self.readiness = Readiness.NOT_READY
            await asyncio.sleep(shutdown_after)
            for session in list(self._sessions):
                session.wake()
                session.kill(STOPPING)
        else:
            for session in list(self._sessions):
                session.vanish()
        await self._close_server()
        await asyncio.sleep(down)
        self._start_anew()
        self.readiness = Readiness.READY
        await self._listen()

    def _forget_the_unwritten(self) -> None:
        """A call that began since the sockets were last looked at dies untold: in its truth it never began."""
        written = time.monotonic_ns() - int(POLL * 1e9)
        for call in self._engine.calls:
            if call.started is not None and call.started > written:
                call.started = None

    async def _close_server(self) -> None:
        await super()._close_server()
        for session in list(self._stuck):
            session.abort()

    def _open(self, cut_after: int | None) -> Session:
        session = Session(self, cut_after)
        self._connections.add(session)
        self._sessions.add(session)
        return session
