"""Readers of a PBX's bytes side by side: the same bytes from a loopback socket, each in a process of its own, in turn.

Variants run in turn, ROUNDS (5) times; quote the ratios, which are medians within one run, never the absolute figures.
"""

import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

ROUNDS = int(os.environ.get("ROUNDS", "5"))


class Done:
    """Counts events; at the last one prints the seconds since the start and leaves the process."""

    def __init__(self, total: int) -> None:
        self.total, self.seen, self.began = total, 0, time.perf_counter()

    def __call__(self, *_: object) -> None:
        self.add(1)

    def add(self, count: int) -> None:
        self.seen += count
        if self.seen >= self.total:
            print(time.perf_counter() - self.began, flush=True)
            os._exit(0)


@dataclass(frozen=True, slots=True)
class Variant:
    """One reader: what connects to a port and counts. `python`: its environment; `share` of the events it is given."""

    run: Callable[[int, Done], None]
    python: str = sys.executable
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Stream:
    """What a PBX sends: its greeting, its answer to the first bytes of the client, then `block` over and over."""

    greeting: bytes
    reply: bytes
    block: bytes
    events: int


def serve(stream: Stream, times: int) -> int:
    """A server for one client; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        client, _ = listener.accept()
        listener.close()
        client.sendall(stream.greeting)
        try:
            client.recv(4096)
            client.sendall(stream.reply)
            for _ in range(times):
                client.sendall(stream.block)
            while client.recv(4096):
                pass
        except OSError:
            pass

    threading.Thread(target=run, daemon=True).start()
    return int(listener.getsockname()[1])


def compare(module: str, title: str, variants: Mapping[str, Variant], stream: Stream, total: int) -> None:
    """Every variant in turn, each round, about `total` events; medians of events/s with their ratios to each other."""
    took: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(ROUNDS):
        for name, variant in variants.items():
            times = max(1, round(total * variant.share / stream.events))
            count = times * stream.events
            command = [variant.python, "-m", module, "--run", name, str(serve(stream, times)), str(count)]
            out = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
            took[name].append(count / float(out.stdout.split()[-1]))
    print(f"\n{title}: events of {len(stream.block) / stream.events:.0f} bytes")
    medians = {name: statistics.median(speeds) for name, speeds in took.items()}
    print(f"{'':34}{'events/s':>10}   range" + " " * 14 + "times as fast as " + " / ".join(variants))
    for name, speeds in took.items():
        ratios = " / ".join(f"{medians[name] / base:.2f}" for base in medians.values())
        spread = f"{min(speeds):,.0f}–{max(speeds):,.0f}"
        print(f"{name:34}{medians[name]:10,.0f}   {spread:19}{ratios}")


def run_if_asked(variants: Mapping[str, Variant]) -> bool:
    """In a variant's own process: run it, and don't come back."""
    if sys.argv[1:2] != ["--run"]:
        return False
    variants[sys.argv[2]].run(int(sys.argv[3]), Done(int(sys.argv[4])))
    return True
