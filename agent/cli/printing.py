"""How commands print: aligned and coloured on a terminal, plain when piped; JSON and CSV for scripts.

What callers wrote (names, replies) never reaches a terminal raw: a control character in it could move the cursor,
change the title or hide a line.
"""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import click

Row = Mapping[str, object]

days_option = click.option("--days", type=click.FloatRange(0), default=7.0, show_default=True, help="How far back.")
limit_option = click.option("--limit", type=click.IntRange(1), default=200, show_default=True, help="At most so many.")
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
csv_option = click.option("--csv", "as_csv", is_flag=True, help="CSV with a header line, safe in a spreadsheet.")

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def local(at: object, zone: str) -> str:
    """An instant (epoch s) on the office's clock; empty for None."""
    if not isinstance(at, (int, float)):
        return ""
    return datetime.fromtimestamp(at, ZoneInfo(zone)).strftime("%a %d %b %H:%M:%S")


def printable(value: object) -> str:
    """The value on one line, with nothing in it that a terminal obeys. Empty for None."""
    text = "" if value is None else " ".join(str(value).split())
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def print_json(rows: Sequence[Row]) -> None:
    """One object a line."""
    for row in rows:
        line = json.dumps(dict(row), ensure_ascii=False)
        click.echo(line if line.isprintable() else json.dumps(dict(row)))


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

    return escape(printable(value))


def _harmless(value: object) -> object:
    if not isinstance(value, str):
        return "" if value is None else value
    lines = ("".join(letter if letter.isprintable() else "�" for letter in line) for line in value.splitlines())
    text = "\n".join(lines)
    return "'" + text if value.startswith(_FORMULA) and not value[1:].isdigit() else text
