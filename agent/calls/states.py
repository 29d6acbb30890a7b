"""The life of a call, as one table. docs/missed-calls.md draws its picture from here.

    open ── a human and the caller talk ──────────────▶ answered ──┐
     │                                                             │
     ├── no human, and it is safe to say so ──▶ missed ────────────┤
     │                                            │                ├── the caller's leg ends ──▶ over
     │                                            └─ a human ─▶ answered late
     └── gone while nobody listened ──────────────────────────────▶ over

A call is in exactly one state. What isn't in the table doesn't happen: a second miss, a miss after an answer, anything
after the end.
"""

from enum import Enum


class CallState(Enum):
    """Where a call is between its arrival and its end."""

    OPEN = "open"
    MISSED = "missed"
    ANSWERED = "answered"
    ANSWERED_LATE = "answered late"
    OVER = "over"


MOVES: dict[tuple[CallState, CallState], str] = {
    (CallState.OPEN, CallState.ANSWERED): "a human and the caller are in one conversation",
    (
        CallState.OPEN,
        CallState.MISSED,
    ): "the ring limit passed, a mailbox answered, or the caller's leg ended",
    (CallState.MISSED, CallState.ANSWERED_LATE): "a human and the caller are in one conversation after all",
    (CallState.ANSWERED, CallState.OVER): "the caller's leg ended",
    (CallState.ANSWERED_LATE, CallState.OVER): "the caller's leg ended",
    (CallState.MISSED, CallState.OVER): "the caller's leg ended",
    (CallState.OPEN, CallState.OVER): "the caller's leg was gone when the PBX could be asked again",
}


class Limit(Enum):
    """Which patience ran out while the caller was still there."""

    RINGS = "rings"
    QUEUE = "queue"


def may(before: CallState, after: CallState) -> bool:
    """Whether the table has this move."""
    return (before, after) in MOVES
