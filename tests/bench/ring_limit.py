"""How late the ring limit fires: `python -m tests.bench.ring_limit [asterisk|freeswitch]`.

Idle, and with NOISE (5000) other events a second. The product runs whole, a socket's end away; phones ring and nobody
does anything. What counts is when the decision was taken (`decided_at` in the ledger) after the instant at which it was
due (`known_at`), both on the same clock.
"""

import asyncio
import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path

from tests.bench.latency import Provider, configured, process
from tests.bench.peers import PEERS, Pbx, Peer

CALLS = int(os.environ.get("CALLS", "500"))
NOISE = int(os.environ.get("NOISE", "5000"))
CYCLE = 2.0


async def noise(pbx: Pbx, rate: int) -> None:
    """Events that say nothing about legs, `rate` a second."""
    block = pbx.peer.noise() * max(1, rate // 100)
    while rate:
        pbx.send(block)
        await asyncio.sleep(0.01)


Beside = Callable[[int], AbstractAsyncContextManager[None]]
"""What goes on meanwhile; it is given the process that is measured."""


async def lateness(peer: Peer, rate: int, more: str = "", beside: Beside = lambda _: nullcontext()) -> list[float]:
    """Milliseconds after the due time, sorted. `more`: further tables of the configuration."""
    loop = asyncio.get_running_loop()
    provider = await loop.create_server(Provider, "127.0.0.1", 0)
    pbx = Pbx(peer)
    server = await asyncio.start_server(pbx.serve, "127.0.0.1", 0)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        folder, ports = Path(name), (server.sockets[0].getsockname()[1], provider.sockets[0].getsockname()[1])
        config = configured(folder, peer, *ports, f'rings = 1\nring_cycle = "{CYCLE:.0f}s"\n{more}')
        async with process("secondring", "run", "--config", str(config)) as pid:
            async with asyncio.timeout(20):
                await pbx.live.wait()
            await asyncio.sleep(0.5)
            async with beside(pid):
                hum = loop.create_task(noise(pbx, rate))
                for number in range(CALLS):
                    pbx.send(peer.call(number)[0])
                    await asyncio.sleep(0.0193)
                await asyncio.sleep(CYCLE + 1)
                hum.cancel()
        with sqlite3.connect(folder / "ledger.db") as db:
            rows = db.execute("SELECT (decided_at - known_at) * 1000 FROM calls WHERE reason = 'no_answer'").fetchall()
    server.close()
    provider.close()
    return sorted(float(row[0]) for row in rows)


def show(title: str, late: list[float]) -> None:
    """One line."""
    p50, p99 = late[len(late) // 2], late[len(late) * 99 // 100]
    print(f"{title:34}{p50:8.2f}{p99:8.2f}{late[-1]:8.2f}   min {late[0]:.2f}, n {len(late)}")


def main(peer: Peer) -> None:
    """Idle, then under load."""
    print(f"{peer.kind + ': ring limit, ms after due':34}{'p50':>8}{'p99':>8}{'max':>8}")
    show("idle", asyncio.run(lateness(peer, 0)))
    show(f"{NOISE:,} other events a second", asyncio.run(lateness(peer, NOISE)))


if __name__ == "__main__":
    for kind in sys.argv[1:] or PEERS:
        main(PEERS[kind])
