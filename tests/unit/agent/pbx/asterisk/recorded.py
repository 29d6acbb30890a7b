"""Records that a real Asterisk wrote about calls whose truth is known from their SIP messages."""

import gzip
import json
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path

from agent.calls.past import calls_over
from agent.calls.verdicts import Call
from agent.pbx.asterisk.records import recorded_events

ALWAYS = (0.0, 4e9)


@dataclass(frozen=True)
class Where:
    inbound_contexts: tuple[str, ...] = ("from-trunk",)
    trunk_channels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Truth:
    caller: str
    did: str
    direction: str
    human_answered: bool
    reason: str | None
    outcome: str


@dataclass(frozen=True)
class Recorded:
    stream: str
    calls: list[Truth]
    cel: str
    cdr: str


def _load() -> dict[str, Recorded]:
    lines = gzip.decompress((Path(__file__).parent / "data/records.jsonl.gz").read_bytes()).splitlines()
    return {
        told["stream"]: Recorded(told["stream"], [Truth(**call) for call in told["calls"]], told["cel"], told["cdr"])
        for told in map(json.loads, lines)
    }


RECORDED = _load()


def read(
    path: Path,
    since: float = ALWAYS[0],
    until: float = ALWAYS[1],
    where: Where | None = None,
    zone: tzinfo | None = UTC,
) -> list[Call]:
    """The calls in a file, in the order in which they began."""
    events = recorded_events(path, since, until, where or Where(), zone)
    return sorted(calls_over(events, since, until), key=lambda call: call.started_at)


def written(folder: Path, records: str | bytes) -> Path:
    """A Master.csv with these rows."""
    path = folder / "Master.csv"
    path.write_bytes(records.encode() if isinstance(records, str) else records)
    return path
