"""How every command comes by its configuration: `--config`, else the one in /etc. A bad one ends with exit code 3."""

import os
import sys
from pathlib import Path

import click

from agent.config.load import DEFAULT_PATH, default_settings, load
from agent.config.mistakes import ConfigError
from agent.config.settings import Settings

BAD_CONFIGURATION = 3

config_option = click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path),
    default=DEFAULT_PATH,
    show_default=True,
    help="The configuration file.",
)


def settings_from(path: Path, *, need_secrets: bool = False) -> Settings:
    """The checked configuration. Warnings and mistakes go to stderr; a bad configuration ends the program."""
    try:
        return load(path, os.environ, need_secrets=need_secrets, warn=lambda sentence: click.echo(sentence, err=True))
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(BAD_CONFIGURATION)


def optional_settings(path: Path | None) -> Settings:
    """The configuration at `path`, or the defaults with one line `*` where none was given."""
    return default_settings() if path is None else settings_from(path)
