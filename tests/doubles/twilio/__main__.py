"""The double as a process: prints its port on one line, serves until it is ended by a signal."""

import argparse
import asyncio
import signal
from pathlib import Path

from tests.doubles.twilio.carrier import Sender
from tests.doubles.twilio.server import OUR_NUMBER, TwilioDouble
from tests.doubles.twilio.troubles import mix_named


async def serve(options: argparse.Namespace) -> None:
    mix = mix_named(options.faults, options.seed)
    senders = tuple(Sender(number, rate=options.rate) for number in options.number or [OUR_NUMBER])
    double = TwilioDouble(senders=senders, mix=mix, ledger=options.ledger)
    double.list_lag = options.list_lag
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await double.start(options.port)
    print(double.port, flush=True)
    await ended.wait()
    await double.down()
    double.record.close()


parser = argparse.ArgumentParser(prog="python -m tests.doubles.twilio", description=__doc__)
parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 takes a free one")
parser.add_argument("--ledger", type=Path, help="one JSON line per event, flushed")
parser.add_argument("--faults", default="none", help="none, mix, or shares: drops_after=0.2,late=0.1")
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--number", action="append", help=f"a number of the account (default {OUR_NUMBER})")
parser.add_argument("--rate", type=float, default=1.0, help="segments a second that leave the queue")
parser.add_argument("--list-lag", type=float, default=0.0, help="seconds until a message is listed")
asyncio.run(serve(parser.parse_args()))
