"""Sending through Telnyx: one POST under a key of its own, an honest fate, and never a second text."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from sms.provider import Accepted, Fault, Found, NotSent, OutgoingText, ProviderTrouble, Refused, Unknown
from sms.telnyx.client import KEY_LASTS, TelnyxProvider
from sms.telnyx.rest import TelnyxAccount, body_of
from storage.vocabulary import TextState
from tests.doubles.telnyx import API_KEY, OUR_NUMBER, PROFILE, Sender, TelnyxDouble
from tests.doubles.telnyx.troubles import error_500, slow_down, unauthorized
from tests.doubles.twilio import VirtualClock
from tests.doubles.twilio.troubles import (
    Canned,
    Mix,
    Trouble,
    answers,
    drops_after,
    drops_before,
    drops_during,
    error_502,
    hangs,
)

NOON = 1_750_000_000.0
CALLER = "+12025550143"
SORRY = "Sorry we missed your call. Reply STOP to opt out."
HOOK = "https://pbx.example/hooks/sms"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


@pytest.fixture
async def telnyx(clock: VirtualClock) -> AsyncIterator[TelnyxDouble]:
    async with TelnyxDouble(clock) as double:
        yield double


@pytest.fixture
async def provider(telnyx: TelnyxDouble, clock: VirtualClock) -> AsyncIterator[TelnyxProvider]:
    provider = TelnyxProvider(TelnyxAccount(API_KEY, OUR_NUMBER, base_url=telnyx.base_url), now=clock.now)
    yield provider
    await provider.close()


def text(ref: str = "m1", body: str = SORRY, valid_for: int = 600) -> OutgoingText:
    return OutgoingText(ref, CALLER, body, valid_for)


async def test_a_text_reaches_the_handset(telnyx: TelnyxDouble, provider: TelnyxProvider) -> None:
    fate = await provider.send(text())
    [got] = telnyx.handset(CALLER)
    assert fate == Accepted(got.sid, segments=1, at=NOON)
    assert (got.sender, got.body) == (OUR_NUMBER, SORRY)


async def test_every_character_arrives_as_written(telnyx: TelnyxDouble, provider: TelnyxProvider) -> None:
    body = 'Zoë & "Søn": 100 % \\ “déjà vu” 🔔\r\n\tReply STOP '
    await provider.send(text(body=body))
    assert [got.body for got in telnyx.handset(CALLER)] == [body]


async def test_half_a_character_is_our_own_mistake_and_nothing_leaves(
    telnyx: TelnyxDouble, provider: TelnyxProvider
) -> None:
    fate = await provider.send(text(body="half \ud83d"))
    assert isinstance(fate, Refused) and fate.fault is Fault.OUR_MISTAKE
    assert telnyx.record.of("post") == []


async def test_a_profiles_pool_sends_too(telnyx: TelnyxDouble) -> None:
    provider = TelnyxProvider(TelnyxAccount(API_KEY, messaging_profile=PROFILE, base_url=telnyx.base_url))
    assert isinstance(await provider.send(text()), Accepted)
    await provider.close()


async def test_a_number_that_is_in_another_profile_is_the_accounts_fault(clock: VirtualClock) -> None:
    async with TelnyxDouble(clock, senders=(Sender(OUR_NUMBER, "another"),)) as telnyx:
        account = TelnyxAccount(API_KEY, OUR_NUMBER, PROFILE, base_url=telnyx.base_url)
        provider = TelnyxProvider(account, now=clock.now)
        fate = await provider.send(text())
        assert isinstance(fate, Refused) and (fate.fault, fate.code) == (Fault.ACCOUNT, "40305")
        await provider.close()


def test_the_request_is_the_same_bytes_however_long_it_may_still_wait() -> None:
    account = TelnyxAccount(API_KEY, OUR_NUMBER, hook_url=HOOK)
    assert body_of(text(valid_for=600), account) == body_of(text(valid_for=0), account)


async def test_the_key_is_the_texts_own_id(telnyx: TelnyxDouble, provider: TelnyxProvider) -> None:
    await provider.send(text("0123456789abcdef0123456789abcdef"))
    assert [e["key"] for e in telnyx.record.of("post")] == ["0123456789abcdef0123456789abcdef"]


@pytest.mark.parametrize(
    "trouble",
    [drops_before(), drops_during(), drops_after(), error_500(stores=True), error_502(stores=False)],
    ids=lambda trouble: trouble.name,
)
async def test_a_lost_answer_is_unknown_and_nothing_is_posted_again(
    telnyx: TelnyxDouble, provider: TelnyxProvider, trouble: Trouble
) -> None:
    telnyx.on_post(trouble)
    assert isinstance(await provider.send(text()), Unknown)
    assert len(telnyx.record.of("post")) == 1


async def test_an_answer_that_never_comes_is_unknown(telnyx: TelnyxDouble) -> None:
    telnyx.on_post(hangs(stores=True))
    account = TelnyxAccount(API_KEY, OUR_NUMBER, base_url=telnyx.base_url)
    provider = TelnyxProvider(account, timeout=aiohttp.ClientTimeout(total=0.3, connect=10))
    assert isinstance(await provider.send(text()), Unknown)
    await provider.close()


async def test_slow_down_is_not_sent_and_the_same_text_goes_through_later(
    telnyx: TelnyxDouble, provider: TelnyxProvider
) -> None:
    telnyx.on_post(slow_down("3"))
    fate = await provider.send(text())
    assert isinstance(fate, NotSent) and fate.retry_after == 3.0
    assert isinstance(await provider.send(text()), Accepted)
    telnyx.at_most_one_per_miss()


async def test_a_redirect_is_not_followed(telnyx: TelnyxDouble, provider: TelnyxProvider) -> None:
    telnyx.on_post(answers(Canned(307, headers={"Location": f"{telnyx.base_url}/v2/elsewhere"})))
    assert isinstance(await provider.send(text()), Unknown)
    assert len(telnyx.record.of("post")) == 1


# Looking for a text of unknown fate


@pytest.mark.parametrize("trouble", [drops_during(), drops_after()], ids=lambda trouble: trouble.name)
async def test_a_text_that_was_taken_is_found_under_its_key(
    telnyx: TelnyxDouble, provider: TelnyxProvider, trouble: Trouble
) -> None:
    telnyx.list_lag = 3600.0
    telnyx.on_post(trouble)
    await provider.send(text())
    [got] = telnyx.handset(CALLER)
    for _ in range(3):
        assert await provider.find(text(), NOON) == Found(got.sid)
    telnyx.at_most_one_per_miss()


async def test_looking_for_a_text_that_never_arrived_doesnt_send_it(
    telnyx: TelnyxDouble, provider: TelnyxProvider
) -> None:
    telnyx.on_post(drops_before())
    await provider.send(text())
    assert await provider.find(text(), NOON) is None
    assert telnyx.handset(CALLER) == []
    assert [e["body"] for e in telnyx.record.of("post")][1:] == ["{}"]


async def test_a_text_that_was_taken_before_telnyx_failed_is_found_by_its_words_once_it_is_listed(
    telnyx: TelnyxDouble, provider: TelnyxProvider, clock: VirtualClock
) -> None:
    telnyx.list_lag = 30.0
    telnyx.on_post(error_500(stores=True))
    assert isinstance(await provider.send(text()), Unknown)
    assert await provider.find(text(), NOON) is None
    clock.advance(30)
    [got] = telnyx.handset(CALLER)
    assert await provider.find(text(), NOON) == Found(got.sid)
    telnyx.at_most_one_per_miss()


async def test_a_request_that_is_still_under_way_is_looked_for_again_later(
    telnyx: TelnyxDouble, provider: TelnyxProvider
) -> None:
    telnyx.list_lag = 3600.0
    telnyx.on_post(drops_after())
    await provider.send(text())
    telnyx.keys.under_way.add("m1")
    assert await provider.find(text(), NOON) is None
    telnyx.keys.under_way.clear()
    assert await provider.find(text(), NOON) is not None


async def test_a_day_later_the_key_isnt_used_any_more_and_the_words_are_looked_for(
    telnyx: TelnyxDouble, provider: TelnyxProvider, clock: VirtualClock
) -> None:
    telnyx.on_post(drops_after())
    await provider.send(text())
    clock.advance(KEY_LASTS)
    assert await provider.find(text(), NOON) is not None
    clock.advance(1)
    posts = len(telnyx.record.of("post"))
    assert await provider.find(text(), NOON) is not None
    assert len(telnyx.record.of("post")) == posts


async def test_a_text_whose_bytes_would_be_others_now_is_not_found_under_its_key_and_not_sent(
    telnyx: TelnyxDouble,
) -> None:
    telnyx.list_lag = 3600.0
    old = TelnyxProvider(TelnyxAccount(API_KEY, OUR_NUMBER, base_url=telnyx.base_url))
    telnyx.on_post(drops_after())
    await old.send(text())
    new = TelnyxProvider(TelnyxAccount(API_KEY, OUR_NUMBER, base_url=telnyx.base_url, hook_url=HOOK))
    assert await new.find(text(), NOON) is None
    telnyx.at_most_one_per_miss()
    await old.close()
    await new.close()


async def test_a_message_that_is_another_texts_is_not_taken(telnyx: TelnyxDouble, provider: TelnyxProvider) -> None:
    telnyx.on_post(drops_after())
    await provider.send(text())
    [got] = telnyx.handset(CALLER)
    assert await provider.find(text(), NOON, known={got.sid}) is None


@pytest.mark.parametrize(
    "trouble", [slow_down(), unauthorized(), error_500(stores=False), drops_before()], ids=lambda trouble: trouble.name
)
async def test_a_question_without_an_answer_is_a_trouble(
    telnyx: TelnyxDouble, provider: TelnyxProvider, trouble: Trouble
) -> None:
    telnyx.on_post(trouble)
    with pytest.raises(ProviderTrouble, match=r"\w+ \w+"):
        await provider.find(text(), NOON)


@pytest.mark.parametrize("seed", range(25))
async def test_whatever_goes_wrong_nobody_gets_two(clock: VirtualClock, seed: int) -> None:
    shares = {"drops_before": 0.2, "drops_during": 0.2, "drops_after": 0.2, "error_500": 0.1, "slow_down": 0.1}
    async with TelnyxDouble(clock, mix=Mix(seed, shares)) as telnyx:
        provider = TelnyxProvider(TelnyxAccount(API_KEY, OUR_NUMBER, base_url=telnyx.base_url), now=clock.now)
        for number in range(8):
            to = OutgoingText(f"ref-{number}", f"+1202555014{number}", SORRY, 600)
            fate = await provider.send(to)
            for _ in range(4):
                if isinstance(fate, Unknown):
                    try:
                        await provider.find(to, NOON)
                    except ProviderTrouble:
                        continue
        telnyx.at_most_one_per_miss()
        await provider.close()


async def test_a_text_without_a_receipt_stays_sent_and_is_over(
    telnyx: TelnyxDouble, provider: TelnyxProvider, clock: VirtualClock
) -> None:
    telnyx.carrier.fates[CALLER] = 0
    fate = await provider.send(text())
    assert isinstance(fate, Accepted)
    clock.advance(60)
    status = await provider.status(fate.sid)
    assert (status.state, status.final, status.price) == (TextState.SENT, True, "-0.0051")


async def test_a_person_who_said_stop_is_refused_for_every_number_of_the_profile(clock: VirtualClock) -> None:
    senders = (Sender(OUR_NUMBER, PROFILE), Sender("+13125550101", PROFILE))
    async with TelnyxDouble(clock, senders=senders) as telnyx:
        telnyx.reply(CALLER, "Stop")
        provider = TelnyxProvider(TelnyxAccount(API_KEY, "+13125550101", base_url=telnyx.base_url), now=clock.now)
        fate = await provider.send(text())
        assert isinstance(fate, Refused) and fate.fault is Fault.OPTED_OUT
        await provider.close()


async def test_a_warm_connection_costs_one_question_in_five_seconds(
    telnyx: TelnyxDouble, provider: TelnyxProvider
) -> None:
    await provider.warm()
    await provider.warm()
    assert len(telnyx.record.of("get")) == 1


@pytest.mark.parametrize(
    "settings",
    [{"sender": None}, {"api_key": "KEY\n"}, {"api_key": "ключ"}, {"public_key": "no key"}, {"public_key": "ZGpl"}],
)
def test_an_account_that_cannot_work_is_refused_at_once(settings: dict[str, str | None]) -> None:
    usual: dict[str, str | None] = {"api_key": API_KEY, "sender": OUR_NUMBER}
    with pytest.raises(ValueError, match=r"\w+"):
        TelnyxProvider(TelnyxAccount(**(usual | settings)))  # type: ignore[arg-type]


def test_the_api_key_is_never_shown() -> None:
    assert API_KEY not in repr(TelnyxAccount(API_KEY, OUR_NUMBER))
