"""`secondring staff`: the numbers that are ours, configured and learnt from the PBX."""

from pathlib import Path

import click

from agent.cli.configured import config_option, settings_from
from agent.cli.ledger import number_of, open_reading, tell
from agent.cli.printing import Row, csv_option, json_option, local, print_csv, print_json, print_table
from agent.cli.who import note_option, signed
from agent.office import Office
from storage.queries import learnt_numbers

COLUMNS = ("number", "ours", "why", "calls", "first_at", "last_at")


@click.group("staff")
def command() -> None:
    """Numbers of staff: never texted as callers.

    Besides the configured ones these are numbers outside that ring for callers before anybody has answered, as the PBX
    shows: mobiles in a ring group, follow-me targets, where calls are forwarded to.
    """


@command.command("list")
@config_option
@json_option
@csv_option
def list_(config: Path, as_json: bool, as_csv: bool) -> None:
    """All of them, with why each is one, and for how many calls it rang."""
    settings = settings_from(config)
    rows = _configured(Office.of(settings)) + [
        {column: row[column] for column in COLUMNS if column != "why"}
        | {"ours": bool(row["ours"]), "why": row["said"] or "learnt from the PBX"}
        for row in learnt_numbers.every(open_reading(settings))
    ]
    if as_json:
        print_json(rows)
    elif as_csv:
        print_csv(rows, COLUMNS)
    else:
        zone = settings.business.timezone
        print_table(
            [{**row, "last": local(row["last_at"], zone), "staff": "yes" if row["ours"] else "no"} for row in rows],
            {"number": "Number", "staff": "Staff", "why": "Why", "calls": "Rang for", "last": "Last"},
            "No numbers of staff are known.",
        )


@command.command("add")
@click.argument("number")
@config_option
@note_option
def add(number: str, config: Path, note: str) -> None:
    """NUMBER is staff's, and never texted as a caller."""
    _say(config, number, True, note)


@command.command("remove")
@click.argument("number")
@config_option
@note_option
def remove(number: str, config: Path, note: str) -> None:
    """NUMBER isn't staff's, though calls ring there: it is texted like any caller, and not learnt again."""
    _say(config, number, False, note)


def _say(config: Path, number: str, ours: bool, note: str) -> None:
    settings = settings_from(config)
    e164 = number_of(settings, number)
    answer = tell(settings, {"do": "say_ours", "number": e164, "ours": ours, "note": signed(note)})
    click.echo(f"{e164} {answer['done']}.")


def _configured(office: Office) -> list[Row]:
    return [
        {"number": number, "ours": True, "why": "configured", "calls": None, "first_at": None, "last_at": None}
        for number in sorted(office.own_numbers)
    ]
