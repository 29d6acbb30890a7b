"""The double, a receiver of its webhooks and our provider, in virtual time."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from sms.provider import Accepted, OutgoingText
from sms.twilio.client import TwilioProvider
from sms.twilio.rest import TwilioAccount
from tests.doubles.receiver import Receiver
from tests.doubles.twilio import ACCOUNT, OUR_NUMBER, TOKEN, Sender, TwilioDouble
from tests.virtual_time import LoopClock, clock

ANNA = "+12025550143"


@dataclass
class Scene:
    twilio: TwilioDouble
    receiver: Receiver
    provider: TwilioProvider
    _refs: list[str] = field(default_factory=list)

    async def send(self, to: str = ANNA) -> str:
        """Our text to a caller, with a StatusCallback that has our own id in it; its sid."""
        self._refs.append(f"{len(self._refs):032x}")
        fate = await self.provider.send(OutgoingText(self._refs[-1], to, "Sorry. Reply STOP to opt out.", 600))
        assert isinstance(fate, Accepted)
        return fate.sid

    def hooks(self) -> list[tuple[object, object, object]]:
        """What the double recorded of its calls: status answered, attempt, failure."""
        return [(e["status"], e["attempt"], e["failure"]) for e in self.twilio.record.of("hook")]

    def errors(self) -> list[object]:
        return [e["code"] for e in self.twilio.record.of("error")]


@contextlib.asynccontextmanager
async def scene(fragment: str = "", senders: tuple[Sender, ...] = ()) -> AsyncIterator[Scene]:
    async with Receiver(clock) as receiver, TwilioDouble(LoopClock(), senders=senders) as twilio:
        twilio.hooks.inbound_url = receiver.url() + fragment
        account = TwilioAccount(
            ACCOUNT, ACCOUNT, TOKEN, OUR_NUMBER, base_url=twilio.base_url, hook_url=receiver.url("/hooks/status")
        )
        provider = TwilioProvider(account, now=clock)
        try:
            yield Scene(twilio, receiver, provider)
        finally:
            await provider.close()
