"""AMI bytes from a loopback socket to tracked calls, beside the field: `python -m tests.bench.parse_ami [TRACES]`.

The bytes are recorded real streams, whole and once more cut to what our own manager user's rights and filter let
through. Each repetition carries unique ids of its own.
"""

import asyncio
import contextlib
import gzip
import json
import sys
import time
from pathlib import Path

from tests.bench.side_by_side import Done, Stream, Variant, compare, run_if_asked

TRACES = Path(__file__).parent.parent / "traces" / "asterisk" / "streams"
GREETING = b"Asterisk Call Manager/11.0.0\r\n"
COPIES = 8
OURS = ("system", "call", "agent", "dialplan")

Event = list[list[str]]


def events(folder: Path) -> list[Event]:
    """All events of all streams; not Shutdown nor a second Event header, at which panoramisk hangs up."""
    found = []
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt") as lines:
            next(lines)
            found += [json.loads(line)["event"] for line in lines if '"event"' in line]
    return [e for e in found if e[0][1] != "Shutdown" and not any(name == "Event" for name, _ in e[1:])]


def let_through(event: Event) -> bool:
    """What `read = system,call,agent,dialplan` and `eventfilter = !^Event: VarSet` leave."""
    privilege = next((value for name, value in event if name == "Privilege"), "")
    return event[0][1] != "VarSet" and privilege.split(",")[0] in OURS


def wire(found: list[Event]) -> bytes:
    """The events as the socket brings them, COPIES times with fresh unique ids."""
    once = b"".join("\r\n".join(f"{k}: {v}" for k, v in e).encode() + b"\r\n\r\n" for e in found)
    return b"".join(once.replace(b"17955", b"%05d" % (20000 + copy)) for copy in range(COPIES))


async def panoramisk(port: int, done: Done, track: bool) -> None:
    """Its Manager, every event to a callback; and cacofonisk's tracking behind it."""
    from panoramisk import Manager

    manager = Manager(loop=asyncio.get_running_loop(), host="127.0.0.1", port=port, username="u", secret="s")
    handler = None
    if track:
        import logging

        from cacofonisk.handlers import EventHandler
        from cacofonisk.reporters import BaseReporter

        logging.disable(logging.CRITICAL)
        handler = EventHandler(reporter=BaseReporter(), hostname="127.0.0.1", logger=logging.getLogger())

    def heard(_: object, event: object) -> None:
        if handler is not None:
            with contextlib.suppress(Exception):  # an assert of its own, at events it doesn't expect
                handler.on_event(event)
        done()

    manager.register_event("*", heard)
    done.began = time.perf_counter()
    await manager.connect()
    await asyncio.sleep(1000)


class Ours(asyncio.Protocol):
    """The product's reader, dialect and tracker, as the link calls them."""

    def __init__(self, done: Done, track: bool) -> None:
        from agent.calls.tracker import Tracker
        from agent.calls.verdicts import RingPlan
        from agent.pbx.asterisk.dialect import Dialect
        from agent.pbx.asterisk.reader import Reader

        self._done, self._reader, self._dialect = done, Reader(), Dialect(("from-trunk",))
        self._tracker = Tracker(lambda _: RingPlan(24.0)) if track else None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._done.began = time.perf_counter()
        transport.write(b"go\r\n")

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        frames = self._reader.feed(data)
        translate, tracker = self._dialect.translate, self._tracker
        for frame in frames:
            for event in translate(frame):
                if tracker is not None:
                    tracker.take(now, event)  # type: ignore[arg-type]
        self._done.add(len(frames))


async def ours(port: int, done: Done, track: bool) -> None:
    """Reader and dialect, with or without the tracker."""
    await asyncio.get_running_loop().create_connection(lambda: Ours(done, track), "127.0.0.1", port)
    await asyncio.sleep(1000)


VARIANTS = {
    "panoramisk reading": Variant(lambda port, done: asyncio.run(panoramisk(port, done, False))),
    "panoramisk + cacofonisk": Variant(lambda port, done: asyncio.run(panoramisk(port, done, True))),
    "secondring reading": Variant(lambda port, done: asyncio.run(ours(port, done, False))),
    "secondring reading and tracking": Variant(lambda port, done: asyncio.run(ours(port, done, True))),
}


def main() -> None:
    """Both streams, all variants."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else TRACES
    found = events(folder)
    for title, some in (
        ("AMI, the whole stream", found),
        ("AMI, what our rights and filter let through", [e for e in found if let_through(e)]),
    ):
        stream = Stream(GREETING, b"", wire(some), len(some) * COPIES)
        compare("tests.bench.parse_ami", title, VARIANTS, stream, stream.events)


if __name__ == "__main__" and not run_if_asked(VARIANTS):
    main()
