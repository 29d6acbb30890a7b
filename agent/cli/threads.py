"""`secondring threads`: callers as people deal with them, and the call-back list."""

import time
from dataclasses import asdict
from pathlib import Path

import click

from agent.cli.configured import config_option, settings_from
from agent.cli.ledger import number_of, open_reading, tell
from agent.cli.printing import (
    Row,
    csv_option,
    days_option,
    json_option,
    limit_option,
    local,
    print_csv,
    print_json,
    print_table,
)
from agent.cli.who import by_option, who
from agent.conversations.threads import Thread, threads_of
from agent.office import Office
from storage.queries import threads
from storage.vocabulary import ThreadOutcome, ThreadState

COLUMNS = tuple(Thread.__dataclass_fields__)


@click.group("threads", invoke_without_command=True)
@click.option("--waiting", is_flag=True, help="The call-back list: only callers who still wait.")
@config_option
@days_option
@limit_option
@json_option
@csv_option
@click.pass_context
def command(
    ctx: click.Context, waiting: bool, config: Path, days: float, limit: int, as_json: bool, as_csv: bool
) -> None:
    """Callers who were missed or wrote, one row each, newest first: how often, what they said, who has it.

    A caller leaves the call-back list (`--waiting`) by himself when somebody calls back and he answers, or when he
    gets through.
    """
    if ctx.invoked_subcommand is not None:
        return
    settings = settings_from(config)
    now, office = time.time(), Office.of(settings)
    listed = threads.listed(open_reading(settings), now - days * 86400)
    found = threads_of(listed, office.zone, office.own_numbers)
    shown = [one for one in found if one.waits or not waiting][:limit]
    rows: list[Row] = [asdict(one) for one in shown]
    if as_json:
        print_json(rows)
    elif as_csv:
        print_csv(rows, COLUMNS)
    else:
        print_table(
            [_for_people(one, office.zone, now) for one in shown],
            {
                "number": "Caller", "name": "Name", "calls": "Calls", "said": "Said", "call": "Call", "state": "State",
                "why": "Why",
            },
            "Nobody waits." if waiting else "No callers in this time.",
        )  # fmt: skip


def _for_people(one: Thread, zone: str, now: float) -> Row:
    calls = f"called {one.missed}×, last {_ago(now - one.last_missed_at)}" if one.last_missed_at and one.missed else ""
    said = f"{local(one.last_reply_at, zone)}: {one.last_reply}" if one.last_reply_at else ""
    state = one.state.value + (f" ({one.by})" if one.by else "") + (f", {one.outcome}" if one.outcome else "")
    if one.waits and one.state is ThreadState.OPEN:
        state = "URGENT" if one.intent == "urgent" else "waits"
    elif one.state is ThreadState.OPEN:
        state = "reached" if one.reached_at else "answered"
    call = f"{local(one.call_from, zone)[:-3]}–{local(one.call_until, zone)[-8:-3]}" if one.call_from else ""
    why = f"not texted: {one.rule}" if one.rule else one.reason
    return {**asdict(one), "calls": calls, "said": said, "call": call, "state": state, "why": why}


def _ago(seconds: float) -> str:
    if seconds < 3600:
        return f"{seconds / 60:.0f} min ago"
    return f"{seconds / 3600:.0f} h ago" if seconds < 48 * 3600 else f"{seconds / 86400:.0f} days ago"


def _move(config: Path, number: str, state: ThreadState, by: str, **more: object) -> None:
    settings = settings_from(config)
    e164 = number_of(settings, number)
    answer = tell(settings, {"do": "thread", "number": e164, "state": state.value, "by": who(by), **more})
    click.echo(f"{e164}: {answer['done']}.")


@command.command("claim")
@click.argument("number")
@config_option
@by_option
def claim(number: str, config: Path, by: str) -> None:
    """Take a caller: others see who has it, and nothing goes out by itself for 30 minutes."""
    _move(config, number, ThreadState.CLAIMED, by)


@command.command("wait")
@click.argument("number")
@config_option
@by_option
@click.option("--note", default="", help="What is waited for.")
def wait(number: str, config: Path, by: str, note: str) -> None:
    """The caller's turn: off the call-back list until something new is heard."""
    _move(config, number, ThreadState.WAITING, by, note=note)


@command.command("open")
@click.argument("number")
@config_option
@by_option
def open_again(number: str, config: Path, by: str) -> None:
    """Put a caller back on the list."""
    _move(config, number, ThreadState.OPEN, by)


@command.command("done")
@click.argument("number")
@config_option
@by_option
@click.option(
    "--as", "outcome", type=click.Choice([one.value for one in ThreadOutcome]), required=True, help="How it ended."
)
@click.option("--amount", type=click.FloatRange(0), help="What the job brings, in the office's currency.")
@click.option("--note", default="", help="Anything worth keeping.")
def done(number: str, config: Path, by: str, outcome: str, amount: float | None, note: str) -> None:
    """Nothing more to do for this caller, and how it ended."""
    _move(config, number, ThreadState.DONE, by, outcome=outcome, amount=amount, note=note)


@command.command("reply")
@click.argument("number")
@click.argument("text")
@config_option
@by_option
def reply(number: str, text: str, config: Path, by: str) -> None:
    """Text a caller yourself. Nothing goes to that caller by itself for a while then."""
    settings = settings_from(config)
    e164 = number_of(settings, number)
    answer = tell(settings, {"do": "write_to", "number": e164, "body": text, "by": who(by)})
    click.echo(f"{e164}: {'queued' if answer['done'] == 'queued' else 'kept, not sent (shadow mode)'}.")
