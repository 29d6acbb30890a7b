"""From the deciding event's last byte to the request at the provider, beside the least chain that could do it.

`python -m tests.bench.latency [asterisk|freeswitch]`. This process is PBX and provider, so one clock sees both ends.
The least chain reads an event, commits one row (WAL, synchronous FULL) and posts a form over a kept connection; it
decides nothing. The product runs whole: `secondring run` with its login, listing, tracking, rules, ledger and outbox.
Both use the same disk (BENCH_DIR), in turn, ROUNDS (5) times CALLS (200); quote the ratios.
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
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from tests.bench.peers import PEERS, Pbx, Peer

ROUNDS = int(os.environ.get("ROUNDS", "5"))
CALLS = int(os.environ.get("CALLS", "200"))
WARM = 10
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


async def measure(pbx: Pbx, first: int) -> list[float]:
    """Milliseconds from writing the deciding event to the whole POST, for each call."""
    took = []
    for number in range(first, first + CALLS + WARM):
        begins, decides, follows = pbx.peer.call(number)
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
kind = "{kind}"
host = "127.0.0.1"
port = {pbx}
secret = "s"
inbound_contexts = ["{context}"]
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


def configured(folder: Path, peer: Peer, pbx: int, provider: int, more: str = "") -> Path:
    """The product's configuration for these two ports; `more` for the line."""
    config = folder / "secondring.toml"
    settings = CONFIG.format(kind=peer.kind, context=peer.context, pbx=pbx, provider=provider, folder=folder)
    config.write_text(settings + more)
    config.chmod(0o600)
    return config


@contextlib.asynccontextmanager
async def product(peer: Peer, pbx: int, provider: int, folder: Path) -> AsyncIterator[None]:
    """`secondring run`."""
    async with process("secondring", "run", "--config", str(configured(folder, peer, pbx, provider))):
        yield


@contextlib.asynccontextmanager
async def least(peer: Peer, pbx: int, provider: int, folder: Path) -> AsyncIterator[None]:
    """The least chain, in a process of its own."""
    words = ("--least", peer.kind, str(pbx), str(provider), str(folder))
    async with process(sys.executable, "-m", "tests.bench.latency", *words):
        yield


@contextlib.asynccontextmanager
async def process(*command: str) -> AsyncIterator[int]:
    """A child while the block runs, its process id; `secondring` is the one of this environment."""
    command = tuple(str(Path(sys.executable).with_name(c)) if c == "secondring" else c for c in command)
    child = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    try:
        yield child.pid
    finally:
        child.terminate()
        await child.wait()


async def run_least(
    pbx: tuple[str, int],
    hello: bytes,
    frame: Callable[[asyncio.StreamReader], Awaitable[bytes]],
    decided: Callable[[bytes], str | None],
    provider: int,
    folder: Path,
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
            number = decided(await frame(reader))
            if number is None or number in seen:
                continue
            seen.add(number)
            db.execute("BEGIN IMMEDIATE")
            db.execute("INSERT INTO texts (number, body, at) VALUES (?, ?, ?)", (number, TEXT, 1.0))
            db.execute("COMMIT")
            form = {"To": number, "From": "+12025550100", "Body": TEXT}
            async with session.post(f"http://127.0.0.1:{provider}/m", data=form) as answer:
                await answer.read()


Variant = Callable[[Peer, int, int, Path], contextlib.AbstractAsyncContextManager[None]]


async def main(peer: Peer) -> None:
    """Both in turn, every round; one table."""
    loop = asyncio.get_running_loop()
    Provider.got = asyncio.Event()
    provider = await loop.create_server(Provider, "127.0.0.1", 0)
    variants: dict[str, Variant] = {"the least chain": least, "secondring run": product}
    took: dict[str, list[list[float]]] = {name: [] for name in variants}
    first = 0
    for _ in range(ROUNDS):
        for name, variant in variants.items():
            pbx = Pbx(peer)
            server = await asyncio.start_server(pbx.serve, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
                async with variant(peer, port, provider.sockets[0].getsockname()[1], Path(folder)):
                    async with asyncio.timeout(20):
                        await pbx.live.wait()
                    await asyncio.sleep(0.5)
                    took[name].append(await measure(pbx, first))
            first += CALLS + WARM
            server.close()
    report(f"{peer.kind}: deciding event -> POST, ms", took)


def report(title: str, took: dict[str, list[list[float]]]) -> None:
    """p50 and p99 over all rounds, and their ratios to the least chain."""
    print(f"{title:42}{'p50':>8}{'p99':>8}{'max':>8}   p50 of each round")
    figures = {}
    for name, rounds in took.items():
        every = sorted(value for part in rounds for value in part)
        figures[name] = (every[len(every) // 2], every[len(every) * 99 // 100])
        each = " ".join(f"{statistics.median(part):.2f}" for part in rounds)
        print(f"{name:42}{figures[name][0]:8.3f}{figures[name][1]:8.3f}{every[-1]:8.2f}   {each}")
    (base50, base99), (ours50, ours99) = figures.values()
    print(f"ratio: p50 {ours50 / base50:.2f}, p99 {ours99 / base99:.2f}")


async def _least(peer: Peer, port: int, provider: int, folder: Path) -> None:
    await run_least(("127.0.0.1", port), peer.last + peer.end, peer.frame, peer.decided, provider, folder)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--least"]:
        with contextlib.suppress(KeyboardInterrupt, asyncio.IncompleteReadError):
            asyncio.run(_least(PEERS[sys.argv[2]], int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5])))
    else:
        for kind in sys.argv[1:] or PEERS:
            asyncio.run(main(PEERS[kind]))
