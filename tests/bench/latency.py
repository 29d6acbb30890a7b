"""From the deciding event's last byte to the request at the provider, beside the least chain that could do it.

`python -m tests.bench.latency`. This process is PBX and provider, so one clock sees both ends. The least chain reads an
event, commits one row (WAL, synchronous FULL) and posts a form over a kept connection; it decides nothing. The product
runs whole: `secondring run` with its login, listing, tracking, rules, ledger and outbox. Both use the same disk
(BENCH_DIR), in turn, ROUNDS (5) times CALLS (200); quote the ratios.
"""

import asyncio
import contextlib
import os
import re
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

ROUNDS = int(os.environ.get("ROUNDS", "5"))
CALLS = int(os.environ.get("CALLS", "200"))
WARM = 10
RUN = ("Language: en", "AccountCode: ")
TEXT = "Sorry we missed your call. How can we help? Reply STOP to opt out."


class Provider(asyncio.Protocol):
    """Takes POSTs on kept connections and answers 201. `got` is set, and `at` the time, at a request's last byte."""

    got = asyncio.Event()
    at = 0.0
    posts = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._rest = transport, b""

    def data_received(self, data: bytes) -> None:
        self._rest += data
        head, end, body = self._rest.partition(b"\r\n\r\n")
        size = re.search(rb"(?i)Content-Length: (\d+)", head)
        if not end or len(body) < int(size[1] if size else 0):
            return
        self._rest, answer = b"", b'{"messages": []}'
        if sid := re.match(rb"GET \S+/Messages/(SM\w+)\.json", head):
            answer = b'{"sid":"%s","status":"delivered","num_segments":"1","error_code":null}' % sid[1]
        if head.startswith(b"POST"):
            Provider.posts += 1
            Provider.at = time.perf_counter()
            answer = b'{"sid":"SM%032x","status":"queued","num_segments":"1"}' % Provider.posts
            Provider.got.set()
        status = b"201 Created" if head.startswith(b"POST") else b"200 OK"
        self._transport.write(
            b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (status, len(answer), answer)
        )


