"""`secondring unblock`: lift a block."""

from pathlib import Path

import click

from agent.cli.configured import config_option, settings_from
from agent.cli.ledger import number_of, tell


@click.command("unblock")
@click.argument("number")
@config_option
def command(number: str, config: Path) -> None:
    """Lift the block of NUMBER."""
    settings = settings_from(config)
    e164 = number_of(settings, number)
    answer = tell(settings, {"do": "unblock", "number": e164})
    click.echo(f"{e164}: {answer['done']}.")
