"""`secondring config`: what may stand in the configuration, for people and for editors."""

import json
from importlib.resources import files

import click

from agent.config.document import json_schema


@click.group("config")
def command() -> None:
    """The configuration: its schema, and an example to start from."""


@command.command("schema")
def schema() -> None:
    """Prints the whole configuration as JSON Schema."""
    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@command.command("example")
def example() -> None:
    """Prints an example with every setting and its default, to be edited."""
    click.echo((files("agent.config") / "example.toml").read_text(encoding="utf-8"), nl=False)
