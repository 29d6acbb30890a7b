"""`make demo`: `secondring demo` beside a double of Twilio, so that people can play callers on the double's page.

Arguments are the demo's. The page is at port 8444, or at another one if that is taken.
"""

import asyncio
import signal
import sys

from tests.doubles.twilio.carrier import Sender
from tests.doubles.twilio.rest import OUR_NUMBER
from tests.doubles.twilio.server import TwilioDouble

PORT = 8444
RATE = 50.0  # segments a second: the day goes faster than a carrier does


async def show(*arguments: str) -> int:
    """The demo's exit code."""
    double = TwilioDouble(senders=(Sender(OUR_NUMBER, rate=RATE),), page=True)
    try:
        await double.start(PORT)
    except OSError:
        await double.start()
    try:
        demo = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "agent", "demo", "--sms-url", f"{double.base_url}/", *arguments
        )
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, lambda: None)  # Ctrl-C reaches the demo, too, which ends in order
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, demo.terminate)
        return await demo.wait()
    finally:
        await double.close()


if __name__ == "__main__":
    sys.exit(asyncio.run(show(*sys.argv[1:])))
