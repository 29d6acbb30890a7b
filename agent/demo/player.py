"""A PBX on loopback that plays recorded calls: `async with Player(...)`, or `python -m agent.demo.player`.

`Player` is an Asterisk, `FreeswitchPlayer` a FreeSWITCH. Load and crash tests use them; what they say happened (the
truth file) comes from the recordings, never from the agent under test.
"""

import asyncio
import contextlib
import math
import signal
import socket
import time
from collections.abc import Iterable
from pathlib import Path

import click

from agent.demo.asterisk import recording as asterisk
from agent.demo.asterisk.mix import MIX as ASTERISK_MIX
from agent.demo.asterisk.player import Player
from agent.demo.freeswitch import recording as freeswitch
from agent.demo.freeswitch.mix import MIX as FREESWITCH_MIX
from agent.demo.freeswitch.player import FreeswitchPlayer
from agent.demo.plan import PlanError, PlannedCall, read_mix, read_plan, steady

__all__ = ["FreeswitchPlayer", "Player"]

CATALOGUES = {"asterisk": asterisk.catalogue, "freeswitch": freeswitch.catalogue}
MIXES = {"asterisk": ASTERISK_MIX, "freeswitch": FREESWITCH_MIX}


async def _serve(player: Player | FreeswitchPlayer, linger: float) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    async with player:
        click.echo(f"port {player.port}")
        began = time.monotonic()
        asked = asyncio.create_task(stop.wait())
        played = asyncio.create_task(player.finished())
        await asyncio.wait({asked, played}, return_when=asyncio.FIRST_COMPLETED)
        took = time.monotonic() - began
        if played.done() and not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asked, linger)
        for task in (asked, played):
            task.cancel()
    click.echo(
        f"played {player.processed} calls, at most {player.most_in_flight} at once, "
        f"{player.events_sent} events in {took:.1f} s"
    )


@click.command()
@click.option("--pbx", type=click.Choice(("asterisk", "freeswitch")), default="asterisk", show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Loopback address to listen on.")
@click.option("--port", default=0, help="Port to listen on; 0 takes a free one. It is printed.")
@click.option("--secret", default="secret", help="Of the user `secondring`; FreeSWITCH: the socket's password, too.")
@click.option("--plan", "plan_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--rate", type=float, help="New calls a second, instead of a plan.")
@click.option("--seconds", type=float, default=60.0, show_default=True, help="How long new calls come.")
@click.option("--mix", help="NAME=WEIGHT,… of recordings for --rate.")
@click.option("--seed", default=1, show_default=True)
@click.option("--speed", default=1.0, show_default=True, help="Times as fast; 0: without waiting.")
@click.option("--cut", "cuts", type=int, multiple=True, help="Close the next connection after so many events.")
@click.option("--write-timeout", default=0.1, show_default=True, help="Asterisk: seconds a client may not read.")
@click.option("--linger", default=2.0, show_default=True, help="Seconds to stay up after the last call.")
@click.option("--cel", type=click.Path(dir_okay=False, path_type=Path), help="Asterisk: append CEL rows to this file.")
@click.option("--cdr", type=click.Path(file_okay=False, path_type=Path), help="FreeSWITCH: write records here.")
@click.option("--truth", type=click.Path(dir_okay=False, path_type=Path), help="Append the truth to this file.")
@click.option("--now", is_flag=True, help="Play at once instead of from the first listener on.")
def main(
    pbx: str, host: str, port: int, secret: str, plan_file: Path | None, rate: float | None, seconds: float,
    mix: str | None, seed: int, speed: float, cuts: tuple[int, ...], write_timeout: float, linger: float,
    cel: Path | None, cdr: Path | None, truth: Path | None, now: bool,
) -> None:  # fmt: skip
    """Play recorded calls as the PBX would send them, until they are through or SIGTERM."""
    known = CATALOGUES[pbx]()
    try:
        if not socket.gethostbyname(host).startswith("127."):
            raise PlanError(f"--host {host}: the player listens on loopback only")
        if (plan_file is None) == (rate is None):
            raise PlanError("give either --plan or --rate")
        plan: Iterable[PlannedCall]
        if plan_file is not None:
            plan = read_plan(plan_file, known)
        else:
            assert rate is not None
            plan = steady(rate, seconds, read_mix(mix, known) if mix else MIXES[pbx], seed)
        player: Player | FreeswitchPlayer
        if pbx == "freeswitch":
            player = FreeswitchPlayer(
                plan, secret=secret, host=host, port=port, speed=speed or math.inf, cdr=cdr, truth=truth, cuts=cuts,
                wait_for_client=not now,
            )  # fmt: skip
        else:
            player = Player(
                plan, secret=secret, host=host, port=port, speed=speed or math.inf, cel=cel, truth=truth, cuts=cuts,
                wait_for_client=not now, write_timeout=write_timeout,
            )  # fmt: skip
        asyncio.run(_serve(player, linger))
    except (PlanError, OSError) as problem:
        raise click.ClickException(str(problem)) from problem


if __name__ == "__main__":
    main()
