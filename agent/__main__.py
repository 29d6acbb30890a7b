"""The command `secondring`. Each subcommand is a module of agent/cli, imported only when it is called."""

import importlib
import sys

import click

COMMANDS = {
    "run": "run",
    "demo": "demo",
    "check": "check",
    "doctor": "doctor",
    "replay": "replay",
    "record": "record",
    "calls": "calls",
    "texts": "texts",
    "replies": "replies",
    "threads": "threads",
    "urgent": "urgent",
    "classify": "classify",
    "explain": "explain",
    "optout": "optout",
    "pause": "pause",
    "resume": "resume",
    "block": "block",
    "unblock": "unblock",
    "staff": "staff",
    "test-text": "test_text",
    "backup": "backup",
    "config": "config",
}
"""Subcommand → module in agent/cli; the order is that of the help."""


class Commands(click.Group):
    """Finds a subcommand's module when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        found: click.Command = importlib.import_module(f"agent.cli.{module}").command
        return found


@click.group(cls=Commands)
@click.version_option(package_name="secondring", prog_name="secondring")
def cli() -> None:
    """Second Ring turns the calls an office misses into booked jobs.

    Exit codes: 0 done, 1 it failed and said why, 2 wrong usage, 3 the configuration is bad.
    """


def main() -> None:
    """Entry point of the command."""
    try:
        cli.main()
    except BrokenPipeError:
        sys.exit(1)


if __name__ == "__main__":
    main()
