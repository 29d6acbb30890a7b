"""`secondring urgent`: urgent callers, who was asked, who took them, and whether the promise was kept."""

import sqlite3
import time
from pathlib import Path

import click

from agent.cli.configured import config_option, settings_from
from agent.cli.ledger import number_of, open_reading, tell
from agent.cli.printing import (
    Row,
    csv_option,
    days_option,
    json_option,
    limit_option,
    local,
    print_csv,
    print_json,
    print_table,
)
from agent.cli.who import note_option, signed
from storage.queries import ladders
from storage.records import Ladder
from storage.vocabulary import LadderState

COLUMNS = (
    "number", "words", "state", "opened_at", "promised_at", "asked", "seen_by", "seen_at", "reached_at", "kept",
)  # fmt: skip


@click.group("urgent", invoke_without_command=True)
@config_option
@days_option
@limit_option
@json_option
@csv_option
@click.pass_context
def command(ctx: click.Context, config: Path, days: float, limit: int, as_json: bool, as_csv: bool) -> None:
    """Urgent callers, newest first: who was asked, who took it, and whether the call came in the promised time."""
    if ctx.invoked_subcommand is not None:
        return
    settings = settings_from(config)
    db = open_reading(settings)
    rows = [_row(db, one) for one in ladders.newest(db, time.time() - days * 86400, limit)]
    if as_json:
        print_json(rows)
    elif as_csv:
        print_csv(rows, COLUMNS)
    else:
        zone = settings.business.timezone
        print_table(
            [{**row, "since": local(row["opened_at"], zone), "promise": _promise(row, zone)} for row in rows],
            {
                "since": "Since", "number": "Caller", "words": "Said", "state": "State", "asked": "Asked",
                "seen_by": "Taken by", "promise": "Promise",
            },
            "No urgent callers in this time.",
        )  # fmt: skip


@command.command("close")
@click.argument("number")
@config_option
@note_option
def close(number: str, config: Path, note: str) -> None:
    """Nobody needs to be asked about this caller any more."""
    settings = settings_from(config)
    e164 = number_of(settings, number)
    answer = tell(settings, {"do": "close_urgent", "number": e164, "note": signed(note)})
    click.echo(f"{e164}: {answer['done']}.")


def _row(db: sqlite3.Connection, one: Ladder) -> Row:
    asked = list(dict.fromkeys(ask.person for ask in ladders.asks_of(db, one.id)))
    kept = one.reached_at <= one.promised_at if one.reached_at is not None else None
    if kept is None and one.state is not LadderState.CLOSED and time.time() > one.promised_at:
        kept = False
    return {
        "number": one.number, "words": one.words, "state": one.state.value, "opened_at": one.opened_at,
        "promised_at": one.promised_at, "asked": ", ".join(asked), "seen_by": one.seen_by, "seen_at": one.seen_at,
        "reached_at": one.reached_at, "kept": kept,
    }  # fmt: skip


def _promise(row: Row, zone: str) -> str:
    by = local(row["promised_at"], zone)[-8:-3]
    match row["kept"]:
        case True:
            return f"kept ({by})"
        case False:
            return f"broken ({by})"
        case _:
            return f"by {by}"
