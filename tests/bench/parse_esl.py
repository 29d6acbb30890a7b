"""Event socket bytes from a loopback socket to tracked calls, beside the field: `python -m tests.bench.parse_esl`.

The bytes are those of a real FreeSWITCH's `event plain ALL`, whole and once more cut to what our own filters let
through. The peers only read; they live in an environment of their own (.venv-peers), as genesis can't be installed
beside this project: it wants rich below 14.
"""

import asyncio
import gzip
import time
from pathlib import Path

from tests.bench.side_by_side import Done, Stream, Variant, compare, run_if_asked

ROOT = Path(__file__).parents[2]
WIRE = ROOT / "tests" / "traces" / "freeswitch" / "wire"
PEERS = str(ROOT / ".venv-peers" / "bin" / "python")
GREETING = b"Content-Type: auth/request\n\n"
ACCEPTED = b"Content-Type: command/reply\nReply-Text: +OK accepted\n\n"
EVENTS = 100_000


def frames() -> list[bytes]:
    """Each event as it stood on the wire."""
    from agent.pbx.freeswitch.reader import Reader

    every = [frame for path in sorted(WIRE.glob("*.gz")) for frame in Reader().feed(gzip.decompress(path.read_bytes()))]
    return [frame.head + b"\n\n" + frame.body for frame in every if frame.kind == "text/event-plain"]


def let_through(frame: bytes) -> bool:
    """What the session's subscription and its filters leave."""
    from agent.pbx.freeswitch.channels import APPLICATIONS
    from agent.pbx.freeswitch.dialect import EVENTS as NAMES
    from agent.pbx.freeswitch.reader import PlainEvent

    event = PlainEvent(frame.partition(b"\n\n")[2])
    if event.get("Event-Name", "") == "CHANNEL_EXECUTE":
        return event.get("Application", "") in APPLICATIONS
    return event.get("Event-Name", "") in NAMES


def greenswitch(port: int, done: Done) -> None:
    """Its InboundESL, every event to a callback."""
    import gevent
    from greenswitch import InboundESL

    client = InboundESL("127.0.0.1", port, "ClueCon")
    client.register_handle("*", done)
    done.began = time.perf_counter()
    client.connect()
    gevent.sleep(1000)


async def genesis(port: int, done: Done) -> None:
    """Its Inbound, every event to a callback."""
    from genesis import Inbound

    async def heard(event: object) -> None:
        done()

    client = Inbound("127.0.0.1", port, "ClueCon")
    client.on("*", heard)
    done.began = time.perf_counter()
    await client.start()
    await asyncio.sleep(1000)


class Ours(asyncio.Protocol):
    """The product's reader, dialect and tracker, as the session calls them."""

    def __init__(self, done: Done) -> None:
        from agent.calls.tracker import Tracker
        from agent.calls.verdicts import RingPlan
        from agent.pbx.freeswitch.dialect import Dialect
        from agent.pbx.freeswitch.reader import PlainEvent, Reader
        from agent.pbx.freeswitch.session import tells_something

        self._done, self._reader, self._plain, self._tells = done, Reader(), PlainEvent, tells_something
        self._dialect, self._tracker = Dialect(("public",)), Tracker(lambda _: RingPlan(24.0))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._done.began = time.perf_counter()
        transport.write(b"auth ClueCon\n\n")

    def data_received(self, data: bytes) -> None:
        now, count = time.perf_counter(), 0
        for frame in self._reader.feed(data):
            if frame.kind != "text/event-plain":
                continue
            count += 1
            if self._tells(frame.body):
                for event in self._dialect.translate(self._plain(frame.body)):
                    self._tracker.take(now, event)
        self._done.add(count)


async def ours(port: int, done: Done) -> None:
    """Reader, dialect and tracker."""
    await asyncio.get_running_loop().create_connection(lambda: Ours(done), "127.0.0.1", port)
    await asyncio.sleep(1000)


VARIANTS = {
    "greenswitch reading": Variant(greenswitch, PEERS, share=0.3),
    "genesis reading": Variant(lambda port, done: asyncio.run(genesis(port, done)), PEERS, share=0.08),
    "secondring reading and tracking": Variant(lambda port, done: asyncio.run(ours(port, done))),
}


def main() -> None:
    """Both streams, all variants."""
    found = frames()
    for title, some in (
        ("ESL, the whole stream", found),
        ("ESL, what our filters let through", [frame for frame in found if let_through(frame)]),
    ):
        stream = Stream(GREETING, ACCEPTED, b"".join(some), len(some))
        compare("tests.bench.parse_esl", title, VARIANTS, stream, EVENTS)


if __name__ == "__main__" and not run_if_asked(VARIANTS):
    main()
