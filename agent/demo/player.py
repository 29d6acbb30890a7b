"""A PBX on loopback that plays recorded calls: `async with Player(...)`, or `python -m agent.demo.player`.

It speaks AMI as Asterisk 22.10.1 does. Load and crash tests use it; what it says happened (the truth file) comes from
the recordings, never from the agent under test.
"""

import asyncio
import contextlib
import math
import signal
import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import click

from agent.demo.ami import Account, block, shipped_account
from agent.demo.clock import Clock
from agent.demo.engine import Engine, Watcher
from agent.demo.plan import MIX, PlanError, PlannedCall, read_mix, read_plan, steady
from agent.demo.recording import Recording, catalogue
from agent.demo.session import REFUSAL_DELAY, Session
from agent.demo.truth import Call, Records

SHUTDOWN_AFTER = 1.1  # seconds between clearing the calls and the Shutdown event, as seen


class Player:
    """A PBX with a plan. Start it with `async with`; it listens from then on and plays from the first login on.

    `cuts`: the first connection is closed after so many events, the second after so many, and so on; the calls go on
    meanwhile. `write_timeout` (seconds): a client that doesn't read for so long is dropped. `watch` is told of every
    milestone of every call. Raises OSError where the address is taken or a file can't be opened.
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
        self.booted = time.time()
        self._address = (host, port)
        self._cuts = list(cuts)
        self._wait_for_client = wait_for_client
        self._records = Records(truth, cel)
        self._clock = Clock(speed)
        self._engine = Engine(
            plan, recordings if recordings is not None else catalogue(), self._clock, self._records, watch
        )
        self._connections: set[Session] = set()
        self._server: asyncio.Server | None = None
        self._playing: asyncio.Task[None] | None = None
        self._exit = contextlib.ExitStack()

    @property
    def host(self) -> str:
        """The address it listens on."""
        return self._address[0]

    @property
    def port(self) -> int:
        """The port it listens on, the same before and after a restart."""
        return self._address[1]

    @property
    def processed(self) -> int:
        """Calls since the PBX was started."""
        return self._engine.processed

    @property
    def parking_bridge(self) -> str:
        """The bridge of the one parking lot."""
        return self._engine.names.parking

    @property
    def events_sent(self) -> int:
        """Events sent so far, each counted once however many clients of one view got it."""
        return self._engine.events_sent

    @property
    def most_in_flight(self) -> int:
        """The most calls there were at once."""
        return self._engine.most_in_flight

    @property
    def played(self) -> float:
        """Seconds of play so far."""
        return self._clock.now()

    def calls(self) -> Iterable[Call]:
        """The calls in flight."""
        return self._engine.calls

    def call_of(self, channel: str) -> Call | None:
        """The call a channel belongs to."""
        return self._engine.call_of(channel)

    def joined(self, session: Session) -> None:
        """A client has logged in: from the first on, time runs."""
        self._engine.sessions.add(session)
        if self._wait_for_client:
            self._wait_for_client = False
            self._clock.start()

    def left(self, session: Session) -> None:
        """A connection is gone."""
        self._connections.discard(session)
        self._engine.sessions.discard(session)

    def pause(self) -> None:
        """Hold all calls where they are; before the first login: until `resume`."""
        self._wait_for_client = False
        self._clock.stop()

    def resume(self) -> None:
        """Let them go on; without a client too."""
        self._clock.start()

    def cut(self) -> None:
        """Close every connection now. The calls go on."""
        for session in list(self._connections):
            session.close()

    async def finished(self) -> None:
        """Wait until the plan is through and the last call has ended."""
        assert self._playing is not None, "a player is started with `async with`"
        await asyncio.shield(self._playing)

    async def restart(self, down: float = 1.0, clean: bool = True, shutdown_after: float = SHUTDOWN_AFTER) -> None:
        """Stop the PBX and start it `down` seconds later: no leg survives, the uptime begins again.

        `clean`: as at SIGTERM, calls are cleared, and after `shutdown_after` seconds Shutdown is told; otherwise as at
        SIGKILL, the connections just end. What the plan has for the time in between never happens.
        """
        self._engine.down = True
        self._engine.stop_calls(farewell=clean)
        if clean:
            await asyncio.sleep(shutdown_after)
            goodbye = (("Event", "Shutdown"), ("Privilege", "system,all"), ("Shutdown", "Cleanly"))
            self._engine.say(block(*goodbye, ("Restart", "False")))
        await self._close_server()
        await asyncio.sleep(down)
        self.booted = time.time()
        self._engine.processed = 0
        self._engine.down = False
        await self._listen()

    def _connected(self) -> Session:
        session = Session(self, self._cuts.pop(0) if self._cuts else None)
        self._connections.add(session)
        return session

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connected, *self._address, reuse_address=True)
        address: tuple[str, int] = self._server.sockets[0].getsockname()
        self._address = (self._address[0], address[1])

    async def _close_server(self) -> None:
        if self._server is not None:
            self._server.close()
            self.cut()
            await self._server.wait_closed()
            self._server = None

    async def __aenter__(self) -> Self:
        self._exit.enter_context(self._records)
        try:
            await self._listen()
        except OSError:
            self._exit.close()
            raise
        if not self._wait_for_client:
            self._clock.start()
        self._playing = asyncio.create_task(self._engine.run(), name="player")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, where: TracebackType | None
    ) -> None:
        assert self._playing is not None
        try:
            self._playing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._playing
            await self._close_server()
        finally:
            self._engine.abandon()
            self._exit.close()


async def _serve(player: Player, linger: float) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    async with player:
        click.echo(f"port {player.port}")
        began = time.monotonic()
        asked = asyncio.create_task(stop.wait())
        played = asyncio.create_task(player.finished())
        await asyncio.wait({asked, played}, return_when=asyncio.FIRST_COMPLETED)
        took = time.monotonic() - began
        if played.done() and not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asked, linger)
        for task in (asked, played):
            task.cancel()
    click.echo(
        f"played {player.processed} calls, at most {player.most_in_flight} at once, "
        f"{player.events_sent} events in {took:.1f} s"
    )


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Loopback address to listen on.")
@click.option("--port", default=0, help="Port to listen on; 0 takes a free one. It is printed.")
@click.option("--secret", default="secret", help="Secret of the user `secondring`.")
@click.option("--plan", "plan_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--rate", type=float, help="New calls a second, instead of a plan.")
@click.option("--seconds", type=float, default=60.0, show_default=True, help="How long new calls come.")
@click.option("--mix", help="NAME=WEIGHT,… of recordings for --rate.")
@click.option("--seed", default=1, show_default=True)
@click.option("--speed", default=1.0, show_default=True, help="Times as fast; 0: without waiting.")
@click.option("--cut", "cuts", type=int, multiple=True, help="Close the next connection after so many events.")
@click.option("--write-timeout", default=0.1, show_default=True, help="Seconds a client may not read.")
@click.option("--linger", default=2.0, show_default=True, help="Seconds to stay up after the last call.")
@click.option("--cel", type=click.Path(dir_okay=False, path_type=Path), help="Append CEL rows to this file.")
@click.option("--truth", type=click.Path(dir_okay=False, path_type=Path), help="Append the truth to this file.")
@click.option("--now", is_flag=True, help="Play at once instead of from the first login on.")
def main(
    host: str, port: int, secret: str, plan_file: Path | None, rate: float | None, seconds: float, mix: str | None,
    seed: int, speed: float, cuts: tuple[int, ...], write_timeout: float, linger: float, cel: Path | None,
    truth: Path | None, now: bool,
) -> None:  # fmt: skip
    """Play recorded calls as an Asterisk would send them, until they are through or SIGTERM."""
    known = catalogue()
    try:
        if not socket.gethostbyname(host).startswith("127."):
            raise PlanError(f"--host {host}: the player listens on loopback only")
        if (plan_file is None) == (rate is None):
            raise PlanError("give either --plan or --rate")
        plan: Iterable[PlannedCall]
        if plan_file is not None:
            plan = read_plan(plan_file, known)
        else:
            assert rate is not None
            plan = steady(rate, seconds, read_mix(mix, known) if mix else MIX, seed)
        player = Player(
            plan, secret=secret, host=host, port=port, speed=speed or math.inf, cel=cel, truth=truth, cuts=cuts,
            wait_for_client=not now, write_timeout=write_timeout,
        )  # fmt: skip
        asyncio.run(_serve(player, linger))
    except (PlanError, OSError) as problem:
        raise click.ClickException(str(problem)) from problem


if __name__ == "__main__":
    main()
