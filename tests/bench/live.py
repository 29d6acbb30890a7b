"""From a real Asterisk's deciding event to the request at the provider, beside the least chain that could do it.

`python -m tests.bench.live`. Real SIP callers ring a real phone and give up after a moment. The manager interface goes
through a relay in this process, which notes when it passes on the event that decides; the provider is here too, so one
clock sees both ends. The product runs whole; the least chain logs in as the same user, commits one row and posts a
form, deciding nothing. In turn, ROUNDS (5) times CALLS (100); quote the ratios.
"""

import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from tests.bench import latency
from tests.bench.peers import PEERS
from tests.lab.agent import Agent
from tests.lab.asterisk import FIRST_OFFICE, SECRET, Asterisk, Office
from tests.lab.sip_scripts import CallerPlan, PhonePlan, caller, phone
from tests.lab.sipp import Sipp

ROUNDS = int(os.environ.get("ROUNDS", "5"))
CALLS = int(os.environ.get("CALLS", "100"))  # there are a hundred fictional numbers, and a caller is texted once
EVERY = 0.2
GIVES_UP = 0.5
SETTLED = 5.0
"""Seconds after which what is done once at a start is over: the product reads the PBX's records then."""
END = b"\r\n\r\n"
DECIDES = (b"HangupRequest", b"SoftHangupRequest", b"Hangup")


def decided(frame: bytes) -> str | None:
    """Whose call this event decides: the caller's number, if his own leg is going."""
    fields = dict(line.split(b": ", 1) for line in frame.split(b"\r\n") if b": " in line)
    if fields.get(b"Event") in DECIDES and fields.get(b"Uniqueid") == fields.get(b"Linkedid"):
        return fields.get(b"CallerIDNum", b"").decode()
    return None


class Relay:
    """Between the manager interface and who listens. `passed`: number -> when its deciding event was passed on, ns."""

    def __init__(self, pbx: str) -> None:
        self.passed: dict[str, int] = {}
        self._pbx = pbx

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side goes."""
        theirs, to_pbx = await asyncio.open_connection(self._pbx, 5038)
        ways = [asyncio.create_task(_copy(reader, to_pbx)), asyncio.create_task(self._watch(theirs, writer))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for end in (writer, to_pbx):
            end.close()
        await asyncio.wait(ways)

    async def _watch(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        rest = b""
        while data := await reader.read(65536):
            *frames, rest = (rest + data).split(END)
            now = time.monotonic_ns()
            for number in filter(None, map(decided, frames)):
                self.passed.setdefault(number, now)
            writer.write(data)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)


class Provider(latency.Provider):
    """Notes when the first byte of each request for a text came: number -> ns."""

    asked: dict[str, int]

    def data_received(self, data: bytes) -> None:
        if not self._rest:
            self._first = time.monotonic_ns()
        request = self._rest + data
        _, found, number = request.partition(b"To=%2B")
        if found and request.startswith(b"POST"):
            self.asked.setdefault(f"+{number.split(b'&')[0].decode()}", self._first)
        super().data_received(data)


@contextlib.asynccontextmanager
async def product(pbx: Asterisk, line: str, relay: str, provider: int, folder: Path) -> AsyncIterator[None]:
    """`secondring run`, under the shipped manager user."""
    agent = Agent(folder / "agent", pbx, f"http://127.0.0.1:{provider}", {line: 'min_ring = "0s"'}, relay)
    await agent.start()
    try:
        await asyncio.sleep(SETTLED)
        yield
    finally:
        await agent.stop()


@contextlib.asynccontextmanager
async def least(_: Asterisk, __: str, relay: str, provider: int, folder: Path) -> AsyncIterator[None]:
    """The least chain, in a process of its own."""
    command = (sys.executable, "-m", "tests.bench.live", "--least", relay, str(provider), str(folder))
    async with latency.process(*command):
        await asyncio.sleep(SETTLED)
        yield


async def measure(pbx: Asterisk, office: Office, folder: Path, passed: dict[str, int]) -> list[float]:
    """Milliseconds from passing on the deciding event to the request's first byte, of every call."""
    callers = []
    for n in range(CALLS):
        script = caller(CallerPlan(f"+12025550{100 + n}", office.did, GIVES_UP))
        sipp = Sipp(script, f"{pbx.network.prefix}.1.{1 + n}", pbx.network.pbx, folder, f"caller{n}")
        await sipp.start(calls=1)
        callers.append(sipp)
        await asyncio.sleep(EVERY)
    for sipp in callers:
        await sipp.wait()
    await asyncio.sleep(1.0)
    if len(passed) != CALLS or set(passed) != set(Provider.asked):
        raise RuntimeError(f"{CALLS} calls, {len(passed)} of them decided, {len(Provider.asked)} texted")
    return [(Provider.asked[number] - at) / 1e6 for number, at in passed.items()]


Variant = Callable[[Asterisk, str, str, int, Path], contextlib.AbstractAsyncContextManager[None]]


async def main() -> None:
    """Both in turn, every round; one table."""
    office = Office(FIRST_OFFICE, "direct", ring=20)
    pbx = Asterisk("22", [office])
    variants: dict[str, Variant] = {"the least chain": least, "secondring run": product}
    took: dict[str, list[list[float]]] = {name: [] for name in variants}
    provider = await asyncio.get_running_loop().create_server(Provider, "127.0.0.1", 0)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as top:
        desk = Sipp(phone(PhonePlan()), f"{pbx.network.prefix}.{office.number}.1", pbx.network.pbx, Path(top), "phone")
        try:
            await pbx.start()
            await desk.start()
            for turn in range(ROUNDS):
                for name, variant in variants.items():
                    folder = Path(top) / f"{turn}-{name.replace(' ', '-')}"
                    folder.mkdir()
                    relay = Relay(pbx.network.pbx)
                    address = f"{pbx.network.prefix}.250.1"
                    server = await asyncio.start_server(relay.serve, address, 5038)
                    Provider.asked = {}
                    async with variant(pbx, office.did, address, provider.sockets[0].getsockname()[1], folder):
                        took[name].append(await measure(pbx, office, folder, relay.passed))
                    server.close()
        finally:
            await desk.stop()
            await pbx.close()
    latency.report("Asterisk, live: deciding event -> POST, ms", took)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--least"]:
        with contextlib.suppress(KeyboardInterrupt, asyncio.IncompleteReadError):
            hello = f"Action: Login\r\nUsername: secondring\r\nSecret: {SECRET}\r\n\r\n".encode()
            pbx = (sys.argv[2], 5038)
            asyncio.run(
                latency.run_least(pbx, hello, PEERS["asterisk"].frame, decided, int(sys.argv[3]), Path(sys.argv[4]))
            )
    else:
        asyncio.run(main())
