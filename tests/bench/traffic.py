"""How much the PBX sends us for one call: `python -m tests.bench.traffic`. Bytes and events on the recorded streams.

`all` is everything a user with `read = all` gets (TestEvent, which only some builds send, left out); `ours` what the
shipped user's rights and its filter let through.
"""

import gzip
import json

from tests.bench.parse import TRACES, Event, let_through

CALLS = ("answered", "no_answer", "rg_nobody", "queue_local_answered", "voicemail_message", "followme_confirmed")


def size(events: list[Event]) -> int:
    """Bytes on the wire."""
    return sum(sum(len(f"{k}: {v}\r\n".encode()) for k, v in event) + 2 for event in events)


def main() -> None:
    """One line a kind of call."""
    print(f"{'bytes a call (events)':26}{'all':>16}{'ours':>16}   share")
    for name in CALLS:
        with gzip.open(TRACES / f"{name}.jsonl.gz", "rt") as lines:
            next(lines)
            events = [json.loads(line)["event"] for line in lines if '"event"' in line]
        whole = [event for event in events if event[0][1] != "TestEvent"]
        ours = [event for event in whole if let_through(event)]
        columns = (f"{size(kind):,} ({len(kind)})" for kind in (whole, ours))
        print(f"{name:26}" + "".join(f"{column:>16}" for column in columns) + f"   {size(ours) / size(whole):.0%}")


if __name__ == "__main__":
    main()
