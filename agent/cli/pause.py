"""`secondring pause`: text nobody for a while. Calls go on being recorded and decided."""

import re
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from agent.cli.configured import config_option, settings_from
from agent.cli.ledger import tell
from agent.cli.printing import local
from agent.cli.who import note_option, signed
from agent.config.durations import read_duration

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


@click.command("pause")
@config_option
@click.option(
    "--until",
    "until",
    metavar="T",
    help='When it ends by itself: "17:30" (the next time the office\'s clock shows it), "2h", or "2026-07-22 08:00".',
)
@note_option
def command(config: Path, until: str | None, note: str) -> None:
    """Text nobody until T, or until `secondring resume`. Calls are still recorded, and listed for call-back."""
    settings = settings_from(config)
    zone, now = settings.business.timezone, time.time()
    ends = None
    if until is not None:
        try:
            ends = read_until(until, zone, now)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="'--until'") from error
    tell(settings, {"do": "pause", "until": ends, "note": f"paused {signed(note)}" if not note else signed(note)})
    lasts = "until `secondring resume`" if ends is None else f"until {local(ends, zone)} ({zone})"
    click.echo(f"Texting is paused {lasts}. Calls are still recorded; see `secondring calls --missed`.")


def read_until(text: str, zone: str, now: float) -> float:
    """Epoch seconds of a time as an admin writes it, on the office's clock. Raises ValueError with a sentence."""
    here = datetime.fromtimestamp(now, ZoneInfo(zone))
    if clock := _CLOCK.fullmatch(text.strip()):
        then = here.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        return (then if then > here else then + timedelta(days=1)).timestamp()
    try:
        return now + _positive(read_duration(text.strip()))
    except ValueError:
        pass
    try:
        then = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f'"{text}" is no time; write "17:30", "2h" or "2026-07-22 08:00"') from None
    then = then if then.tzinfo else then.replace(tzinfo=ZoneInfo(zone))
    if then <= here:
        raise ValueError(f'"{text}" is over already; on the office\'s clock it is {here:%Y-%m-%d %H:%M}')
    return then.timestamp()


def _positive(seconds: float) -> float:
    if seconds <= 0:
        raise ValueError("is no time at all")
    return seconds
