"""A Twilio as nasty as the real one, with a record of what each handset got.

    async with TwilioDouble() as twilio:
        twilio.on_post(drops_after())
        ...
        twilio.at_most_one_per_miss()

It calls webhooks too: `inbound_url` and each text's StatusCallback, with the troubles of `hook_troubles`.

    async with TwilioDouble(inbound_url=url) as twilio:
        twilio.on_hook(TWICE)
        twilio.reply("+12025550143", "Tuesday is fine")
        await twilio.record.wait_for("hook", 2)

Or, as a process of its own that outlives the agent, with a page on which one plays the callers:

    python -m tests.doubles.twilio --port 0 --ledger FILE --faults mix --seed 7 --page
"""

from tests.doubles.twilio.carrier import Sender
from tests.doubles.twilio.clock import VirtualClock
from tests.doubles.twilio.record import HandsetText, at_most_one_per_miss, events_of, handset_texts
from tests.doubles.twilio.rest import ACCOUNT, API_KEY, API_SECRET, OUR_NUMBER, SERVICE, TOKEN
from tests.doubles.twilio.server import TwilioDouble

__all__ = [
    "ACCOUNT",
    "API_KEY",
    "API_SECRET",
    "OUR_NUMBER",
    "SERVICE",
    "TOKEN",
    "HandsetText",
    "Sender",
    "TwilioDouble",
    "VirtualClock",
    "at_most_one_per_miss",
    "events_of",
    "handset_texts",
]
