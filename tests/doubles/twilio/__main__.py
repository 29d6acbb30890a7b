"""The double as a process: prints its port on one line (with --page the page's address), serves until a signal."""

import argparse
import asyncio
import signal
from pathlib import Path

from tests.doubles.twilio.carrier import Sender
from tests.doubles.twilio.hook_troubles import hook_mix_named
from tests.doubles.twilio.rest import OUR_NUMBER
from tests.doubles.twilio.server import TwilioDouble
from tests.doubles.twilio.troubles import mix_named


async def serve(options: argparse.Namespace) -> None:
    senders = tuple(Sender(number, rate=options.rate) for number in options.number or [OUR_NUMBER])
    double = TwilioDouble(
        senders=senders,
        mix=mix_named(options.faults, options.seed),
        ledger=options.ledger,
        inbound_url=options.inbound_url,
        hook_mix=hook_mix_named(options.hook_faults, options.seed),
        page=options.page,
    )
    double.list_lag = options.list_lag
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await double.start(options.port)
    print(f"{double.base_url}/" if options.page else double.port, flush=True)
    await ended.wait()
    await double.close()


parser = argparse.ArgumentParser(prog="python -m tests.doubles.twilio", description=__doc__)
parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 takes a free one")
parser.add_argument("--ledger", type=Path, help="one JSON line per event, flushed")
parser.add_argument("--faults", default="none", help="none, mix, or shares: drops_after=0.2,late=0.1")
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--number", action="append", help=f"a number of the account (default {OUR_NUMBER})")
parser.add_argument("--rate", type=float, default=1.0, help="segments a second that leave the queue")
parser.add_argument("--list-lag", type=float, default=0.0, help="seconds until a message is listed")
parser.add_argument("--inbound-url", help="where received texts are posted (default: nowhere, they are polled for)")
parser.add_argument("--hook-faults", default="none", help="none, mix, or shares: twice=0.2,never=0.1")
parser.add_argument("--page", action="store_true", help="a page at / on which one plays the callers")
asyncio.run(serve(parser.parse_args()))
