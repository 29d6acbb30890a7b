"""Who gave a command: kept as evidence with what it changed."""

import getpass
import os

import click

note_option = click.option("--note", default="", help="Why, in words; kept with it.")


by_option = click.option("--by", default="", help="Who does it; without it the user of this machine.")


def who(named: str = "") -> str:
    """The name of the person behind a command, also of one who became root with sudo."""
    return named or os.environ.get("SUDO_USER") or _user()


def signed(note: str) -> str:
    """The note with the name of the person behind it."""
    return f"{note} (by {who()})" if note else f"by {who()}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name: Python below 3.13 raises KeyError
        return f"user {os.getuid()}"
