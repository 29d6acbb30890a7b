"""`secondring texts`: what was sent, to whom, and what became of it; newest first."""

import sqlite3
import time
from pathlib import Path

import click

from agent.cli.configured import config_option, settings_from
from agent.cli.ledger import open_reading
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
from storage.queries import texts
from storage.vocabulary import TextState

COLUMNS = (
    "id",
    "call",
    "call_id",
    "line",
    "kind",
    "number",
    "body",
    "segments",
    "state",
    "created_at",
    "due_at",
    "sending_at",
    "sid",
    "fault",
    "code",
    "detail",
    "price",
)


@click.command("texts")
@config_option
@days_option
@limit_option
@click.option(
    "--state",
    "states",
    type=click.Choice([state.value for state in TextState]),
    multiple=True,
    help="Only texts in this state; may be given several times.",
)
@json_option
@csv_option
def command(config: Path, days: float, limit: int, states: tuple[str, ...], as_json: bool, as_csv: bool) -> None:
    """Texts, newest first: to whom, what they say, and what became of them."""
    settings = settings_from(config)
    found = texts.newest(open_reading(settings), time.time() - days * 86400, -1 if states else limit)
    rows = [_row(row) for row in found if not states or row["state"] in states][:limit]
    if as_json:
        print_json(rows)
    elif as_csv:
        print_csv(rows, COLUMNS)
    else:
        zone = settings.business.timezone
        print_table(
            [{**row, "when": local(row["created_at"], zone), "stands": _stands(row, zone)} for row in rows],
            {
                "id": "No.",
                "when": "When",
                "call_id": "Call",
                "kind": "Kind",
                "number": "To",
                "stands": "State",
                "body": "Text",
            },
            "No texts in this time.",
        )


def _stands(row: Row, zone: str) -> str:
    """The state, and what one would ask next: why it failed, until when it waits."""
    match row["state"]:
        case TextState.FAILED | TextState.EXPIRED:
            code = f"code {row['code']}" if row["code"] else ""
            fault = str(row["fault"] or "").replace("_", " ")
            why = ", ".join(part for part in (fault, code) if part)
            return f"{row['state']} ({why})" if why else str(row["state"])
        case TextState.DEFERRED:
            return f"{row['state']} until {local(row['due_at'], zone)}"
        case state:
            return str(state)


def _row(row: sqlite3.Row) -> Row:
    return {column: row["pbx_call" if column == "call" else column] for column in COLUMNS}
