"""What Telnyx's error codes make us do."""

import pytest

from sms.provider import Fault
from sms.telnyx.codes import MEANINGS, QUARTER, YEAR, meaning


@pytest.mark.parametrize(
    "code",
    [10009, 10010, 20002, 20012, 20100, 40010, 40013, 40100, 40305, 40312, 40314, 40315, 40321, 40329],
)
def test_trouble_with_the_account_or_the_sender_stops_everything_and_blames_no_number(code: int) -> None:
    assert (meaning(code).fault, meaning(code).no_texts, meaning(code).retry_after) == (Fault.ACCOUNT, None, None)


def test_a_country_switched_off_says_nothing_about_the_number() -> None:
    assert (meaning(40309).fault, meaning(40309).no_texts) == (Fault.COUNTRY, None)


@pytest.mark.parametrize(
    ("code", "fault", "seconds"),
    [
        (40310, Fault.BAD_NUMBER, YEAR),
        (40001, Fault.NO_TEXTS, YEAR),
        (40012, Fault.NO_TEXTS, QUARTER),
        (40301, Fault.NO_TEXTS, QUARTER),
        (40319, Fault.NO_TEXTS, QUARTER),
    ],
)
def test_a_number_that_takes_no_texts_is_left_alone_for_a_time(code: int, fault: Fault, seconds: float) -> None:
    assert (meaning(code).fault, meaning(code).no_texts) == (fault, seconds)


@pytest.mark.parametrize("code", [10001, 10002, 10016])
def test_a_bad_number_that_may_be_ours_is_held_against_nobody(code: int) -> None:
    assert (meaning(code).fault, meaning(code).no_texts) == (Fault.OTHER, None)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (40300, Fault.OPTED_OUT),
        (40006, Fault.UNREACHABLE),
        (40008, Fault.UNREACHABLE),
        (40002, Fault.FILTERED),
        (40017, Fault.FILTERED),
        (40011, Fault.RATE),
        (40016, Fault.RATE),
        (40018, Fault.RATE),
        (40005, Fault.EXPIRED),
        (40014, Fault.EXPIRED),
        (10004, Fault.OUR_MISTAKE),
        (40302, Fault.OUR_MISTAKE),
    ],
)
def test_the_other_classes_are_final(code: int, fault: Fault) -> None:
    assert (meaning(code).fault, meaning(code).retry_after) == (fault, None)


def test_only_what_was_not_processed_may_be_tried_again() -> None:
    again = {code: what for code, what in MEANINGS.items() if what.retry_after is not None}
    assert set(again) == {10011, 40318}
    assert all(what.fault is Fault.RATE and (what.retry_after or 0) > 0 for what in again.values())


@pytest.mark.parametrize("code", [None, 0, 10027, 40399, 49999])
def test_a_code_nobody_told_us_of_is_final_and_of_no_class(code: int | None) -> None:
    assert (meaning(code).fault, meaning(code).no_texts, meaning(code).retry_after) == (Fault.OTHER, None, None)
