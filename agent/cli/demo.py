"""`secondring demo`: a day at a small office, live on this machine, without a PBX and without sending anything."""

import asyncio
import contextlib
import io
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Coroutine, Iterator
from pathlib import Path

import click
from rich.console import Console

from agent.demo.day import SPEED, Day, calls_at
from agent.demo.judge import joined_in
from agent.demo.ledger import LedgerReader
from agent.demo.office import CONSOLE, AgentTrouble, Office, twilio_at
from agent.demo.page import ACCOUNT, TOKEN, Page, PageTrouble
from agent.demo.player import FreeswitchPlayer, Player
from agent.demo.script import STAFF, Script
from agent.demo.view import WIDEST, View, shown
from agent.demo.watch import End, Watch, enter_on

NAMES = {"asterisk": ("AMI", "Asterisk"), "freeswitch": ("the event socket", "FreeSWITCH")}
"""The protocol and the name of each kind of PBX."""


class _Screen(Console):
    """Whose reader may go away, as with `| head`: any task may print then, but the demo ends in order."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        signal.raise_signal(signal.SIGTERM)


@click.command("demo")
@click.option("--pbx", type=click.Choice(tuple(NAMES)), default="asterisk", show_default=True, help="Whose calls.")
@click.option(
    "--sms-url", metavar="URL", help="Of a double of Twilio with a page to play callers on, as `make demo` has it."
)
def command(pbx: str, sms_url: str | None) -> None:
    """A day at a small office, live: who calls, is answered or missed, is texted, and writes back what.

    It takes a minute, needs no PBX, and sends nothing.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # the day has “quotes”, and not every terminal has them
    console = _Screen(highlight=False)
    if not console.is_terminal:
        console.width = WIDEST
    office = Office(Path(tempfile.mkdtemp(prefix="secondring-demo-")))
    try:
        with contextlib.closing(LedgerReader(office.ledger)) as ledger:
            wrong = asyncio.run(_show(console, office, ledger, pbx, sms_url))
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print(f"\nStopped. What it had by then is in {office.folder}", soft_wrap=True)
    except (AgentTrouble, PageTrouble, OSError) as problem:
        raise click.ClickException(str(problem)) from problem
    else:
        if wrong:
            raise click.ClickException("The day did not end as it truly was:\n  " + "\n  ".join(wrong))
    finally:
        office.tidy()


async def _show(console: Console, office: Office, ledger: LedgerReader, pbx: str, sms_url: str | None) -> list[str]:
    """The whole day, and the evening where people may play on. What is wrong about how the day ended."""
    _stop_in_order()
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
        office.furnish(pbx, player.port, secret, twilio_at(sms_url, ACCOUNT, TOKEN) if sms_url else CONSOLE)
        agent = await stack.enter_async_context(office.agent())
        ended = asyncio.create_task(agent.wait())
        stack.callback(ended.cancel)
        watch = Watch(console, office, ledger, view, player, ended, on_page=sms_url is not None)
        end = await watch.day()
        _sum_up(console, office, view, end)
        if sms_url is not None and not end.wrong and os.isatty(0) and os.isatty(1):
            _invite(console, sms_url)
            await watch.evening(enter_on(sys.stdin))
    return end.wrong


def _stop_in_order() -> None:
    """A signal to end, as from a closed terminal, is like Ctrl-C."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)


@contextlib.contextmanager
def _running(work: Coroutine[None, None, None]) -> Iterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()


def _introduce(console: Console, pbx: str, sms_url: str | None) -> None:
    protocol, name = NAMES[pbx]
    console.print(
        f"A day at Acme Plumbing, {SPEED:g} times as fast. A player speaks {protocol} with recorded calls of a real "
        f"{name}; the agent is the real one.\nCallers and staff write back by a script. No text leaves this machine."
    )
    if sms_url is not None:
        console.print(f"\nTo play a caller yourself, open {sms_url} in a browser.", style="bold")
    console.print()


def _sum_up(console: Console, office: Office, view: View, end: End) -> None:
    console.print()
    console.print(view.summary(end.rows, end.written))
    if others := joined_in(end.written):
        console.print(f"\nYou joined in as {', '.join(map(shown, sorted(others)))}.")
    program = Path(sys.executable).with_name("secondring")
    if program.is_relative_to(Path.cwd()):
        program = program.relative_to(Path.cwd())
    looks = ["threads --waiting", "calls", "replies", "urgent"]
    if (number := view.worth_explaining(end.rows, end.written)) is not None:
        looks.insert(0, f"explain {number}")
    console.print("\nWhere to look next:")
    for look in looks:
        console.print(f"  {program} {look} --config {office.config}", soft_wrap=True)
    console.print(f"  the ledger: {office.ledger}", soft_wrap=True)
    console.print('  README.md, "Run it on your PBX": the way to the real thing')


def _invite(console: Console, sms_url: str) -> None:
    staff = " and ".join(f"{name} ({shown(number)})" for number, name in STAFF.items())
    console.print(
        f"\nThe agent stays up. Open {sms_url} and write as any caller: URGENT, STOP, a time to call. {staff} "
        "have phones there, too. Enter ends it.\n",
        style="bold",
    )
