"""`secondring explain`: the whole story of one call, for the office."""

import shutil
import sqlite3
import sys
import textwrap
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from agent.cli.configured import config_option, settings_from
from agent.cli.ledger import open_reading
from agent.cli.printing import json_option, local, print_json, printable
from agent.config.settings import Settings
from agent.hindsight import case_of
from agent.policy.story import Moment, tell
from sms.numbers import read_number
from storage.queries import calls, story


@click.command("explain")
@click.argument("call")
@config_option
@json_option
def command(call: str, config: Path, as_json: bool) -> None:
    """Tell the whole story of CALL: what rang, who answered, which rule decided, what was sent and came back.

    CALL is the number that `secondring calls` shows, the PBX's name of it, or a caller's phone number: then it is his
    last call.
    """
    settings = settings_from(config)
    zone = settings.business.timezone
    db = open_reading(settings)
    row = _find(db, settings, call)
    moments = tell(case_of(db, row), lambda at: local(at, zone))
    if as_json:
        print_json([{"at": moment.at, "words": moment.words} for moment in moments])
        return
    began = datetime.fromtimestamp(row["started_at"], ZoneInfo(zone))
    title = f"Call {row['id']}, {began:%A %d %B %Y} ({zone})"
    click.echo(f"{click.style(title, bold=True)}  {printable(row['pbx_call'])}")
    _print(moments, zone, began)


def _find(db: sqlite3.Connection, settings: Settings, name: str) -> sqlite3.Row:
    row = calls.find(db, name)
    if row is None:
        number = read_number(name, settings.business.country).e164
        last = story.last_call_of(db, number) if number else None
        row = calls.find(db, str(last)) if last is not None else None
    if row is None:
        click.echo(f"No call {printable(name)} is known; `secondring calls` lists them with their numbers.", err=True)
        sys.exit(1)
    return row


def _print(moments: list[Moment], zone: str, began: datetime) -> None:
    """On a terminal the sentences are wrapped beside their times; piped, each stands on one line."""
    times = [_time(moment.at, zone, began) for moment in moments]
    width = max(len(time) for time in times)
    wrap: Callable[[str], list[str]] = lambda words: [words]  # noqa: E731
    if sys.stdout.isatty():
        room = max(30, min(shutil.get_terminal_size().columns, 120) - width - 4)
        wrap = textwrap.TextWrapper(room).wrap
    for moment, time in zip(moments, times, strict=True):
        for count, part in enumerate(wrap(printable(moment.words))):
            beside = (time if count == 0 else "").ljust(width)
            click.echo(f"  {click.style(beside, fg='cyan')}  {part}")


def _time(at: float | None, zone: str, began: datetime) -> str:
    if at is None:
        return ""
    then = datetime.fromtimestamp(at, ZoneInfo(zone))
    return f"{then:%H:%M:%S}.{then.microsecond // 100_000}" if then.date() == began.date() else f"{then:%a %d %b %H:%M}"
