"""What only Telnyx's webhook has: the profile, the events of no interest, and our own id in the signed body."""

import json
from collections.abc import Mapping

import pytest

from sms.provider import Inbound, NotGenuine, Posted, Status
from sms.telnyx.hooks import heard, key_of
from tests.doubles.telnyx import PROFILE, PUBLIC_KEY, signed

NOON = 1_750_000_000.0
REF, OTHER = "0123456789abcdef0123456789abcdef", "f" * 32
URL = "https://pbx.example/hooks/sms"
KEY = key_of(PUBLIC_KEY)


def posted(payload: object, name: object = "message.received", url: str = URL) -> Posted:
    event = {"event_type": name, "occurred_at": "2025-06-15T15:06:41.000+00:00", "payload": payload}
    hook = signed(url, json.dumps({"data": event}).encode(), NOON)
    return Posted(hook.url, hook.headers, hook.body)


def message(direction: str, **fields: object) -> Mapping[str, object]:
    return {
        "id": "7ee4241c-f127-47e5-9c34-3aac291f8058",
        "direction": direction,
        "from": {"phone_number": "+12025550143"},
        "to": [{"phone_number": "+13125550100", "status": "delivered"}],
        "text": "Tuesday",
        "messaging_profile_id": PROFILE,
        "webhook_url": f"{URL}?m={REF}",
    } | fields


def test_a_text_without_a_time_of_its_own_is_of_its_events() -> None:
    told = heard(posted(message("inbound")), KEY, None, NOON)
    assert isinstance(told, Inbound) and told.at == NOON + 1


def test_what_is_of_another_profile_of_the_account_is_of_no_interest() -> None:
    assert heard(posted(message("inbound", messaging_profile_id="another")), KEY, PROFILE, NOON) is None
    assert isinstance(heard(posted(message("inbound")), KEY, PROFILE, NOON), Inbound)


@pytest.mark.parametrize("name", ["call.hangup", "message.read", None, 5, ["message.received"]])
def test_other_events_are_of_no_interest(name: object) -> None:
    assert heard(posted(message("inbound"), name), KEY, None, NOON) is None


def test_our_own_id_is_read_from_what_is_signed_not_from_the_address() -> None:
    told = heard(posted(message("outbound"), "message.finalized", url=f"{URL}?m={OTHER}"), KEY, None, NOON)
    assert isinstance(told, Status) and told.ref == REF


@pytest.mark.parametrize("time", ["", "-1750000000", "1750000000.0", "１７５００００００００", "9" * 400, "now"])
def test_a_time_that_is_none_proves_nothing(time: str) -> None:
    right = posted(message("inbound"))
    wrong = Posted(right.url, {**right.headers, "telnyx-timestamp": time}, right.body)
    with pytest.raises(NotGenuine):
        heard(wrong, KEY, None, NOON)


def test_a_time_that_isnt_the_signed_one_proves_nothing() -> None:
    right = posted(message("inbound"))
    wrong = Posted(right.url, {**right.headers, "telnyx-timestamp": str(int(NOON) + 1)}, right.body)
    with pytest.raises(NotGenuine):
        heard(wrong, KEY, None, NOON)
