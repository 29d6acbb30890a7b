"""`secondring resume`: text again."""

from pathlib import Path

import click

from agent.cli.configured import config_option, settings_from
from agent.cli.ledger import tell
from storage.queries import conditions

_LIFTED = {
    conditions.PAUSED: "The pause is lifted.",
    conditions.SENDING_STOPPED: "Sending, which the provider had refused, is tried again.",
}


@click.command("resume")
@config_option
def command(config: Path) -> None:
    """Text again: lifts a pause, and tries a provider again that refused the account or sender."""
    lifted = tell(settings_from(config), {"do": "resume"}).get("lifted")
    words = [_LIFTED[code] for code in lifted if code in _LIFTED] if isinstance(lifted, list) else []
    click.echo(" ".join(words) or "Texting was not paused.")
