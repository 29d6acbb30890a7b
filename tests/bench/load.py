"""A thousand calls in flight, 200 new ones a second, for a minute: is anything lost, how late, at what cost?

`python -m tests.bench.load [asterisk|freeswitch]`. PBX, provider and agent are three processes; SECONDS (60), RATE
(200) and IN_FLIGHT (1000) can be set. The PBX plays the usual mix, as fast as makes so many calls at that rate.

How late a decision is: from the deciding event's last byte, written by the PBX (its truth file), to the agent's line
about it in its log, which is written once the decision is committed and tells milliseconds; and to the first byte of
the request at the provider.
"""

import asyncio
import os
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from agent.demo.player import CATALOGUES, MIXES
from tests.doubles.twilio import OUR_NUMBER, events_of
from tests.faults.agent import KINDS, SECRET, Agent, Kind
from tests.faults.judge import Judgement, judge, played
from tests.faults.rest import MOVING

RATE = float(os.environ.get("RATE", "200"))
SECONDS = float(os.environ.get("SECONDS", "60"))
IN_FLIGHT = float(os.environ.get("IN_FLIGHT", "1000"))
STARTS = 5
QUIET = 130.0
"""Seconds without a call after which memory is looked at: it is given back once a minute."""
SHARES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999, "longest": 1.0}
MB = 1024 * 1024


def mean_seconds(kind: Kind) -> float:
    """How long a call of the mix lasts on average, as it was recorded."""
    known, mix = CATALOGUES[kind.name](), MIXES[kind.name]
    return sum(known[name].seconds * weight for name, weight in mix.items()) / sum(mix.values())


async def process(*words: str) -> tuple[asyncio.subprocess.Process, int]:
    """A process that says its port first, and that port."""
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", *words, stdout=asyncio.subprocess.PIPE)
    assert child.stdout is not None
    return child, int((await child.stdout.readline()).split()[-1])


async def starts(agent: Agent) -> tuple[list[float], list[float]]:
    """Seconds to ready and MB at rest, of several starts without a call."""
    seconds, sizes = [], []
    for _ in range(STARTS):
        seconds.append(await agent.start())
        await asyncio.sleep(3.0)
        sizes.append(size_of(agent))
        await agent.end()
    return seconds, sizes


