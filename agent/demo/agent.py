"""The real agent as the demo runs it: `python -m agent.demo.agent --config FILE`.

It differs from `secondring run` in two things: it looks for replies as much more often as the day goes faster, and
where the console is configured, the callers and staff of the script are at the other end of it.
"""

import sys

from agent import service
from agent.cli.run import command
from agent.demo.day import SPEED
from agent.demo.handsets import Handsets
from agent.demo.script import Script
from sms import inbound
from sms.provider import Provider
from sms.providers import Account, open_provider

LOOK_EVERY = 0.4
"""Seconds between two looks for replies."""


def _open(account: Account) -> Provider:
    if account.provider == "console":
        return Handsets(sys.stdout, Script(SPEED))
    return open_provider(account)


if __name__ == "__main__":
    inbound.WHILE_FRESH = inbound.OTHERWISE = LOOK_EVERY
    service.open_provider = _open  # type: ignore[attr-defined]
    command()
