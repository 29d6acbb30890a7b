"""Each SMS provider with the world around it, which can be made to fail: the stages of test_providers.py."""

import io
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol
from urllib.parse import parse_qsl, urlencode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from twilio.request_validator import RequestValidator

from sms.console import ConsoleProvider
from sms.provider import Accepted, Fault, Posted, Provider
from sms.telnyx.client import TelnyxProvider
from sms.telnyx.rest import TelnyxAccount
from sms.twilio.client import TwilioProvider
from sms.twilio.rest import TwilioAccount
from tests.doubles import telnyx
from tests.doubles.telnyx import TelnyxDouble, Webhook, signed
from tests.doubles.twilio import ACCOUNT, OUR_NUMBER, TOKEN, TwilioDouble, VirtualClock
from tests.doubles.twilio.troubles import drops_after, drops_before, hangs

NOON = 1_750_000_000.0
CALLER = "+12025550143"
HOOK = "https://pbx.example/hooks/sms"
REF = "0123456789abcdef0123456789abcdef"


class Stage(Protocol):
    """A provider and the world around it."""

    provider: Provider

    def got(self, number: str) -> list[str]:
        """The bodies that reached a handset (or the screen), or are on their way."""
        ...

    async def down(self) -> None:
        """From now on the provider can't be reached."""
        ...


class AskingStage(Stage, Protocol):
    """The world of a provider that can be asked afterwards."""

    now: VirtualClock
    late_faults: Mapping[Fault, int]

    def refuse(self, fault: Fault) -> None:
        """The next text to CALLER is refused for this."""
        ...

    def lose_answer(self, *, taken: bool) -> None:
        """The next text's answer is lost."""
        ...

    def will_hang(self) -> None:
        """The next text is taken and never answered."""
        ...

    async def hangs(self) -> None:
        """Return once it is taken."""
        ...

    def fail_late(self, code: int) -> None:
        """Texts to CALLER end with this code."""
        ...

    def reply(self, body: str) -> None:
        """The person at CALLER texts us."""
        ...


class HookStage(AskingStage, Protocol):
    """The world of a provider that posts to our webhook."""

    proof: Sequence[str]  # the headers that prove a request
    proof_lasts: float | None  # seconds; None: for ever

    def replied(self, body: str) -> Posted:
        """What is posted when CALLER texts us."""
        ...

    def told(self, fate: Accepted) -> list[Posted]:
        """What is posted of a text of ours with the id REF, so far, in order."""
        ...

    def genuine(self, body: bytes) -> Posted:
        """Any bytes, proven as the provider proves (where it could have sent them)."""
        ...

    def forged(self, posted: Posted) -> Posted:
        """The same, proven with a secret that isn't the account's."""
        ...

    def of_another_account(self, posted: Posted) -> Posted:
        """The same, posted by the provider for somebody else."""
        ...

    def unequipped(self) -> Provider:
        """The provider without anything to prove a request with."""
        ...


class ConsoleStage:
    def __init__(self) -> None:
        self.out = io.StringIO()
        self.provider: Provider = ConsoleProvider(self.out)

    def got(self, number: str) -> list[str]:
        printed = "" if self.out.closed else self.out.getvalue()
        return re.findall(rf"text to {re.escape(number)}:\n  (.*)\n", printed)

    async def down(self) -> None:
        self.out.close()


class TwilioStage:
    late_faults: Mapping[Fault, int] = {
        Fault.NO_TEXTS: 30006,
        Fault.UNREACHABLE: 30003,
        Fault.BLOCKED: 30004,
        Fault.FILTERED: 30007,
        Fault.ACCOUNT: 30034,
        Fault.OPTED_OUT: 21610,
        Fault.RATE: 30022,
        Fault.OTHER: 39999,
    }
    proof: Sequence[str] = ("x-twilio-signature",)
    proof_lasts: float | None = None

    def __init__(self, double: TwilioDouble, clock: VirtualClock) -> None:
        self.double = double
        self.now = clock
        self._account = TwilioAccount(
            ACCOUNT, ACCOUNT, TOKEN, OUR_NUMBER, base_url=double.base_url, hook_url=HOOK, hook_secrets=(TOKEN,)
        )
        self.provider: Provider = TwilioProvider(self._account, now=clock.now)

    def got(self, number: str) -> list[str]:
        return [text.body for text in self.double.handset(number)]

    async def down(self) -> None:
        await self.double.down()

    def refuse(self, fault: Fault) -> None:
        match fault:
            case Fault.OPTED_OUT:
                self.double.carrier.opted_out.add((OUR_NUMBER, CALLER))
            case Fault.NO_TEXTS:
                self.double.carrier.not_mobile.add(CALLER)
            case Fault.COUNTRY:
                self.double.carrier.countries = ("+44",)
            case Fault.ACCOUNT:
                self.double.tokens.clear()
            case _:
                raise AssertionError(f"no way to make Twilio refuse for {fault}")

    def lose_answer(self, *, taken: bool) -> None:
        self.double.on_post(drops_after() if taken else drops_before())

    def will_hang(self) -> None:
        self.double.on_post(hangs(stores=True))

    async def hangs(self) -> None:
        await self.double.record.wait_for("stored")

    def fail_late(self, code: int) -> None:
        self.double.carrier.fates[CALLER] = code

    def reply(self, body: str) -> None:
        self.double.reply(CALLER, body)

    def replied(self, body: str) -> Posted:
        sid = self.double.reply(CALLER, body).sid
        fields = {"From": CALLER, "To": OUR_NUMBER, "Body": body, "NumMedia": "0", "SmsStatus": "received"}
        return self._posted(HOOK, fields | {"MessageSid": sid, "AccountSid": ACCOUNT})

    def told(self, fate: Accepted) -> list[Posted]:
        message, now = self.double.carrier.messages[fate.sid], self.now.now()
        url = (message.callback or "").partition("#")[0]
        told = []
        for step in (step for step in message.plan if step.at <= now and step.status != "queued"):
            fields = {"MessageSid": fate.sid, "MessageStatus": step.status, "AccountSid": ACCOUNT}
            told.append(self._posted(url, fields | ({} if step.error is None else {"ErrorCode": str(step.error)})))
        return told

    def genuine(self, body: bytes) -> Posted:
        return self._posted(HOOK, dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)), body)

    def forged(self, posted: Posted) -> Posted:
        return self._posted(posted.url, _fields(posted), secret="another token")

    def of_another_account(self, posted: Posted) -> Posted:
        return self._posted(posted.url, _fields(posted) | {"AccountSid": "AC" + "9" * 32})

    def unequipped(self) -> Provider:
        return TwilioProvider(replace(self._account, hook_secrets=()))

    def _posted(self, url: str, fields: Mapping[str, str], body: bytes | None = None, secret: str = TOKEN) -> Posted:
        signature = RequestValidator(secret).compute_signature(url, fields)
        return Posted(url, {self.proof[0]: signature}, urlencode(fields).encode() if body is None else body)


