"""`secondring replay`: recorded streams through the real reader, tracker and policy, sending nothing."""

import json
import sys
from pathlib import Path

import click

from agent.cli.configured import optional_settings
from agent.office import Office
from agent.pbx.trace import BadTrace, read_trace
from agent.replay import Replay, Row, as_json


@click.command("replay")
@click.argument("traces", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="TRACE…")
@click.option("--config", type=click.Path(path_type=Path), help="Judge with this configuration, not the defaults.")
@click.option("--json", "as_lines", is_flag=True, help="One JSON object a line, for scripts.")
def command(traces: tuple[Path, ...], config: Path | None, as_lines: bool) -> None:
    """Judge recorded streams as if they happened now, each alone, sending nothing."""
    settings = optional_settings(config)
    office = Office.of(settings, shadow=False)
    contexts = settings.pbx.inbound_contexts if "inbound_contexts" in settings.pbx.model_fields_set else ()
    failed = False
    for path in traces:
        try:
            rows = Replay(read_trace(path), office, contexts, settings.pbx.trunk_channels).run()
        except BadTrace as trouble:
            click.echo(f"{trouble}.", err=True)
            failed = True
            continue
        for row in rows:
            found = as_json(str(path), row, office)
            click.echo(json.dumps(found, ensure_ascii=False) if as_lines else _sentence(found, row))
    sys.exit(1 if failed else 0)


def _sentence(found: dict[str, object], row: Row) -> str:
    call = row.call
    known = "" if row.known_at is None else f", known at {row.known_at:.3f} s"
    who = " ".join(str(found["caller"] or "a withheld number").split())
    why = f" ({row.ruling.because})" if row.ruling and row.ruling.because else ""
    happened = found["reason"] or ("answered" if call.answered_at is not None else "no verdict")
    name = Path(str(found["trace"])).name
    decided = f"{found['decision']}: {found['rule']}{why}"
    return f"{name}: {found['direction']} call of {who}: {happened}{known}; {decided}"
