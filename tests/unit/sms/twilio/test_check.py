"""What doctor is told about Twilio."""

from collections.abc import AsyncIterator

import pytest

from sms.provider import ProviderTrouble
from sms.twilio.client import TwilioProvider
from sms.twilio.rest import TwilioAccount
from tests.doubles.twilio import ACCOUNT, API_KEY, API_SECRET, OUR_NUMBER, SERVICE, TOKEN, TwilioDouble

OTHER = "+13125550199"


@pytest.fixture
async def twilio() -> AsyncIterator[TwilioDouble]:
    async with TwilioDouble() as double:
        yield double


async def findings(twilio: TwilioDouble, settings: TwilioAccount) -> dict[str, tuple[bool, str]]:
    provider = TwilioProvider(settings)
    try:
        return {what: (ok, words) for what, ok, words in await provider.check()}
    finally:
        await provider.close()


def with_key(twilio: TwilioDouble, secret: str = API_SECRET, sender: str = OUR_NUMBER) -> TwilioAccount:
    return TwilioAccount(ACCOUNT, API_KEY, secret, sender, base_url=twilio.base_url)


async def test_all_is_well_with_a_standard_api_key(twilio: TwilioDouble) -> None:
    found = await findings(twilio, with_key(twilio))
    assert {what: ok for what, (ok, _) in found.items()} == {
        "Twilio credentials": True,
        "clock": True,
        f"texting number {OUR_NUMBER}": True,
    }


async def test_a_wrong_secret_is_one_finding_and_asks_nothing_more(twilio: TwilioDouble) -> None:
    found = await findings(twilio, with_key(twilio, secret="wrong"))
    ok, words = found["Twilio credentials"]
    assert not ok and "API key" in words
    assert len(twilio.record.of("get")) == 1


@pytest.mark.parametrize(("skew", "word"), [(300.0, "behind"), (-300.0, "ahead of")])
async def test_a_clock_minutes_off_is_told_with_its_direction(twilio: TwilioDouble, skew: float, word: str) -> None:
    twilio.skew = skew
    ok, words = (await findings(twilio, with_key(twilio)))["clock"]
    assert not ok and word in words and "NTP" in words


async def test_a_number_of_somebody_else(twilio: TwilioDouble) -> None:
    ok, words = (await findings(twilio, with_key(twilio, sender=OTHER)))[f"texting number {OTHER}"]
    assert not ok and "own" in words


async def test_a_number_that_only_talks(twilio: TwilioDouble) -> None:
    twilio.carrier.senders[OUR_NUMBER].sms = False
    ok, words = (await findings(twilio, with_key(twilio)))[f"texting number {OUR_NUMBER}"]
    assert not ok and "capabilities.sms" in words


async def test_each_own_number_is_looked_at_once(twilio: TwilioDouble) -> None:
    settings = TwilioAccount(
        ACCOUNT, ACCOUNT, TOKEN, OUR_NUMBER, base_url=twilio.base_url, own_numbers=(OUR_NUMBER, OTHER, OUR_NUMBER)
    )
    found = await findings(twilio, settings)
    assert [what for what in found if what.startswith("texting")] == [
        f"texting number {OUR_NUMBER}",
        f"texting number {OTHER}",
    ]


async def test_nobody_at_the_address_is_a_trouble_with_a_remedy(twilio: TwilioDouble) -> None:
    await twilio.down()
    with pytest.raises(ProviderTrouble, match="base_url"):
        await findings(twilio, with_key(twilio))


@pytest.mark.parametrize(("unregistered", "words"), [(False, "is registered"), (True, "30034")])
async def test_a_service_and_whether_it_may_text_the_us(unregistered: bool, words: str) -> None:
    async with TwilioDouble(service=SERVICE) as twilio:
        twilio.carrier.unregistered = unregistered
        settings = TwilioAccount(ACCOUNT, API_KEY, API_SECRET, messaging_service=SERVICE, base_url=twilio.base_url)
        ok, said = (await findings(twilio, settings))[f"messaging service {SERVICE}"]
        assert ok and words in said


async def test_a_service_of_somebody_else(twilio: TwilioDouble) -> None:
    settings = TwilioAccount(ACCOUNT, ACCOUNT, TOKEN, messaging_service=SERVICE, base_url=twilio.base_url)
    ok, words = (await findings(twilio, settings))[f"messaging service {SERVICE}"]
    assert not ok and "404" in words
