"""The webhook: `python -m tests.bench.webhook [throughput|ladder|hostile]`.

- throughput: signed replies over CLIENTS (16) kept connections, beside an aiohttp handler that commits one row (WAL,
  synchronous FULL) and checks nothing; both in turn, ROUNDS (5) times POSTS (2000) each, same disk (BENCH_DIR).
- ladder: from a reply's first byte to the provider's having the first text of the ladder, for URGENTS (200) callers.
- hostile: how late the ring limit fires, and how much memory the process has, while the webhook is flooded with forged,
  replayed, unsigned and oversized posts and all its places are held by connections that say nothing.
"""

import asyncio
import contextlib
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlencode

import psutil
from aiohttp import web
from twilio.request_validator import RequestValidator

from tests.bench import ring_limit
from tests.bench.latency import Provider, configured, process, report
from tests.bench.peers import PEERS, Pbx

ROUNDS = int(os.environ.get("ROUNDS", "5"))
POSTS = int(os.environ.get("POSTS", "2000"))
CLIENTS = int(os.environ.get("CLIENTS", "16"))
URGENTS = int(os.environ.get("URGENTS", "200"))
PUBLIC = "https://office.example"
PORT = 8399
WEB = f"""
[web]
public_url = "{PUBLIC}"
listen = "127.0.0.1:{PORT}"
[[staff]]
name = "Tim"
number = "+12025550177"
"""
ACCOUNT, TOKEN = "AC" + "0" * 32, "t"
FLOODERS, HOLDERS = 200, 100


