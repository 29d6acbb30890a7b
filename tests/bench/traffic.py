"""How much the PBX sends us for one call: `python -m tests.bench.traffic`. Bytes and events on the recorded streams.

`all` is everything the PBX tells (but Asterisk's TestEvent, which only some builds send); `ours` what the shipped
manager user's rights and filter, or our subscription at the event socket, let through.
"""

import gzip
import json
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from agent.pbx.freeswitch.reader import Reader
from tests.bench import parse_ami, parse_esl

ASTERISK = ("answered", "no_answer", "rg_nobody", "queue_local_answered", "voicemail_message", "followme_confirmed")
FREESWITCH = ("answered", "no_answer", "rg_second_answers", "queue_abandoned", "loopback_nobody")

One = TypeVar("One")


def asterisk(name: str) -> list[parse_ami.Event]:
    """One call's events."""
    with gzip.open(parse_ami.TRACES / f"{name}.jsonl.gz", "rt") as lines:
        next(lines)
        events = [json.loads(line)["event"] for line in lines if '"event"' in line]
    return [event for event in events if event[0][1] != "TestEvent"]


def freeswitch(name: str) -> list[bytes]:
    """One call's events, as they stood on the wire."""
    frames = Reader().feed(gzip.decompress((parse_esl.WIRE / f"{name}.plain.gz").read_bytes()))
    return [frame.head + b"\n\n" + frame.body for frame in frames if frame.kind == "text/event-plain"]


def show(
    title: str,
    calls: Iterable[str],
    events_of: Callable[[str], Sequence[One]],
    is_ours: Callable[[One], bool],
    size: Callable[[One], int],
) -> None:
    """One line a kind of call."""
    print(f"{title:34}{'all':>16}{'ours':>16}   share")
    for name in calls:
        whole = events_of(name)
        ours = [event for event in whole if is_ours(event)]
        sizes = [sum(map(size, kind)) for kind in (whole, ours)]
        columns = (f"{bytes_:,} ({len(kind)})" for bytes_, kind in zip(sizes, (whole, ours), strict=True))
        print(f"{name:34}" + "".join(f"{column:>16}" for column in columns) + f"   {sizes[1] / sizes[0]:.0%}")


def main() -> None:
    """Both PBXs."""
    show(
        "Asterisk: bytes a call (events)", ASTERISK, asterisk, parse_ami.let_through,
        lambda event: sum(len(f"{k}: {v}\r\n".encode()) for k, v in event) + 2,
    )  # fmt: skip
    print()
    show("FreeSWITCH: bytes a call (events)", FREESWITCH, freeswitch, parse_esl.let_through, len)


if __name__ == "__main__":
    main()
