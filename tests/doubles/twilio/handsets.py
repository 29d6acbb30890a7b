"""What handsets do by themselves: some answer each text ("I'm driving"), and our own numbers are handsets too."""

from collections.abc import Callable
from functools import partial

from tests.doubles.twilio.carrier import Message
from tests.doubles.twilio.clock import Later
from tests.doubles.twilio.rest import RestApi

ANSWERS_AFTER = 1.0
"""Seconds from a text's arrival to the answer of a handset that answers by itself."""


class Handsets:
    """`answers[number]`: with which words it answers every text of ours, by itself, for ever.

    A text to another number of the account comes in there as a received one.
    """

    def __init__(self, api: RestApi, reply: Callable[[str, str, str], Message]) -> None:
        self.answers: dict[str, str] = {}
        self._api, self._reply = api, reply
        self._later = Later(api.clock)

    def got(self, message: Message) -> None:
        """A text of ours is on its way to a handset."""
        if message.final.status not in ("delivered", "sent"):
            return
        arrives = message.final.at - self._api.now()
        if message.to in self.answers:
            self._after(arrives + ANSWERS_AFTER, message.to, self.answers[message.to], message.sender)
        if message.to in self._api.carrier.senders:
            self._after(arrives, message.sender, message.body, message.to)

    async def close(self) -> None:
        await self._later.stop()

    def _after(self, seconds: float, sender: str, body: str, to: str) -> None:
        self._later.after(seconds, partial(self._texts, sender, body, to))

    async def _texts(self, sender: str, body: str, to: str) -> None:
        self._reply(sender, body, to)
