"""How commands print: aligned and coloured on a terminal, plain when piped; JSON and CSV for scripts."""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import click

Row = Mapping[str, object]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def local(at: object, zone: str) -> str:
    """An instant (epoch s) on the office's clock; empty for None."""
    if not isinstance(at, (int, float)):
        return ""
    return datetime.fromtimestamp(at, ZoneInfo(zone)).strftime("%a %d %b %H:%M:%S")


def print_json(rows: Sequence[Row]) -> None:
    """One object a line."""
    for row in rows:
        click.echo(json.dumps(dict(row), ensure_ascii=False))


def print_csv(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """With a header line. What a spreadsheet would take for a formula gets an apostrophe before it."""
    writer = csv.writer(sys.stdout)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_harmless(row.get(column)) for column in columns])


def print_table(rows: Sequence[Row], columns: Mapping[str, str], empty: str) -> None:
    """`columns`: key → heading. `empty` is said where there is nothing."""
    if not rows:
        click.echo(empty)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in columns.values():
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(_shown(row.get(key)) for key in columns))
    Console(highlight=False, width=None if sys.stdout.isatty() else 220).print(table)


def _shown(value: object) -> str:
    from rich.markup import escape

    text = "" if value is None else str(value)
    return escape("".join(letter if letter.isprintable() else "�" for letter in text))


def _harmless(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA) and not value[1:].isdigit():
        return "'" + value
    return "" if value is None else value
