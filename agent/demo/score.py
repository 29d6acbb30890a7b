"""A recording divided into the moments at which something of it is sent."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from agent.demo.recording import Milestone, Recording

SAME_INSTANT = 0.0005  # events closer than this (seconds) are sent in one write, in their order

Timed = TypeVar("Timed")


@dataclass(frozen=True, slots=True)
class Instant:
    """What happens at one moment: `at` seconds after the call's first event, events `first` to `last` (excluded)."""

    at: float
    first: int
    last: int
    milestones: tuple[Milestone, ...]
    decides: bool


class Score(Protocol):
    """One recording, compiled once and played any number of times."""

    @property
    def recording(self) -> Recording: ...

    @property
    def instants(self) -> tuple[Instant, ...]: ...


def instants_of(recording: Recording) -> tuple[Instant, ...]:
    """The moments of a recording, in order."""
    events, origin, deciding = recording.events, recording.first.at, recording.deciding
    starts = _starts(recording)
    seen = at_instants(recording, ((milestone.at, milestone) for milestone in recording.milestones))
    ends = [*starts[1:], len(events)]
    return tuple(
        Instant(
            events[first].at - origin, first, last, seen[i], deciding is not None and first <= deciding < last
        )
        for i, (first, last) in enumerate(zip(starts, ends, strict=True))
    )  # fmt: skip


def at_instants(recording: Recording, things: Iterable[tuple[float, Timed]]) -> list[tuple[Timed, ...]]:
    """Things with a time of the recording, put to the moment that follows, or to the last."""
    times = [recording.events[i].at for i in _starts(recording)]
    found: list[list[Timed]] = [[] for _ in times]
    for at, thing in things:
        found[min(bisect_left(times, at), len(times) - 1)].append(thing)
    return [tuple(some) for some in found]


def _starts(recording: Recording) -> list[int]:
    events, starts = recording.events, [0]
    for i, event in enumerate(events):
        if event.at - events[starts[-1]].at > SAME_INSTANT:
            starts.append(i)
    return starts