class TelnyxStage:
    late_faults: Mapping[Fault, int] = {
        Fault.NO_TEXTS: 40001,
        Fault.UNREACHABLE: 40008,
        Fault.FILTERED: 40002,
        Fault.ACCOUNT: 40010,
        Fault.OPTED_OUT: 40300,
        Fault.RATE: 40016,
        Fault.OTHER: 49999,
    }
    proof: Sequence[str] = ("telnyx-signature-ed25519", "telnyx-timestamp")
    proof_lasts: float | None = 300.0

    def __init__(self, double: TelnyxDouble, clock: VirtualClock) -> None:
        self.double = double
        self.now = clock
        self._account = TelnyxAccount(
            telnyx.API_KEY,
            telnyx.OUR_NUMBER,
            base_url=double.base_url,
            hook_url=HOOK,
            public_key=telnyx.PUBLIC_KEY,
        )
        self.provider: Provider = TelnyxProvider(self._account, now=clock.now)

    def got(self, number: str) -> list[str]:
        return [text.body for text in self.double.handset(number)]

    async def down(self) -> None:
        await self.double.down()

    def refuse(self, fault: Fault) -> None:
        match fault:
            case Fault.OPTED_OUT:
                self.double.carrier.opted_out.add((telnyx.PROFILE, CALLER))
            case Fault.NO_TEXTS:
                self.double.carrier.takes_no_texts.add(CALLER)
            case Fault.COUNTRY:
                self.double.carrier.countries = ("+44",)
            case Fault.ACCOUNT:
                self.double.api_keys.clear()
            case _:
                raise AssertionError(f"no way to make Telnyx refuse for {fault}")

    def lose_answer(self, *, taken: bool) -> None:
        self.double.on_post(drops_after() if taken else drops_before())

    def will_hang(self) -> None:
        self.double.on_post(hangs(stores=True))

    async def hangs(self) -> None:
        await self.double.record.wait_for("stored")

    def fail_late(self, code: int) -> None:
        self.double.carrier.fates[CALLER] = code

    def reply(self, body: str) -> None:
        self.double.reply(CALLER, body)

    def replied(self, body: str) -> Posted:
        self.reply(body)
        return _posted(self.double.webhooks()[-1])

    def told(self, fate: Accepted) -> list[Posted]:
        return [_posted(hook) for hook in self.double.webhooks() if fate.sid.encode() in hook.body]

    def genuine(self, body: bytes) -> Posted:
        return _posted(signed(HOOK, body, self.now.now()))

    def forged(self, posted: Posted) -> Posted:
        return _posted(signed(posted.url, posted.body, self.now.now(), Ed25519PrivateKey.generate()))

    def of_another_account(self, posted: Posted) -> Posted:
        return self.forged(posted)  # each account has a key of its own: that is how they are told apart

    def unequipped(self) -> Provider:
        return TelnyxProvider(replace(self._account, public_key=None))


def _fields(posted: Posted) -> dict[str, str]:
    return dict(parse_qsl(posted.body.decode(), keep_blank_values=True))


def _posted(hook: Webhook) -> Posted:
    return Posted(hook.url, hook.headers, hook.body)


async def staged_console() -> AsyncIterator[ConsoleStage]:
    yield ConsoleStage()


async def staged_twilio() -> AsyncIterator[TwilioStage]:
    clock = VirtualClock(NOON)
    async with TwilioDouble(clock) as double:
        stage = TwilioStage(double, clock)
        yield stage
        await stage.provider.close()


async def staged_telnyx() -> AsyncIterator[TelnyxStage]:
    clock = VirtualClock(NOON)
    async with TelnyxDouble(clock, webhook_url=HOOK) as double:
        stage = TelnyxStage(double, clock)
        yield stage
        await stage.provider.close()


STAGES: Mapping[str, Callable[[], AsyncIterator[Stage]]] = {
    "console": staged_console,
    "twilio": staged_twilio,
    "telnyx": staged_telnyx,
}
HOOK_STAGES: Mapping[str, Callable[[], AsyncIterator[HookStage]]] = {"twilio": staged_twilio, "telnyx": staged_telnyx}
ASKING_STAGES: Mapping[str, Callable[[], AsyncIterator[AskingStage]]] = HOOK_STAGES
