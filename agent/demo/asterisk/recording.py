"""A recorded call of an Asterisk: its manager events, and beside them `NAME.cel.csv.gz` (CEL rows, may be absent)."""

import csv
import gzip
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources.abc import Traversable

from agent.demo.recording import (
    RecordedEvent,
    Recording,
    RecordingError,
    RecordRow,
    TruthCall,
    read_events,
    read_folder,
    read_truth,
    recorded,
)

QUIET = frozenset({"FullyBooted", "SuccessfulAuth", "TestEvent", "RTCPSent", "RTCPReceived"})


def _cel(folder: Traversable, name: str, started: datetime) -> list[RecordRow]:
    """Rows in the columns of Asterisk's sample `cel_custom.conf`; the second is the time."""
    path = folder / f"{name}.cel.csv.gz"
    if not path.is_file():
        return []
    with path.open("rb") as raw:
        rows = list(csv.reader(io.StringIO(gzip.decompress(raw.read()).decode())))
    times = [datetime.fromisoformat(row[1]).replace(tzinfo=UTC) for row in rows]
    return [RecordRow((at - started).total_seconds(), tuple(row)) for at, row in zip(times, rows, strict=True)]


def _deciding(events: list[RecordedEvent], call: TruthCall) -> int | None:
    if call["human_answered"] or call["direction"] != "inbound":
        return None
    caller = events[0].get("Uniqueid")
    own = [(i, e) for i, e in enumerate(events) if e.get("Uniqueid") == caller]
    if call.get("reason") == "voicemail":
        opened = next(i for i, e in own if e.name == "Newexten" and e.get("Application") == "VoiceMail")
        if events[opened].get("ChannelState") == "6":
            return opened
        return next(i for i, e in own if i > opened and e.name == "Newstate" and e.get("ChannelState") == "6")
    ends = [i for i, e in own if e.name == "HangupRequest"] or [i for i, e in own if e.name == "Hangup"]
    return ends[0] if ends else None


def load(folder: Traversable, name: str) -> Recording:
    """Read a recording. Raises RecordingError where a file is missing or is not what its name says."""
    try:
        started, every = read_events(folder, name)
        truth = read_truth(folder, name)
        cel = _cel(folder, name, started)
    except (OSError, ValueError, KeyError, IndexError) as problem:
        raise RecordingError(f"recording {name} in {folder}: {problem}") from problem
    events = [event for event in every if event.name not in QUIET]
    if not events or events[0].name != "Newchannel":
        raise RecordingError(f"recording {name} in {folder}: it doesn't begin with a new channel")
    return recorded(name, truth, started, events, _deciding(events, truth["calls"][0]), cel)


@cache
def catalogue() -> Mapping[str, Recording]:
    """Every recording of an Asterisk that comes with the project, by name."""
    return read_folder("asterisk", load)
