"""`secondring demo`: a day at a small office, live on this machine, without a PBX and without sending anything."""

import asyncio
import contextlib
import secrets
import sys
import tempfile
import time
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live
from rich.text import Text

from agent.demo.day import SPEED, Day, calls_at
from agent.demo.judge import joined_in, wrong_calls, wrong_words
from agent.demo.ledger import Decided, LedgerReader, Written
from agent.demo.messages import Messages
from agent.demo.office import CONSOLE, AgentTrouble, Office, twilio_at
from agent.demo.page import ACCOUNT, TOKEN, Page, PageTrouble
from agent.demo.player import FreeswitchPlayer, Player
from agent.demo.script import Script
from agent.demo.view import WIDEST, View, shown

LOOK_EVERY = 0.1  # seconds between two looks at the ledger
LOG_IN_WITHIN = 15.0  # seconds for the agent to reach the PBX
SETTLE_WITHIN = 3.0  # seconds for the last decisions after the last call
LONGEST = 58.0  # seconds of the whole


NAMES = {"asterisk": ("AMI", "Asterisk"), "freeswitch": ("the event socket", "FreeSWITCH")}
"""The protocol and the name of each kind of PBX."""


@click.command("demo")
@click.option("--pbx", type=click.Choice(tuple(NAMES)), default="asterisk", show_default=True, help="Whose calls.")
@click.option("--sms-url", metavar="URL", help="Of a double of Twilio with a page to play callers on; see `make demo`.")
def command(pbx: str, sms_url: str | None) -> None:
    """A whole day at a small office, live: who calls, is answered or missed, is texted, and writes back what."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDEST
    office = Office(Path(tempfile.mkdtemp(prefix="secondring-demo-")))
    ledger = LedgerReader(office.ledger)
    try:
        with contextlib.closing(ledger):
            wrong = asyncio.run(_show(console, office, ledger, pbx, sms_url))
    except KeyboardInterrupt:
        console.print("\nStopped.")
    except (AgentTrouble, PageTrouble, OSError) as problem:
        raise click.ClickException(str(problem)) from problem
    else:
        if wrong:
            raise click.ClickException("The day did not end as it truly was:\n  " + "\n  ".join(wrong))
    finally:
        office.tidy()


async def _show(console: Console, office: Office, ledger: LedgerReader, pbx: str, sms_url: str | None) -> list[str]:
    """The whole day. What is wrong about how it ended."""
    day = Day(calls_at(pbx))
    secret = secrets.token_hex(8)
    view = View(console, day, lambda: day.clock(player.played))
    kind = FreeswitchPlayer if pbx == "freeswitch" else Player
    player = kind(day.plan, secret=secret, speed=SPEED, watch=view.heard)
    async with contextlib.AsyncExitStack() as stack:
        if sms_url is not None:
            page = await stack.enter_async_context(Page(sms_url, Script(SPEED)))
            await page.check()
            stack.enter_context(_running(page.run()))
        _introduce(console, pbx, sms_url)
        await stack.enter_async_context(player)
        sms = CONSOLE if sms_url is None else twilio_at(sms_url, ACCOUNT, TOKEN)
        office.furnish(pbx, player.port, secret, sms)
        agent = await stack.enter_async_context(office.agent())
        ended = asyncio.create_task(agent.wait())
        try:
            end = await _watch(console, office, ledger, view, player, ended, sms_url is not None)
        finally:
            ended.cancel()
    _sum_up(console, office, view, end)
    return end.wrong


def _introduce(console: Console, pbx: str, sms_url: str | None) -> None:
    protocol, name = NAMES[pbx]
    console.print(
        f"A day at Acme Plumbing, {SPEED:g} times as fast. A player speaks {protocol} with recorded calls of a real "
        f"{name}; the agent is the real one.\nCallers and staff write back by a script. No text leaves this machine."
    )
    if sms_url is not None:
        console.print(f"\nPlay a caller yourself while it runs: open {sms_url} in a browser.", style="bold")
    console.print()


@contextlib.contextmanager
def _running(work: Coroutine[None, None, None]) -> Iterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()


@dataclass(frozen=True, slots=True)
class _End:
    """How the day ended, by the ledger, and what is wrong about that."""

    rows: dict[str, Decided]
    written: Written
    wrong: list[str]


async def _watch(
    console: Console,
    office: Office,
    ledger: LedgerReader,
    view: View,
    player: Player | FreeswitchPlayer,
    ended: asyncio.Task[int],
    on_page: bool,
) -> _End:
    """Show what happens until the day is over and all is as it should be. Raises AgentTrouble where the agent isn't
    there."""
    began = time.monotonic()
    played = asyncio.create_task(player.finished())
    messages = Messages(view)
    over: float | None = None
    try:
        with _status_line(console) as show:
            while True:
                await asyncio.wait({ended}, timeout=LOOK_EVERY)
                now = time.monotonic()
                rows, written = ledger.rows(), ledger.written()
                view.decided(rows)
                messages.happened(written)
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
                if over is not None or now - began > LONGEST:
                    wrong = wrong_calls(view.calls, rows) + wrong_words(written, rows, on_page)
                    if not wrong or over is None or now - over > SETTLE_WITHIN:
                        return _End(rows, written, wrong)
    finally:
        played.cancel()


@contextlib.contextmanager
def _status_line(console: Console) -> Iterator[Live]:
    with Live(console=console, auto_refresh=console.is_terminal, transient=True, redirect_stdout=False) as live:
        yield live


def _sum_up(console: Console, office: Office, view: View, end: _End) -> None:
    console.print()
    console.print(view.summary(end.rows, end.written))
    if others := joined_in(end.written):
        console.print(f"\nYou joined in as {', '.join(map(shown, sorted(others)))}.")
    number = view.worth_explaining(end.rows)
    program = sys.argv[0] if Path(sys.argv[0]).name == "secondring" else "secondring"
    console.print("\nWhere to look next:")
    if number is not None:
        console.print(f"  {program} explain {number} --config {office.config}", soft_wrap=True)
    for what in ("calls", "replies", "urgent"):
        console.print(f"  {program} {what} --config {office.config}", soft_wrap=True)
    console.print(f"  the ledger: {office.ledger}", soft_wrap=True)
    console.print('  README.md, "Run it on your PBX": the way to the real thing')
