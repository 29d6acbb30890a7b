"""One suite for every SMS provider: what the outbox may rely on, whoever sends.

A provider joins with a Stage: the world around it, which can be made to fail. A provider that can't be asked
afterwards (`asks = False`) is judged by the first part alone.
"""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Protocol

import pytest

from sms.console import ConsoleProvider
from sms.provider import (
    Accepted,
    Fault,
    NotSent,
    OutgoingText,
    Provider,
    ProviderTrouble,
    Refused,
    Unknown,
)
from sms.twilio.client import TwilioProvider
from sms.twilio.rest import TwilioAccount
from storage.vocabulary import TextState
from tests.doubles.twilio import ACCOUNT, OUR_NUMBER, TOKEN, TwilioDouble, VirtualClock
from tests.doubles.twilio.troubles import drops_after, drops_before, hangs

NOON = 1_750_000_000.0
CALLER = "+12025550143"
SORRY = "Sorry we missed your call. Reply STOP to opt out."


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

    def __init__(self, double: TwilioDouble, clock: VirtualClock) -> None:
        self.double = double
        self.now = clock
        account = TwilioAccount(ACCOUNT, ACCOUNT, TOKEN, OUR_NUMBER, base_url=double.base_url)
        self.provider: Provider = TwilioProvider(account, now=clock.now)

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


async def staged_twilio() -> AsyncIterator[TwilioStage]:
    clock = VirtualClock(NOON)
    async with TwilioDouble(clock) as double:
        stage = TwilioStage(double, clock)
        yield stage
        await stage.provider.close()


async def staged_console() -> AsyncIterator[ConsoleStage]:
    yield ConsoleStage()


STAGES: Mapping[str, Callable[[], AsyncIterator[Stage]]] = {"console": staged_console, "twilio": staged_twilio}
ASKING_STAGES: Mapping[str, Callable[[], AsyncIterator[AskingStage]]] = {"twilio": staged_twilio}


@pytest.fixture(params=STAGES)
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async for staged in STAGES[request.param]():
        yield staged


@pytest.fixture(params=ASKING_STAGES)
async def asking(request: pytest.FixtureRequest) -> AsyncIterator[AskingStage]:
    async for staged in ASKING_STAGES[request.param]():
        yield staged


def text(ref: str = "m1", body: str = SORRY) -> OutgoingText:
    return OutgoingText(ref, CALLER, body, valid_for=600)


# Every provider


async def test_an_accepted_text_arrives_once_under_an_id_of_its_own(stage: Stage) -> None:
    fates = [await stage.provider.send(text(ref)) for ref in ("m1", "m2")]
    sids = [fate.sid for fate in fates if isinstance(fate, Accepted)]
    assert len(set(sids)) == 2
    assert stage.got(CALLER) == [SORRY, SORRY]


async def test_a_provider_out_of_reach_leaves_the_text_not_sent(stage: Stage) -> None:
    await stage.down()
    fate = await stage.provider.send(text())
    assert isinstance(fate, NotSent) and fate.why
    assert stage.got(CALLER) == []


async def test_warming_never_raises_and_sends_nothing(stage: Stage) -> None:
    await stage.provider.warm()
    await stage.down()
    await stage.provider.warm()
    assert stage.got(CALLER) == []


async def test_a_text_never_sent_is_not_found(stage: Stage) -> None:
    assert await stage.provider.find(text(), NOON) is None


async def test_nobody_wrote_so_nothing_is_received(stage: Stage) -> None:
    await stage.provider.send(text())
    assert await stage.provider.received(NOON - 60) == []


async def test_an_id_it_never_gave_is_a_trouble_in_words(stage: Stage) -> None:
    with pytest.raises(ProviderTrouble, match=r"\w+ \w+"):
        await stage.provider.status("SM" + "0" * 32)


async def test_doctor_is_told_only_good_things_when_all_is_well(stage: Stage) -> None:
    findings = await stage.provider.check()
    assert findings
    assert [what for what, ok, words in findings if not ok or not what or not words] == []


async def test_closing_twice_is_allowed(stage: Stage) -> None:
    await stage.provider.send(text())
    await stage.provider.close()
    await stage.provider.close()


def test_every_provider_that_can_be_asked_is_judged_by_the_second_part() -> None:
    asks = {"console": ConsoleProvider.asks, "twilio": TwilioProvider.asks}
    assert set(asks) == set(STAGES)
    assert {name for name, can in asks.items() if can} == set(ASKING_STAGES)


# Those that can be asked afterwards


