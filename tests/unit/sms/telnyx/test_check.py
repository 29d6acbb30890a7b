"""What doctor is told of Telnyx: the key, the number, the profile, and whether replies come here."""

from collections.abc import AsyncIterator

import pytest

from sms.provider import ProviderTrouble
from sms.telnyx.client import TelnyxProvider
from sms.telnyx.rest import TelnyxAccount
from tests.doubles.telnyx import API_KEY, OUR_NUMBER, PROFILE, PUBLIC_KEY, Sender, TelnyxDouble
from tests.doubles.twilio import VirtualClock

NOON = 1_750_000_000.0
HOOK = "https://pbx.example/hooks/sms"


@pytest.fixture
async def telnyx() -> AsyncIterator[TelnyxDouble]:
    async with TelnyxDouble(VirtualClock(NOON), webhook_url=HOOK) as double:
        yield double


async def findings(telnyx: TelnyxDouble, **settings: str | None) -> dict[str, tuple[bool, str]]:
    usual: dict[str, str | None] = {
        "api_key": API_KEY,
        "sender": OUR_NUMBER,
        "base_url": telnyx.base_url,
        "hook_url": HOOK,
        "public_key": PUBLIC_KEY,
    }
    provider = TelnyxProvider(TelnyxAccount(**(usual | settings)), now=telnyx.clock.now)  # type: ignore[arg-type]
    try:
        return {what: (ok, words) for what, ok, words in await provider.check()}
    finally:
        await provider.close()


async def test_a_number_brings_its_profile_and_the_profile_its_webhook(telnyx: TelnyxDouble) -> None:
    assert await findings(telnyx) == {
        "Telnyx credentials": (True, "the API key is taken"),
        "clock": (True, "agrees with Telnyx's"),
        f"texting number {OUR_NUMBER}": (True, "owned by this account, in a messaging profile"),
        f"messaging profile {PROFILE}": (True, "enabled"),
        "webhook": (True, "replies come to this agent's webhook"),
    }


async def test_a_key_that_is_refused_is_all_that_is_said(telnyx: TelnyxDouble) -> None:
    found = await findings(telnyx, api_key="KEY0-of-yesterday")
    assert not found["Telnyx credentials"][0] and "auth_token" in found["Telnyx credentials"][1]
    assert set(found) == {"Telnyx credentials", "clock"}


async def test_a_clock_that_is_off_is_told(telnyx: TelnyxDouble) -> None:
    telnyx.skew = -300
    ok, words = (await findings(telnyx))["clock"]
    assert not ok and "300 s ahead of Telnyx" in words


@pytest.mark.parametrize(
    ("sender", "words"),
    [
        (Sender("+13125550199", PROFILE), "doesn't own it"),
        (Sender(OUR_NUMBER, None), "in no messaging profile"),
        (Sender(OUR_NUMBER, "another"), "correct [sms] messaging_profile"),
        (Sender(OUR_NUMBER, PROFILE, sms=False), "can't send texts"),
    ],
)
async def test_a_number_that_cannot_text_is_told_with_what_to_do(sender: Sender, words: str) -> None:
    async with TelnyxDouble(VirtualClock(NOON), senders=(sender,), webhook_url=HOOK) as telnyx:
        ok, told = (await findings(telnyx, messaging_profile=PROFILE))[f"texting number {OUR_NUMBER}"]
        assert not ok and words in told and "; " in told


async def test_a_profile_alone_does(telnyx: TelnyxDouble) -> None:
    found = await findings(telnyx, sender=None, messaging_profile=PROFILE)
    assert all(ok for ok, _ in found.values()) and f"messaging profile {PROFILE}" in found


async def test_a_profile_that_is_switched_off_or_unknown_is_told(telnyx: TelnyxDouble) -> None:
    telnyx.enabled = False
    ok, words = (await findings(telnyx))[f"messaging profile {PROFILE}"]
    assert not ok and "switched off" in words
    nobodys = "00000000-0000-4000-8000-000000000000"
    ok, words = (await findings(telnyx, sender=None, messaging_profile=nobodys))[f"messaging profile {nobodys}"]
    assert not ok and "messaging_profile" in words


async def test_who_has_no_webhook_is_told_that_replies_come_later(telnyx: TelnyxDouble) -> None:
    assert (await findings(telnyx, hook_url=None))["webhook"] == (
        True,
        "none: replies are asked for, and come as late as Telnyx lists them",
    )


async def test_a_webhook_without_a_key_to_prove_it_with_is_told(telnyx: TelnyxDouble) -> None:
    ok, words = (await findings(telnyx, public_key=None))["webhook"]
    assert not ok and "set [sms] public_key" in words


@pytest.mark.parametrize(("theirs", "words"), [(None, "go nowhere"), ("https://old.example/", "go to https://old")])
async def test_a_profile_that_posts_elsewhere_is_told(telnyx: TelnyxDouble, theirs: str | None, words: str) -> None:
    telnyx.webhook_url = theirs
    ok, told = (await findings(telnyx))["webhook"]
    assert not ok and words in told and HOOK in told


async def test_a_telnyx_out_of_reach_is_a_trouble(telnyx: TelnyxDouble) -> None:
    await telnyx.down()
    with pytest.raises(ProviderTrouble, match="base_url"):
        await findings(telnyx)
