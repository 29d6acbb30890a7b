"""A Twilio as nasty as the real one, with a record of what each handset got.

    async with TwilioDouble() as twilio:
        twilio.on_post(drops_after())
        ...
        twilio.at_most_one_per_miss()

or, as a process of its own that outlives the agent:

    python -m tests.doubles.twilio --port 0 --ledger FILE --faults mix --seed 7
"""

from tests.doubles.twilio.carrier import Sender
from tests.doubles.twilio.clock import VirtualClock
from tests.doubles.twilio.record import HandsetText, at_most_one_per_miss, events_of, handset_texts
from tests.doubles.twilio.server import ACCOUNT, API_KEY, API_SECRET, OUR_NUMBER, SERVICE, TOKEN, TwilioDouble

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
