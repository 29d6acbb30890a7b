"""`secondring backup`: a copy of the ledger, also while the agent runs."""

import contextlib
import sys
from pathlib import Path

import click

from agent.cli.configured import config_option, settings_from
from agent.cli.ledger import open_reading
from storage.backup import copy
from storage.ledger import LedgerTrouble


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@config_option
def command(file: Path, config: Path) -> None:
    """Copy the ledger to FILE while the agent runs: consistent, checked, and readable by you alone.

    An older copy of that name is replaced once the new one is whole.
    """
    settings = settings_from(config)
    try:
        with contextlib.closing(open_reading(settings)) as db:
            size = copy(db, settings.storage.path, file)
    except LedgerTrouble as trouble:
        click.echo(str(trouble), err=True)
        sys.exit(1)
    click.echo(f"{file}: {size:,} bytes, checked.")
