"""`secondring optout`: who must not be texted by the caller's own wish, with the evidence."""

import sqlite3
from pathlib import Path

import click

from agent.cli.configured import config_option, settings_from
from agent.cli.ledger import number_of, open_reading, tell
from agent.cli.printing import Row, csv_option, json_option, local, print_csv, print_json, print_table
from agent.cli.who import note_option, signed
from storage.queries import callers

DOUBTS = ("number", "at", "words")
COLUMNS = ("number", "at", "source", "words", "lifted_at", "lifted_by", "lifted_words")


@click.group("optout")
def command() -> None:
    """Opt-outs: list them with their evidence, add one, or lift one.

    An opt-out holds for the whole business, however it came: by STOP, in the caller's own words, from the provider, or
    entered here.
    """


@command.command("list")
@config_option
@click.option("--all", "also_lifted", is_flag=True, help="Also those that were lifted.")
@json_option
@csv_option
def list_(config: Path, also_lifted: bool, as_json: bool, as_csv: bool) -> None:
    """The opt-outs in force, newest first: since when, how it came, and the words."""
    settings = settings_from(config)
    found = callers.opt_outs(open_reading(settings))
    rows = [_row(row) for row in found if also_lifted or row["lifted_at"] is None]
    if as_json:
        print_json(rows)
    elif as_csv:
        print_csv(rows, COLUMNS)
    else:
        zone = settings.business.timezone
        columns = {"number": "Number", "since": "Since", "source": "Came by", "words": "Words"}
        if also_lifted:
            columns |= {"until": "Lifted", "lifted_by": "By", "lifted_words": "Why"}
        print_table(
            [{**row, "since": local(row["at"], zone), "until": local(row["lifted_at"], zone)} for row in rows],
            columns,
            "Nobody has opted out.",
        )


@command.command("doubts")
@config_option
@json_option
@csv_option
def doubts(config: Path, as_json: bool, as_csv: bool) -> None:
    """Who wrote what may be an opt-out, oldest first. No automatic text goes there until somebody has looked.

    It was one: `secondring optout add NUMBER`. It wasn't: `secondring optout remove NUMBER`.
    """
    settings = settings_from(config)
    rows = [{column: row[column] for column in DOUBTS} for row in callers.doubts(open_reading(settings))]
    if as_json:
        print_json(rows)
    elif as_csv:
        print_csv(rows, DOUBTS)
    else:
        zone = settings.business.timezone
        told = [{**row, "since": local(row["at"], zone)} for row in rows]
        print_table(told, {"number": "Number", "since": "Since", "words": "Words"}, "Nothing is in doubt.")


@command.command("add")
@click.argument("number")
@config_option
@note_option
def add(number: str, config: Path, note: str) -> None:
    """Opt NUMBER out, as a caller asked for by phone or mail. What waits for it is cancelled."""
    settings = settings_from(config)
    e164 = number_of(settings, number)
    answer = tell(settings, {"do": "opt_out", "number": e164, "note": signed(note)})
    click.echo(f"{e164}: {answer['done']}.")


@command.command("remove")
@click.argument("number")
@config_option
@note_option
def remove(number: str, config: Path, note: str) -> None:
    """Lift the opt-out of NUMBER, because the caller wishes it; or settle that what was in doubt was none.

    An opt-out stays listed as evidence.
    """
    settings = settings_from(config)
    e164 = number_of(settings, number)
    answer = tell(settings, {"do": "opt_in", "number": e164, "note": signed(note)})
    click.echo(f"{e164}: {answer['done']}.")


def _row(row: sqlite3.Row) -> Row:
    return {column: row[column] for column in COLUMNS}
