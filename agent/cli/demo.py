"""`secondring demo`: a day at a small office, live on this machine, without a PBX and without sending anything."""

import asyncio
import contextlib
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live
from rich.text import Text

from agent.demo.day import SPEED, Day, calls_at
from agent.demo.office import AgentTrouble, Office
from agent.demo.player import FreeswitchPlayer, Player
from agent.demo.view import Decided, LedgerReader, View

LOOK_EVERY = 0.1  # seconds between two looks at the ledger
LOG_IN_WITHIN = 15.0  # seconds for the agent to reach the PBX
SETTLE_WITHIN = 3.0  # seconds for the last decisions after the last call
LONGEST = 58.0  # seconds of the whole


NAMES = {"asterisk": ("AMI", "Asterisk"), "freeswitch": ("the event socket", "FreeSWITCH")}
"""The protocol and the name of each kind of PBX."""


@click.command("demo")
@click.option("--pbx", type=click.Choice(tuple(NAMES)), default="asterisk", show_default=True, help="Whose calls.")
def command(pbx: str) -> None:
    """A whole day at a small office, live: calls come in, ring, are answered or missed, and who is texted why."""
    console = Console(highlight=False)
    office = Office(Path(tempfile.mkdtemp(prefix="secondring-demo-")))
    ledger = LedgerReader(office.ledger)
    try:
        with contextlib.closing(ledger):
            asyncio.run(_show(console, office, ledger, pbx))
    except KeyboardInterrupt:
        console.print("\nStopped.")
    except (AgentTrouble, OSError) as problem:
        raise click.ClickException(str(problem)) from problem
    finally:
        office.tidy()


async def _show(console: Console, office: Office, ledger: LedgerReader, pbx: str) -> None:
    day = Day(calls_at(pbx))
    secret = secrets.token_hex(8)
    view = View(console, day, lambda: day.clock(player.played))
    kind = FreeswitchPlayer if pbx == "freeswitch" else Player
    player = kind(day.plan, secret=secret, speed=SPEED, watch=view.heard)
    protocol, name = NAMES[pbx]
    console.print(
        f"A day at Acme Plumbing, {SPEED:g} times as fast. A player speaks {protocol} with recorded calls of a real "
        f"{name}; the agent is the real one.\nNo text leaves this machine.\n"
    )
    async with player:
        office.furnish(pbx, player.port, secret)
        async with office.agent() as agent:
            ended = asyncio.create_task(agent.wait())
            try:
                rows = await _watch(console, office, ledger, view, player, ended)
            finally:
                ended.cancel()
    _sum_up(console, office, view, rows)


async def _watch(
    console: Console,
    office: Office,
    ledger: LedgerReader,
    view: View,
    player: Player | FreeswitchPlayer,
    ended: asyncio.Task[int],
) -> dict[str, Decided]:
    """Show what happens until the day is over and decided. Raises AgentTrouble where the agent isn't there."""
    began = time.monotonic()
    played = asyncio.create_task(player.finished())
    over: float | None = None
    try:
        with _status_line(console) as show:
            while True:
                await asyncio.wait({ended}, timeout=LOOK_EVERY)
                now = time.monotonic()
                rows = ledger.rows()
                view.decided(rows)
                in_flight = sum(1 for _ in player.calls())
                show.update(Text(f"{view.clock()}  {in_flight} in flight", "reverse"))
                if ended.done():
                    raise AgentTrouble(f"The agent ended by itself; its log is {office.log}:\n{office.last_words()}")
                if not player.processed and now - began > LOG_IN_WITHIN:
                    raise AgentTrouble(
                        f"The agent didn't log in at the player; its log is {office.log}:\n{office.last_words()}"
                    )
                if played.done() and over is None:
                    played.result()
                    over = now
                settled = over is not None and (view.settled(player.processed) or now - over > SETTLE_WITHIN)
                if settled or now - began > LONGEST:
                    return rows
    finally:
        played.cancel()


@contextlib.contextmanager
def _status_line(console: Console) -> Iterator[Live]:
    with Live(console=console, auto_refresh=console.is_terminal, transient=True, redirect_stdout=False) as live:
        yield live


def _sum_up(console: Console, office: Office, view: View, rows: dict[str, Decided]) -> None:
    console.print()
    console.print(view.summary(rows))
    number = view.worth_explaining(rows)
    program = sys.argv[0] if Path(sys.argv[0]).name == "secondring" else "secondring"
    console.print("\nWhere to look next:")
    if number is not None:
        console.print(f"  {program} explain {number} --config {office.config}", soft_wrap=True)
    console.print(f"  {program} calls --config {office.config}", soft_wrap=True)
    console.print(f"  the ledger: {office.ledger}", soft_wrap=True)
    console.print('  README.md, "Run it on your PBX": the way to the real thing')
