"""`secondring calls`: what happened, newest first."""

import sqlite3
import time
from pathlib import Path

import click

from agent.cli.configured import config_option, settings_from
from agent.cli.ledger import open_reading
from agent.cli.printing import Row, local, print_csv, print_json, print_table
from storage.queries import calls

COLUMNS = (
    "call",
    "id",
    "direction",
    "caller",
    "caller_name",
    "line",
    "reason",
    "decision",
    "rule",
    "started_at",
    "known_at",
    "ended_at",
    "answered_at",
    "answered_by",
    "text",
    "text_state",
)


@click.command("calls")
@config_option
@click.option("--days", type=float, default=7.0, show_default=True, help="How far back.")
@click.option("--limit", type=int, default=200, show_default=True, help="At most so many.")
@click.option("--missed", is_flag=True, help="Only callers to call back: missed, and nobody has talked to them since.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV with a header line, safe in a spreadsheet.")
def command(config: Path, days: float, limit: int, missed: bool, as_json: bool, as_csv: bool) -> None:
    """Calls, newest first: who rang, what happened, what was decided and why."""
    settings = settings_from(config)
    db = open_reading(settings)
    since = time.time() - days * 86400
    found = calls.to_call_back(db, since, limit) if missed else calls.newest(db, since, limit)
    rows = [_row(row) for row in found]
    if as_json:
        print_json(rows)
    elif as_csv:
        print_csv(rows, COLUMNS)
    else:
        zone = settings.business.timezone
        print_table(
            [{**row, "when": local(row["started_at"], zone), "what": row["reason"] or _answered(row)} for row in rows],
            {
                "id": "No.",
                "when": "When",
                "direction": "Direction",
                "caller": "Caller",
                "line": "Line",
                "what": "What happened",
                "decision": "Decision",
                "rule": "Rule",
                "text_state": "Text",
            },
            "No calls in this time.",
        )


def _answered(row: Row) -> str:
    if row["answered_at"]:
        return f"answered by {row['answered_by'] or 'somebody'}"
    return "not answered" if row["ended_at"] else "in progress"


def _row(row: sqlite3.Row) -> Row:
    names = {"call": "pbx_call", "text": "text_body"}
    return {column: row[names.get(column, column)] for column in COLUMNS}