def size_of(agent: Agent) -> float:
    """Its resident memory, MB."""
    assert agent.process is not None
    pages = int(Path(f"/proc/{agent.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MB


def cpu_of(*processes: asyncio.subprocess.Process | None) -> float:
    """Seconds of CPU these have used together."""
    ticks = 0
    for child in processes:
        assert child is not None
        fields = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


async def watch(agent: Agent, sizes: list[float]) -> None:
    """Its memory, twice a second, until cancelled."""
    while True:
        sizes.append(size_of(agent))
        await asyncio.sleep(0.5)


def decided_at(agent: Agent) -> dict[str, float]:
    """When the decision about each call was in the ledger, by the agent's log (epoch s)."""
    found = {}
    for line in agent.said().splitlines():
        if " call=" in line and " decision=" in line:
            name = line.partition(" call=")[2].split()[0]
            found[name] = datetime.strptime(line[:23], "%Y-%m-%d %H:%M:%S,%f").timestamp()
    return found


def lateness(truth: Path, handsets: Path, agent: Agent) -> tuple[list[float], list[float]]:
    """Milliseconds from each deciding event to its decision, and to its request at the provider; sorted."""
    ahead = time.time() - time.monotonic()
    decided = decided_at(agent)
    asked = {str(e["to"]): int(str(e["first_byte_ns"])) for e in events_of(handsets) if e["event"] == "post"}
    decisions, requests = [], []
    for call in played(truth):
        if call.answered or call.deciding_ns is None:
            continue
        known = call.deciding_ns / 1e9 + ahead
        if call.id in decided:
            decisions.append((decided[call.id] - known) * 1000)
        if call.caller in asked:
            requests.append((asked[call.caller] - call.deciding_ns) / 1e6)
    return sorted(decisions), sorted(requests)


def spread(title: str, took: Sequence[float]) -> str:
    """One line of the table."""
    if not took:
        return f"{title:46} none"
    p99, p999 = took[int(0.99 * (len(took) - 1))], took[int(0.999 * (len(took) - 1))]
    return (
        f"{title:46} p50 {statistics.median(took):7.1f}   p99 {p99:7.1f}   p99.9 {p999:7.1f}   max {took[-1]:7.1f} ms"
    )


async def load(kind: Kind, folder: Path) -> None:
    """One run, told as a table."""
    speed = mean_seconds(kind) * RATE / IN_FLIGHT
    truth, handsets = folder / "truth.jsonl", folder / "handsets.jsonl"
    provider, provider_port = await process(
        "tests.doubles.twilio", "--rate", "100000", "--ledger", str(handsets), "--number", OUR_NUMBER
    )
    pbx, pbx_port = await process(
        "agent.demo.player", "--pbx", kind.name, "--secret", SECRET, "--rate", f"{RATE / speed}",
        "--seconds", f"{SECONDS * speed}", "--speed", f"{speed}", "--truth", str(truth), "--write-timeout", "5",
        "--linger", "600",
    )  # fmt: skip
    try:
        idle = Agent(_sub(folder, "idle"), _nobody(), f"http://127.0.0.1:{provider_port}", kind=kind, speed=1.0)
        ready, resting = await starts(idle)
        agent = Agent(_sub(folder, "busy"), pbx_port, f"http://127.0.0.1:{provider_port}", kind=kind, speed=speed)
        await agent.start()
        before, sizes = size_of(agent), list[float]()
        watching = asyncio.create_task(watch(agent, sizes))
        began = time.monotonic()
        await _through(truth, round(RATE * SECONDS), SECONDS + 60.0)
        took = time.monotonic() - began
        spent, theirs = cpu_of(agent.process), cpu_of(pbx, provider)
        found = await _rest(truth, handsets, agent)
        await asyncio.sleep(QUIET)
        watching.cancel()
        after = size_of(agent)
        decisions, requests = lateness(truth, handsets, agent)
        await agent.end()
    finally:
        for child in (pbx, provider):
            child.terminate()
            await child.wait()
    print(
        f"{kind.name}: {RATE:g} new calls a second for {SECONDS:g} s, {IN_FLIGHT:g} in flight (speed {speed:.2f}), "
        f"in {took:.1f} s"
    )
    print(f"{'lost or wrong':46} {len(found.wrong)}")
    print("".join(f"    {wrong}\n" for wrong in found.wrong[:5]), end="")
    print(f"{'what came of it':46} {found}")
    print(spread("from the deciding event to the commit", decisions))
    print(spread("from the deciding event to the request", requests))
    print(f"{'CPU of the agent, and of PBX and provider':46} {spent:.1f} s, {theirs:.1f} s")
    print(f"{'memory before, most, after':46} {before:.1f}, {max(sizes):.1f}, {after:.1f} MB")
    print(f"{'memory at rest (no PBX), median of 5':46} {statistics.median(resting):.1f} MB")
    print(f"{'start to ready (no PBX), median of 5, longest':46} {statistics.median(ready):.2f}, {max(ready):.2f} s")


async def _through(truth: Path, calls: int, within: float) -> None:
    """Wait until so many calls have been played."""
    deadline = time.monotonic() + within
    while _played(truth) < calls:
        if time.monotonic() > deadline:
            raise TimeoutError(f"only {_played(truth)} of {calls} calls were played in {within:g} s")
        await asyncio.sleep(1.0)


def _played(truth: Path) -> int:
    return truth.read_bytes().count(b'"part": 0') if truth.exists() else 0


async def _rest(truth: Path, handsets: Path, agent: Agent) -> Judgement:
    await agent.until(MOVING, 60.0)
    return judge(truth, handsets, agent)


def _sub(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def _nobody() -> int:
    """A port on which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


def main(kind: Kind) -> None:
    """Run once, in a folder of BENCH_DIR."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        asyncio.run(load(kind, Path(folder)))


if __name__ == "__main__":
    for one in KINDS:
        if one.name in (sys.argv[1:] or [one.name]):
            main(one)
