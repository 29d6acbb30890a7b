"""A Telnyx as nasty as the real one, with a record of what each handset got.

    async with TelnyxDouble() as telnyx:
        telnyx.on_post(drops_after())
        ...
        telnyx.at_most_one_per_miss()

Record, clock and network troubles are those of the Twilio double.
"""

from tests.doubles.telnyx.carrier import Message, Sender
from tests.doubles.telnyx.hooks import PUBLIC_KEY, Webhook, signed
from tests.doubles.telnyx.server import API_KEY, OUR_NUMBER, PROFILE, TelnyxDouble

__all__ = ["API_KEY", "OUR_NUMBER", "PROFILE", "PUBLIC_KEY", "Message", "Sender", "TelnyxDouble", "Webhook", "signed"]
