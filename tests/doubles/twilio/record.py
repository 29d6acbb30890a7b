"""What the double saw and did, event by event, and what each handset got.

One event is one JSON object: `event` (post, stored, refused, handset, reply, get, hook, error), `at` (the provider's
clock, epoch seconds), `monotonic_ns` (comparable across the processes of one machine), and what belongs to it. A `post`
and a `get` have `first_byte_ns`, when the first byte of the request was read, and `connection`, a running number. A
`hook` is one try to call a webhook: `kind` (inbound, status), `sid`, `url`, `method`, `attempt`, `status` (what was
answered, or null), `failure`, `fields`, `token`, `forgery`. An `error` is what Twilio's debugger would show.
"""

import asyncio
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

Event = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class HandsetText:
    """One text on a handset, or on its way there. `by_provider`: the provider's own answer to STOP or HELP."""

    to: str
    sender: str
    body: str
    at: float
    sid: str
    by_provider: bool = False


class Record:
    """The events, in order; each also as one flushed line of a file, if there is one."""

    def __init__(self, file: Path | None = None) -> None:
        self.events: list[Event] = []
        self._file: TextIO | None = None if file is None else file.open("a", encoding="utf-8")
        self._grew = asyncio.Event()

    def write(self, event: str, at: float, **fields: object) -> None:
        line = {"event": event, "at": at, "monotonic_ns": time.monotonic_ns(), **fields}
        self.events.append(line)
        if self._file is not None:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
        self._grew.set()
        self._grew = asyncio.Event()

    def of(self, event: str) -> list[Event]:
        return [e for e in self.events if e["event"] == event]

    async def wait_for(self, event: str, count: int = 1) -> list[Event]:
        """Return once `count` such events happened."""
        while len(self.of(event)) < count:
            await self._grew.wait()
        return self.of(event)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def events_of(file: Path) -> list[Event]:
    """The events of a ledger file, also while the double still writes it."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


def handset_texts(events: Iterable[Event]) -> list[HandsetText]:
    """Every text that reached a handset, or will."""
    return [
        HandsetText(
            to=str(e["to"]),
            sender=str(e["from"]),
            body=str(e["body"]),
            at=float(str(e["at"])),
            sid=str(e["sid"]),
            by_provider=bool(e["by_provider"]),
        )
        for e in events
        if e["event"] == "handset"
    ]


def at_most_one_per_miss(texts: Iterable[HandsetText], misses: Mapping[str, int] | None = None) -> None:
    """Judge: no handset got more texts than its caller's calls were missed.

    `misses` counts them by number (a number not in it had none); without it each number had one. The provider's own
    answers don't count. Raises AssertionError that shows the texts of each handset with too many.
    """
    got: dict[str, list[HandsetText]] = {}
    for text in texts:
        if not text.by_provider:
            got.setdefault(text.to, []).append(text)
    allowed = dict.fromkeys(got, 1) if misses is None else misses
    wrong = {to: few for to, few in got.items() if len(few) > allowed.get(to, 0)}
    if wrong:
        story = "\n".join(
            f"{to}: {len(few)} texts, {allowed.get(to, 0)} missed\n"
            + "\n".join(f"    {text.at:.3f} {text.sid} {text.body!r}" for text in few)
            for to, few in sorted(wrong.items())
        )
        raise AssertionError(f"handsets with a second text for one miss:\n{story}")