@pytest.mark.parametrize("fault", [Fault.OPTED_OUT, Fault.NO_TEXTS, Fault.COUNTRY, Fault.ACCOUNT])
async def test_a_refusal_is_final_and_names_its_class(asking: AskingStage, fault: Fault) -> None:
    asking.refuse(fault)
    fate = await asking.provider.send(text())
    assert isinstance(fate, Refused) and fate.fault is fault
    assert fate.code and fate.message
    assert (fate.no_texts_seconds is not None) == (fault is Fault.NO_TEXTS)
    assert asking.got(CALLER) == []


async def test_a_lost_answer_of_a_text_that_was_taken_is_unknown_then_found(asking: AskingStage) -> None:
    asking.lose_answer(taken=True)
    assert isinstance(await asking.provider.send(text()), Unknown)
    found = await asking.provider.find(text(), NOON)
    assert found is not None
    assert (await asking.provider.status(found.sid)).state is TextState.ACCEPTED
    assert asking.got(CALLER) == [SORRY]


async def test_a_lost_answer_of_a_text_that_was_not_taken_is_unknown_and_stays_so(asking: AskingStage) -> None:
    asking.lose_answer(taken=False)
    assert isinstance(await asking.provider.send(text()), Unknown)
    assert await asking.provider.find(text(), NOON) is None
    assert asking.got(CALLER) == []


async def test_a_send_cancelled_midway_can_be_found_and_harms_no_later_text(asking: AskingStage) -> None:
    asking.will_hang()
    sending = asyncio.create_task(asking.provider.send(text()))
    await asking.hangs()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert await asking.provider.find(text(), NOON) is not None
    assert isinstance(await asking.provider.send(text("m2", "Another text. Reply STOP to opt out.")), Accepted)
    assert asking.got(CALLER) == [SORRY, "Another text. Reply STOP to opt out."]


async def test_an_older_text_with_the_same_words_is_not_taken_for_this_one(asking: AskingStage) -> None:
    await asking.provider.send(text())
    asking.now.advance(4 * 3600)
    asking.lose_answer(taken=False)
    await asking.provider.send(text("m2"))
    assert await asking.provider.find(text("m2"), asking.now.now()) is None


async def test_a_text_with_other_words_is_not_taken_for_this_one(asking: AskingStage) -> None:
    await asking.provider.send(text(body="Your table is ready."))
    assert await asking.provider.find(text(), NOON) is None


async def test_a_text_only_goes_forward_until_it_is_delivered(asking: AskingStage) -> None:
    fate = await asking.provider.send(text())
    assert isinstance(fate, Accepted)
    order = [TextState.ACCEPTED, TextState.SENT, TextState.DELIVERED]
    ranks, final = [], False
    for _ in range(600):
        status = await asking.provider.status(fate.sid)
        assert status.sid == fate.sid and status.raw
        ranks.append(order.index(status.state))
        final = status.final
        if final:
            break
        asking.now.advance(0.5)
    assert final and ranks[-1] == order.index(TextState.DELIVERED)
    assert ranks == sorted(ranks)


async def test_a_late_failure_names_its_class_and_is_final(asking: AskingStage) -> None:
    for fault, code in asking.late_faults.items():
        asking.fail_late(code)
        fate = await asking.provider.send(text(str(code), f"{code}. Reply STOP to opt out."))
        assert isinstance(fate, Accepted)
        asking.now.advance(60)
        status = await asking.provider.status(fate.sid)
        assert (status.state, status.final, status.fault, status.code) == (TextState.FAILED, True, fault, str(code))
    assert asking.got(CALLER) == []


async def test_each_reply_is_received_once_with_its_words_untouched(asking: AskingStage) -> None:
    bodies = ["Yes, tomorrow at 5?", " STOP\n", "déjà vu 🔔"]
    for body in bodies:
        asking.reply(body)
        asking.now.advance(1)
    texts = await asking.provider.received(NOON - 60)
    assert [(text.sender, text.body) for text in texts] == [(CALLER, body) for body in bodies]
    assert len({text.sid for text in texts}) == len(bodies)
    assert [text.at for text in texts] == sorted(text.at for text in texts)


async def test_questions_to_a_provider_out_of_reach_are_a_trouble_in_words(asking: AskingStage) -> None:
    await asking.down()
    for question in (
        asking.provider.find(text(), NOON),
        asking.provider.status("SM" + "0" * 32),
        asking.provider.received(NOON),
        asking.provider.check(),
    ):
        with pytest.raises(ProviderTrouble, match=r"\w+ \w+"):
            await question