def post(number: int, body: str, *, token: str = TOKEN) -> bytes:
    """One reply as Twilio posts it, signed."""
    fields = {
        "MessageSid": f"SM{number:032}", "AccountSid": ACCOUNT, "From": f"+1312{5550000 + number % 9000}",
        "To": "+12025550100", "Body": body, "NumMedia": "0", "SmsStatus": "received", "ApiVersion": "2010-04-01",
    }  # fmt: skip
    signature = RequestValidator(token).compute_signature(f"{PUBLIC}/hooks/sms", fields)
    form = urlencode(fields).encode()
    head = (
        f"POST /hooks/sms HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Twilio-Signature: {signature}\r\nContent-Length: {len(form)}\r\n\r\n"
    )
    return head.encode() + form


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    """One request and its whole answer; the status line."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    size = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    await reader.readexactly(size)
    return head.split(b"\r\n", 1)[0]


async def drive(posts: Iterator[bytes]) -> tuple[float, list[float]]:
    """All posts over the kept connections: posts a second, and milliseconds of each."""
    took: list[float] = []

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        for request in posts:
            began = time.perf_counter()
            assert b" 200 " in await ask(reader, writer, request)
            took.append((time.perf_counter() - began) * 1e3)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return len(took) / (time.perf_counter() - began), took


async def listens() -> None:
    """Return once somebody listens on the port."""
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", PORT)
            writer.close()
            return
        await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def product(folder: Path) -> AsyncIterator[None]:
    """`secondring run` beside an idle PBX and a provider that takes everything."""
    loop = asyncio.get_running_loop()
    provider = await loop.create_server(Provider, "127.0.0.1", 0)
    pbx = Pbx(PEERS["asterisk"])
    server = await asyncio.start_server(pbx.serve, "127.0.0.1", 0)
    ports = (server.sockets[0].getsockname()[1], provider.sockets[0].getsockname()[1])
    config = configured(folder, PEERS["asterisk"], *ports, WEB)
    async with process("secondring", "run", "--config", str(config)):
        await listens()
        await asyncio.sleep(1)
        yield
    server.close()
    provider.close()


@contextlib.asynccontextmanager
async def least(folder: Path) -> AsyncIterator[None]:
    """The handler of ten lines, in a process of its own."""
    async with process(sys.executable, "-m", "tests.bench.webhook", "--least", str(folder)):
        await listens()
        yield


def run_least(folder: Path) -> None:
    """Commits a row, answers."""
    db = sqlite3.connect(folder / "least.db", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE replies (id INTEGER PRIMARY KEY, number TEXT, body TEXT, at REAL)")

    async def take(request: web.Request) -> web.Response:
        form = await request.post()
        row = (str(form["From"]), str(form["Body"]), time.time())
        db.execute("INSERT INTO replies (number, body, at) VALUES (?, ?, ?)", row)
        return web.Response(text="<Response/>", content_type="text/xml")

    app = web.Application()
    app.router.add_post("/hooks/sms", take)
    web.run_app(app, host="127.0.0.1", port=PORT, print=None, access_log=None)


async def throughput() -> None:
    """Both in turn, every round."""
    Provider.got = asyncio.Event()
    took: dict[str, list[list[float]]] = {"a handler of ten lines": [], "secondring run": []}
    speeds: dict[str, list[float]] = {name: [] for name in took}
    first = 0
    for _ in range(ROUNDS):
        for name, variant in zip(took, (least, product), strict=True):
            posts = [post(first + n, f"thanks, call me after 3 please ({n})") for n in range(POSTS)]
            with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
                async with variant(Path(folder)):
                    speed, each = await drive(iter(posts))
            speeds[name].append(speed)
            took[name].append(each)
        first += POSTS
    report(f"webhook, {CLIENTS} at once: post -> answer, ms", took)
    base, ours = (sorted(each)[len(each) // 2] for each in speeds.values())
    print(f"posts/s: {base:,.0f} and {ours:,.0f}: {ours / base:.2f} times as many\n")


async def ladder() -> None:
    """One urgent caller after the other."""
    Provider.got = asyncio.Event()
    took: list[float] = []
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        async with product(Path(folder)):
            reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
            for number in range(URGENTS):
                request = post(10_000_000 + number, "URGENT water is pouring through the ceiling")
                Provider.got.clear()
                began = time.perf_counter()
                await ask(reader, writer, request)
                async with asyncio.timeout(5):
                    await Provider.got.wait()
                took.append((Provider.at - began) * 1e3)
                await asyncio.sleep(0.05)
            writer.close()
    took.sort()
    p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
    print(
        f"urgent reply -> ladder's first text at the provider, ms: p50 {p50:.1f}, p99 {p99:.1f}, max {took[-1]:.1f}\n"
    )


@contextlib.asynccontextmanager
async def flooded(pid: int) -> AsyncIterator[None]:
    """The flood comes from a process of its own; what it did and what it cost is told at the end."""
    await listens()
    own = psutil.Process(pid)
    before, most = own.memory_info().rss, 0
    async with process(sys.executable, "-m", "tests.bench.webhook", "--flood"):
        watching = True

        async def watch() -> None:
            nonlocal most
            while watching:
                most = max(most, own.memory_info().rss)
                await asyncio.sleep(0.1)

        watcher = asyncio.create_task(watch())
        yield
        watching = False
        await watcher
    print(f"memory: {before / 2**20:.1f} MB before the flood, {most / 2**20:.1f} MB at most")


async def flood() -> None:
    """Forged, unsigned, replayed and oversized posts as fast as they are answered; connections that say nothing."""
    genuine = post(1, "STOP")
    requests = [
        post(2, "STOP", token="wrong"),
        genuine.replace(b"X-Twilio-Signature", b"X-No-Signature"),
        genuine,
        genuine.replace(b"Content-Length: ", b"Content-Length: 9"),
    ]
    counts = [0] * len(requests)

    async def flooder(kind: int) -> None:
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, StopIteration, RuntimeError):
                reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
                while True:
                    if kind == 3:
                        writer.write(requests[kind] + b"x" * 200_000)
                        await writer.drain()
                        await reader.read()
                        counts[kind] += 1
                        break
                    await ask(reader, writer, requests[kind])
                    counts[kind] += 1

    async def holder() -> None:
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
                writer.write(b"POST /hooks/sms HTTP/1.1\r\nX-Slow: ")
                while not reader.at_eof():
                    writer.write(b"a")
                    await asyncio.sleep(1)

    works = [flooder(n % len(requests)) for n in range(FLOODERS)] + [holder() for _ in range(HOLDERS)]
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(15, ended.set)
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in works]
        await ended.wait()
        for task in tasks:
            task.cancel()
    seconds = time.monotonic() - began
    forged, unsigned, replayed, oversized = (count / seconds for count in counts)
    print(
        f"flood: {forged:,.0f} forged, {unsigned:,.0f} unsigned, {replayed:,.0f} replayed, {oversized:,.0f} oversized "
        f"posts a second, {HOLDERS} connections held",
        flush=True,
    )


def hostile() -> None:
    """Side by side: the same calls, without and with the flood."""
    peer = PEERS["asterisk"]
    print(f"{'ring limit, ms after due':34}{'p50':>8}{'p99':>8}{'max':>8}")
    ring_limit.show("webhook on, nothing comes", asyncio.run(ring_limit.lateness(peer, 0, WEB)))
    late = asyncio.run(ring_limit.lateness(peer, 0, WEB, flooded))
    ring_limit.show("webhook flooded", late)


def main(which: str = "") -> None:
    """All three, or the one that is named."""
    if which in ("", "throughput"):
        asyncio.run(throughput())
    if which in ("", "ladder"):
        asyncio.run(ladder())
    if which in ("", "hostile"):
        hostile()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--least", folder]:
            run_least(Path(folder))
        case ["--flood"]:
            asyncio.run(flood())
        case [*named]:
            main(*named)
