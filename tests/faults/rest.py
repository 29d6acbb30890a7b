"""The end of a fault test: everything comes to rest, the agent is stopped, and the judge speaks."""

import asyncio
import time

from tests.faults.judge import Judgement, judge
from tests.faults.world import World

MOVING = """
SELECT (SELECT count(*) FROM texts WHERE state IN ('queued', 'sending'))
     + (SELECT count(*) FROM texts WHERE state = 'unknown' AND asked = 0)
     + (SELECT count(*) FROM calls WHERE ended_at IS NULL) AS left
"""
"""What still moves: texts under way, texts of unknown fate not yet asked for, calls without an end."""

CATCHES_UP_WITHIN = 15.0
"""Seconds in which the agent reads the records of what it missed."""


async def comes_to_rest(around: World) -> Judgement:
    """Let the last call end and the agent finish, stop it in order, and judge."""
    await around.quiet()
    last_call = time.monotonic()
    await around.agent.until(MOVING, 90.0)
    found = judge(around.truth, around.handsets, around.agent)
    while found.wrong and time.monotonic() < last_call + CATCHES_UP_WITHIN:
        await asyncio.sleep(0.5)
        found = judge(around.truth, around.handsets, around.agent)
    if (code := await around.agent.end()) != 0:
        found.wrong.append(f"the agent ended with {code} when it was stopped")
    if "Traceback" in around.agent.said():
        found.wrong.append(f"the agent raised:\n{around.agent.said()[-2000:]}")
    return found
