"""`secondring block`: never text a number by itself."""

from pathlib import Path

import click

from agent.cli.configured import config_option, settings_from
from agent.cli.ledger import number_of, open_reading, tell
from agent.cli.printing import json_option, local, print_json, print_table
from agent.cli.who import note_option, signed
from storage.queries import callers


@click.command("block")
@click.argument("number", required=False)
@config_option
@note_option
@click.option("--list", "listing", is_flag=True, help="Show the blocked numbers instead.")
@json_option
def command(number: str | None, config: Path, note: str, listing: bool, as_json: bool) -> None:
    """Never text NUMBER again: a colleague's, a supplier's, somebody who must be left alone."""
    if listing is (number is not None):
        raise click.UsageError("Give either a NUMBER or --list.")
    settings = settings_from(config)
    if number is not None:
        e164 = number_of(settings, number)
        answer = tell(settings, {"do": "block", "number": e164, "note": signed(note)})
        click.echo(f"{e164}: {answer['done']}.")
        return
    rows = [dict(row) for row in callers.blocks(open_reading(settings))]
    if as_json:
        print_json(rows)
        return
    zone = settings.business.timezone
    print_table(
        [{**row, "since": local(row["at"], zone)} for row in rows],
        {"number": "Number", "since": "Since", "note": "Note"},
        "No number is blocked.",
    )
