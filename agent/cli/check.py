"""`secondring check`: reads the configuration and shows what each line would do, without touching PBX or provider."""

import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from agent.cli.configured import config_option, settings_from
from agent.config.durations import spell_duration
from agent.config.sections import Line, Provider
from agent.config.settings import Settings
from agent.hours import is_open, next_opening
from agent.office import IF_URGENT
from sms.body import Values, parse, render
from sms.lint import lint
from sms.segments import measure
from storage.vocabulary import Reason

WIDTH = 100
"""Columns after which a long text goes on in the next row."""

SAMPLE_FIRST_NAME, SAMPLE_NAME = "Dana", "Dana Smith"

Row = tuple[str, str]
"""A label and what stands beside it; an empty label goes on below the one before."""


@click.command("check")
@config_option
def command(config: Path) -> None:
    """Reads the configuration and shows each line, its texts as they would be sent, and their segments."""
    settings = settings_from(config)
    click.echo(f"{click.style('Good', fg='green')}: {config} can be used.")
    now = datetime.now(UTC)
    _show(settings.business.name, list(about_business(settings)))
    for line in settings.line:
        _show(line.name, list(about_line(settings, line, now)))


def about_business(settings: Settings) -> Iterator[Row]:
    """What holds for every line."""
    pbx, sms, limits = settings.pbx, settings.sms, settings.limits
    yield "in", f"{settings.business.country}, {settings.business.timezone}"
    yield "PBX", f"{pbx.kind} at {pbx.host}:{pbx.port}, calls from outside in {', '.join(pbx.inbound_contexts)}"
    sender = sms.from_ or sms.messaging_service or sms.messaging_profile or "a sender to be set"
    yield "texts", f"by {sms.provider} from {sender}" + (", shadow: none leaves this machine" if sms.shadow else "")
    if wanting := _needed_to_run(settings):
        yield "needed", f"{', '.join(wanting)}: until then `secondring run` refuses to start"
    yield (
        "limits",
        f"one text a number in {spell_duration(limits.cooldown)}, {limits.per_hour} an hour, {limits.per_day} a day",
    )
    if limits.quiet_hours:
        then = {"list": "listed for call-back", "defer": "texted when they end"}[limits.quiet_hours_then]
        yield "quiet", f"{limits.quiet_hours} where the caller is: {then}"
    yield "ledger", str(settings.storage.path)


def about_line(settings: Settings, line: Line, now: datetime) -> Iterator[Row]:
    """What one line would do. `now` is the time at which "open" is told, any aware time."""
    yield "number", "every other" if line.number == "*" else line.number
    if not line.enabled:
        yield "off", "nobody who calls here is texted"
    yield "missed", _missed(settings, line)
    yield "texted for", _reasons(line)
    yield "in", ", ".join(sorted(settings.countries_for(line)))
    yield "open", _open(settings, line, now)
    yield from _message(settings, line, "text", line.message)
    if line.closed_message is not None:
        yield from _message(settings, line, "when closed", line.closed_message)


def _needed_to_run(settings: Settings) -> list[str]:
    """Keys that `run` needs beside secrets, which come from elsewhere too."""
    sms = settings.sms
    match sms.provider:
        case Provider.TWILIO:
            sender = [] if sms.from_ or sms.messaging_service else ["sms.from or sms.messaging_service"]
            return sender + ([] if sms.account_sid else ["sms.account_sid"])
        case Provider.TELNYX:
            return [] if sms.from_ or sms.messaging_profile else ["sms.from or sms.messaging_profile"]
        case Provider.CONSOLE:
            return []


def _missed(settings: Settings, line: Line) -> str:
    if line.forwarded:
        return "on arrival: calls are forwarded here when nobody took them"
    rings = f"after {line.rings} ring{'s' if line.rings > 1 else ''}, {settings.ring_limit(line):g} s"
    queue = f"; in a queue after {spell_duration(line.queue_wait)}" if line.queue_wait is not None else ""
    short = f"; not texted when hung up within {spell_duration(line.min_ring)}" if line.min_ring else ""
    return rings + queue + short


def _reasons(line: Line) -> str:
    if not line.text_on:
        return "nothing: text_on is empty"
    left_out = [reason.value for reason in Reason if reason not in line.text_on]
    if len(left_out) <= 4:
        return "every reason" + (f" but {', '.join(left_out)}" if left_out else "")
    return ", ".join(line.text_on)


def _open(settings: Settings, line: Line, now: datetime) -> str:
    hours, written = settings.hours_of(line), line.hours or settings.hours
    if hours is None or written is None:
        return "always"
    days = "; ".join(f"{day} {ranges}" for day, ranges in written.days.items())
    holidays = f"; not on holidays of {written.holidays}" if written.holidays else ""
    if is_open(hours, now):
        return f"{days}{holidays} (open now)"
    opening = next_opening(hours, now)
    when = f"opens {opening.astimezone(ZoneInfo(hours.zone)):%a %d %b %H:%M}" if opening else "never opens"
    return f"{days}{holidays} (closed now, {when})"


def _message(settings: Settings, line: Line, label: str, source: str) -> Iterator[Row]:
    """The text for a caller with a name and, if it differs, for one without; what each costs, and what to mind."""
    template = parse(source)
    sample = _values(settings, line, SAMPLE_FIRST_NAME, SAMPLE_NAME)
    named = render(template, sample)
    nameless = render(template, _values(settings, line, None, None))
    yield label, named
    yield "", _cost(named)
    if nameless != named:
        yield "no name", nameless
        yield "", _cost(nameless)
    for finding in lint(source, sample):
        yield "mind", finding.sentence


def _values(settings: Settings, line: Line, first_name: str | None, caller_name: str | None) -> Values:
    return Values(
        business=settings.business.name,
        line=line.name,
        first_name=first_name,
        caller_name=caller_name,
        callback_in=line.callback_in or settings.business.callback_in,
        booking_url=line.booking_url or settings.business.booking_url,
        if_urgent=IF_URGENT if any(person.urgent for person in settings.staff) else None,
    )


def _cost(text: str) -> str:
    found = measure(text)
    billed = "1 segment, billed as one text" if found.segments == 1 else f"{found.segments} segments, billed as so many"
    return f"({billed}; {found.encoding}, {found.units} of {found.segments * found.capacity} characters)"


def _show(title: str, rows: list[Row]) -> None:
    click.echo(f"\n{click.style(title, bold=True)}")
    width = max(len(label) for label, _ in rows) + 2
    for label, text in rows:
        parts = [part for written in text.split("\n") for part in textwrap.wrap(written, WIDTH - width) or [""]]
        for count, part in enumerate(parts):
            head = f"{label if count == 0 else '':{width}}"
            click.echo(f"  {click.style(head, fg='yellow' if label == 'mind' else 'cyan')}{part}")
