"""A recorded call of a FreeSWITCH: every event of its legs, as a client of the event socket is sent them."""

from collections.abc import Mapping
from functools import cache
from importlib.resources.abc import Traversable

from agent.demo.recording import (
    RecordedEvent,
    Recording,
    RecordingError,
    TruthCall,
    read_events,
    read_folder,
    read_truth,
    recorded,
)

QUIET = frozenset({"HEARTBEAT", "RE_SCHEDULE", "API"})


def _deciding(events: list[RecordedEvent], call: TruthCall) -> int | None:
    """Where the miss is known: a mailbox, the caller's own hangup while phones ring, or the end of his leg."""
    if call["human_answered"] or call["direction"] != "inbound":
        return None
    caller = events[0].get("Unique-ID")
    own = [(i, e) for i, e in enumerate(events) if e.get("Unique-ID") == caller]
    if call.get("reason") == "voicemail":
        return next(i for i, e in own if e.name == "CHANNEL_EXECUTE" and e.get("Application") == "voicemail")
    going = next((i for i, e in own if e.name == "CHANNEL_HANGUP"), None)
    if going is not None and _dialled(events[:going]):
        return going
    return next((i for i, e in own if e.name == "CHANNEL_HANGUP_COMPLETE"), None)


def _dialled(events: list[RecordedEvent]) -> set[str]:
    """The legs being dialled for somebody after these events."""
    dialled: set[str] = set()
    for event in events:
        if event.name == "CHANNEL_CREATE" and event.get("Call-Direction") == "outbound":
            dialled.add(event.get("Unique-ID"))
        elif event.name in ("CHANNEL_ANSWER", "CHANNEL_HANGUP", "CHANNEL_HANGUP_COMPLETE"):
            dialled.discard(event.get("Unique-ID"))
    return dialled


def load(folder: Traversable, name: str) -> Recording:
    """Read a recording. Raises RecordingError where a file is missing or is not what its name says."""
    try:
        started, every = read_events(folder, name)
        truth = read_truth(folder, name)
    except (OSError, ValueError, KeyError, IndexError) as problem:
        raise RecordingError(f"recording {name} in {folder}: {problem}") from problem
    events = [event for event in every if event.name not in QUIET]
    if not events or events[0].get("Channel-State") != "CS_NEW":
        raise RecordingError(f"recording {name} in {folder}: it doesn't begin with a new channel")
    return recorded(name, truth, started, events, _deciding(events, truth["calls"][0]))


@cache
def catalogue() -> Mapping[str, Recording]:
    """Every recording of a FreeSWITCH that comes with the project, by name."""
    return read_folder("freeswitch", load)