class Pbx:
    """The least AMI that a client can log in to."""

    def __init__(self) -> None:
        self.writer: asyncio.StreamWriter | None = None
        self.live = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Greet, answer what is asked, until the client goes."""
        self.writer = writer
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                asked = dict(
                    line.split(": ", 1)
                    for line in (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                    if ": " in line
                )
                writer.write(self._answer(asked.get("Action", ""), asked.get("ActionID", "")).encode())

    def _answer(self, action: str, name: str) -> str:
        ok = f"Response: Success\r\nActionID: {name}\r\n"
        match action:
            case "Login":
                booted = "Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: 9\r\nLastReload: 9\r\n"
                return f"{ok}\r\n{booted}Status: Fully Booted\r\n\r\n"
            case "Status":
                return f"{ok}EventList: start\r\n\r\nEvent: StatusComplete\r\nActionID: {name}\r\nItems: 0\r\n\r\n"
            case "BridgeList":
                self.live.set()
                return f"{ok}EventList: start\r\n\r\nEvent: BridgeListComplete\r\nActionID: {name}\r\n\r\n"
            case "Getvar":
                return f"{ok}Variable: CALLERID(pres)\r\nValue: allowed_not_screened\r\n\r\n"
            case _:
                return f"{ok}\r\n"

    def send(self, events: bytes) -> None:
        """Put events on the wire."""
        assert self.writer is not None
        self.writer.write(events)


def leg(event: str, channel: str, state: int, number: str, context: str, exten: str, ids: tuple[str, str]) -> bytes:
    """One event about a channel, in Asterisk's order of headers."""
    lines = [
        f"Event: {event}",
        "Privilege: call,all",
        f"Channel: {channel}",
        f"ChannelState: {state}",
        "ChannelStateDesc: x",
        f"CallerIDNum: {number}",
        "CallerIDName: <unknown>",
        "ConnectedLineNum: <unknown>",
        "ConnectedLineName: <unknown>",
        *RUN,
        f"Context: {context}",
        f"Exten: {exten}",
        "Priority: 1",
        f"Uniqueid: {ids[0]}",
        f"Linkedid: {ids[1]}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def call(number: int) -> tuple[bytes, bytes, bytes]:
    """A call that rings, the event that ends it unanswered, and what follows."""
    caller, phone = f"17{number:08d}.0", f"17{number:08d}.1"
    who = f"+1{202 + number // 9000}{5550000 + 1000 + number % 9000:07d}"[:12]
    trunk, desk = f"PJSIP/trunk-{number:08x}", f"PJSIP/101-{number:08x}"
    begins = (
        leg("Newchannel", trunk, 4, who, "from-trunk", "+12025550101", (caller, caller))
        + leg("Newchannel", desk, 0, "101", "from-internal", "s", (phone, caller))
        + leg("Newstate", desk, 5, "101", "from-internal", "s", (phone, caller))
    )
    decides = leg("HangupRequest", trunk, 4, who, "from-trunk", "+12025550101", (caller, caller))
    follows = leg("Hangup", desk, 5, "101", "from-internal", "s", (phone, caller)) + leg(
        "Hangup", trunk, 4, who, "from-trunk", "+12025550101", (caller, caller)
    )
    return begins, decides, follows


async def measure(pbx: Pbx, first: int) -> list[float]:
    """Milliseconds from writing the deciding event to the whole POST, for each call."""
    took = []
    for number in range(first, first + CALLS + WARM):
        begins, decides, follows = call(number)
        pbx.send(begins)
        await asyncio.sleep(0.005)
        Provider.got.clear()
        began = time.perf_counter()
        pbx.send(decides)
        async with asyncio.timeout(5):
            await Provider.got.wait()
        took.append((Provider.at - began) * 1e3)
        pbx.send(follows)
        await asyncio.sleep(0.002)
    return took[WARM:]


CONFIG = """
[business]
name = "Acme Plumbing"
country = "US"
timezone = "America/Chicago"
[pbx]
host = "127.0.0.1"
port = {pbx}
secret = "s"
inbound_contexts = ["from-trunk"]
[sms]
account_sid = "AC00000000000000000000000000000000"
auth_token = "t"
base_url = "http://127.0.0.1:{provider}"
from = "+12025550100"
[storage]
path = "{folder}/ledger.db"
[limits]
per_hour = 100000
per_day = 100000
[[line]]
number = "*"
min_ring = "0s"
message = "Hi {{first_name|there}}, this is {{business}}. Sorry we missed your call. Reply STOP to opt out."
"""


@contextlib.asynccontextmanager
async def product(pbx: int, provider: int, folder: Path) -> AsyncIterator[None]:
    """`secondring run`."""
    config = folder / "secondring.toml"
    config.write_text(CONFIG.format(pbx=pbx, provider=provider, folder=folder))
    config.chmod(0o600)
    async with process("secondring", "run", "--config", str(config)):
        yield


@contextlib.asynccontextmanager
async def least(pbx: int, provider: int, folder: Path) -> AsyncIterator[None]:
    """The least chain, in a process of its own."""
    async with process(sys.executable, "-m", "tests.bench.latency", "--least", str(pbx), str(provider), str(folder)):
        yield


@contextlib.asynccontextmanager
async def process(*command: str) -> AsyncIterator[None]:
    """A child while the block runs; `secondring` is the one of this environment."""
    command = tuple(str(Path(sys.executable).with_name(c)) if c == "secondring" else c for c in command)
    child = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    try:
        yield
    finally:
        child.terminate()
        await child.wait()


def decided(frame: bytes) -> str | None:
    """Whose call this event decides, by his number."""
    fields = dict(line.split(": ", 1) for line in frame.decode().split("\r\n") if ": " in line)
    return fields["CallerIDNum"] if fields.get("Event") == "HangupRequest" else None


async def run_least(
    pbx: tuple[str, int], hello: bytes, decided: Callable[[bytes], str | None], provider: int, folder: Path
) -> None:
    """Say hello, then read events, commit a row and post a form for each caller whose call is decided."""
    import aiohttp

    db = sqlite3.connect(folder / "least.db", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE texts (id INTEGER PRIMARY KEY, number TEXT, body TEXT, at REAL)")
    reader, writer = await asyncio.open_connection(*pbx)
    await reader.readline()
    writer.write(hello)
    seen = set()
    async with aiohttp.ClientSession() as session:
        while True:
            number = decided(await reader.readuntil(b"\r\n\r\n"))
            if number is None or number in seen:
                continue
            seen.add(number)
            db.execute("BEGIN IMMEDIATE")
            db.execute("INSERT INTO texts (number, body, at) VALUES (?, ?, ?)", (number, TEXT, 1.0))
            db.execute("COMMIT")
            form = {"To": number, "From": "+12025550100", "Body": TEXT}
            async with session.post(f"http://127.0.0.1:{provider}/m", data=form) as answer:
                await answer.read()


Variant = Callable[[int, int, Path], contextlib.AbstractAsyncContextManager[None]]


async def main() -> None:
    """Both in turn, every round; one table."""
    loop = asyncio.get_running_loop()
    provider = await loop.create_server(Provider, "127.0.0.1", 0)
    variants: dict[str, Variant] = {"the least chain": least, "secondring run": product}
    took: dict[str, list[list[float]]] = {name: [] for name in variants}
    first = 0
    for _ in range(ROUNDS):
        for name, variant in variants.items():
            pbx = Pbx()
            server = await asyncio.start_server(pbx.serve, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
                async with variant(port, provider.sockets[0].getsockname()[1], Path(folder)):
                    async with asyncio.timeout(20):
                        await pbx.live.wait()
                    await asyncio.sleep(0.5)
                    took[name].append(await measure(pbx, first))
            first += CALLS + WARM
            server.close()
    report(took)


def report(took: dict[str, list[list[float]]]) -> None:
    """p50 and p99 over all rounds, and their ratios to the least chain."""
    print(f"{'deciding event -> POST, ms':34}{'p50':>8}{'p99':>8}{'max':>8}   p50 of each round")
    figures = {}
    for name, rounds in took.items():
        every = sorted(value for part in rounds for value in part)
        figures[name] = (every[len(every) // 2], every[len(every) * 99 // 100])
        each = " ".join(f"{statistics.median(part):.2f}" for part in rounds)
        print(f"{name:34}{figures[name][0]:8.3f}{figures[name][1]:8.3f}{every[-1]:8.2f}   {each}")
    (base50, base99), (ours50, ours99) = figures.values()
    print(f"ratio: p50 {ours50 / base50:.2f}, p99 {ours99 / base99:.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--least"]:
        with contextlib.suppress(KeyboardInterrupt, asyncio.IncompleteReadError):
            hello = b"Action: BridgeList\r\nActionID: x\r\n\r\n"
            pbx = ("127.0.0.1", int(sys.argv[2]))
            asyncio.run(run_least(pbx, hello, decided, int(sys.argv[3]), Path(sys.argv[4])))
    else:
        asyncio.run(main())
