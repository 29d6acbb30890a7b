"""The real agent as the demo runs it: `python -m agent.demo.agent CONFIG`.

It differs from `secondring run` in three things: it fetches replies as much more often as the day goes faster; where
the console is configured, the callers and staff of the script are at the other end of it; and it ends when its standard
input does, so that it never outlives the demo, however that ends.
"""

import asyncio
import logging
import sys
from pathlib import Path

from agent.config.load import load
from agent.demo.day import SPEED
from agent.demo.handsets import Handsets
from agent.demo.script import Script
from agent.service import Service
from sms.inbound import Pace
from sms.provider import Provider
from sms.providers import Account, open_provider

LOOK_EVERY = 0.4
"""Seconds between two looks for replies."""


def _open(account: Account) -> Provider:
    if account.provider == "console":
        return Handsets(sys.stdout, Script(SPEED))
    return open_provider(account)


async def _run(config: Path) -> None:
    service = Service(load(config), provider=_open, pace=Pace(LOOK_EVERY, LOOK_EVERY))
    asyncio.get_running_loop().add_reader(sys.stdin, service.stop)
    await service.run()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)-7s %(name)s %(message)s")
    asyncio.run(_run(Path(sys.argv[1])))
