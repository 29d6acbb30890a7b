"""`secondring test-text`: a text to a number of the admin's own, through the running agent, and what became of it."""

import contextlib
import sqlite3
import sys
import time
from pathlib import Path

import click

from agent.cli.configured import config_option, settings_from
from agent.cli.ledger import number_of, open_reading, tell_running
from agent.cli.printing import printable
from agent.config.sections import Provider
from agent.config.settings import Settings
from storage.queries import texts
from storage.vocabulary import TextState

LOOK_EVERY = 0.25  # seconds between two looks at the ledger

_SAYS = {
    TextState.QUEUED: "Queued.",
    TextState.SENDING: "Being handed to the provider.",
    TextState.ACCEPTED: "The provider has taken it.",
    TextState.SENT: "The carrier has it.",
    TextState.DELIVERED: "The handset has it.",
    TextState.CANCELLED: "Cancelled.",
    TextState.EXPIRED: "Expired: it could not be delivered in time.",
    TextState.FAILED: "Failed.",
    TextState.UNKNOWN: "The provider gave no readable answer; it is being asked whether it has the text.",
}
_OVER = {TextState.DELIVERED, TextState.CANCELLED, TextState.EXPIRED, TextState.FAILED}
_GOOD = {TextState.ACCEPTED, TextState.SENT, TextState.DELIVERED}


@click.command("test-text")
@click.argument("number")
@config_option
@click.option(
    "--wait", type=click.FloatRange(0), default=60.0, show_default=True, help="Seconds to wait for the handset."
)
def command(number: str, config: Path, wait: float) -> None:
    """Send the first line's text to NUMBER, a phone of your own, and show what becomes of it.

    It goes the way of every text: the running agent's outbox, the provider, the carrier. A number that opted out isn't
    texted.
    """
    settings = settings_from(config)
    e164 = number_of(settings, number)
    answer = tell_running(settings, {"do": "test_text", "number": e164})
    click.echo(f"To {e164}: {printable(answer['body'])}")
    if answer["done"] == "shadow":
        click.echo("Shadow mode is on ([sms] shadow): it is kept as `would have been sent`, and doesn't leave.")
        return
    text_id = int(str(answer["text"]))
    with contextlib.closing(open_reading(settings)) as db:
        state = _watch(db, text_id, time.monotonic() + wait, _last(settings))
    if state not in _OVER and state is not _last(settings):
        click.echo(f"Not settled after {wait:g} s; `secondring texts` shows it as no. {text_id}.")
    sys.exit(0 if state in _GOOD else 1)


def _last(settings: Settings) -> TextState:
    """The last state to wait for: what the console printed nobody can be asked about."""
    return TextState.ACCEPTED if settings.sms.provider is Provider.CONSOLE else TextState.DELIVERED


def _watch(db: sqlite3.Connection, text_id: int, until: float, last: TextState) -> TextState:
    """Print each step as it is made. Returns the state it came to."""
    told = 0
    while True:
        moves = texts.moves(db, text_id)
        for move in moves[told:]:
            state = TextState(move["after"])
            note = f" {_capital(printable(move['note']))}." if move["note"] else ""
            click.echo(f"{_SAYS.get(state, state.value)}{note}")
        told = len(moves)
        state = TextState(moves[-1]["after"])
        if state in _OVER or state is last or time.monotonic() >= until:
            return state
        time.sleep(LOOK_EVERY)


def _capital(words: str) -> str:
    return (words[:1].upper() + words[1:]).rstrip(".")
