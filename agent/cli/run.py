"""`secondring run`: the agent, in the foreground. systemd runs this."""

import asyncio
import faulthandler
import logging
import os
import sys
from pathlib import Path

import click

from agent.cli.configured import config_option, settings_from
from agent.config.load import load
from agent.service import Service
from storage.ledger import LedgerTrouble

_PRIORITY = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


class _Journal(logging.Formatter):
    """One line with the priority that journald reads off its front (sd-daemon(3))."""

    def format(self, record: logging.LogRecord) -> str:
        prefix = f"<{_PRIORITY.get(record.levelno, 6)}>"
        return "\n".join(prefix + line for line in super().format(record).splitlines())


SWITCH = 0.0005
"""Seconds for which a thread that reads records may keep the interpreter from the live loop. A decision changes threads
four times, and the usual 5 ms would count each time."""


@click.command("run")
@config_option
@click.option("--verbose", is_flag=True, help="Log more, for finding faults.")
def command(config: Path, verbose: bool) -> None:
    """Watch the PBX and text missed callers, until stopped."""
    settings = settings_from(config, need_secrets=True)
    _log(verbose)
    sys.setswitchinterval(SWITCH)
    faulthandler.enable()  # a hang that the watchdog ends then names its line in the journal
    try:
        asyncio.run(Service(settings, lambda: load(config, os.environ)).run())
    except LedgerTrouble as trouble:
        click.echo(str(trouble), err=True)
        sys.exit(1)


def _log(verbose: bool) -> None:
    under_systemd = "JOURNAL_STREAM" in os.environ
    handler = logging.StreamHandler(sys.stderr)
    if under_systemd:
        handler.setFormatter(_Journal("%(name)s %(message)s"))
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s %(message)s"))
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=[handler])
    logging.getLogger("aiosqlite").setLevel(logging.WARNING)
    logging.getLogger("asyncio").setLevel(logging.WARNING)
