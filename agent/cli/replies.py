"""`secondring replies`: what callers wrote back, newest first."""

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
from storage.queries import callers
from storage.vocabulary import Intent, ReplyMeaning

COLUMNS = ("sid", "number", "to_number", "body", "media", "meaning", "intent", "received_at")

_MEANT = {ReplyMeaning.OPT_OUT: "opts out", ReplyMeaning.OPT_IN: "opts in again"}
_ABOUT = {
    Intent.HELP: "asks for help", Intent.AUTO_REPLY: "a machine's answer", Intent.URGENT: "URGENT",
    Intent.CALLBACK_TIME: "says when to call", Intent.QUESTION: "asks", Intent.THANKS: "thanks",
    Intent.WRONG_NUMBER: "wrong number",
}  # fmt: skip


@click.command("replies")
@config_option
@days_option
@limit_option
@json_option
@csv_option
def command(config: Path, days: float, limit: int, as_json: bool, as_csv: bool) -> None:
    """Replies, newest first: who wrote what, and whether it was an opt-out."""
    settings = settings_from(config)
    found = callers.replies(open_reading(settings), time.time() - days * 86400, limit)
    rows = [_row(row) for row in found]
    if as_json:
        print_json(rows)
    elif as_csv:
        print_csv(rows, COLUMNS)
    else:
        zone = settings.business.timezone
        print_table(
            [{**row, "when": local(row["received_at"], zone), **_for_people(row)} for row in rows],
            {"when": "When", "number": "From", "meant": "Meaning", "said": "Reply"},
            "No replies in this time.",
        )


def _for_people(row: Row) -> Row:
    attached = f"[{row['media']} attached]" if row["media"] else ""
    about = _ABOUT.get(Intent(str(row["intent"])), "") if row["intent"] else ""
    meant = _MEANT.get(ReplyMeaning(str(row["meaning"])), about)
    return {"meant": meant, "said": f"{row['body']} {attached}".strip()}


def _row(row: sqlite3.Row) -> Row:
    return {column: row[column] for column in COLUMNS}
