"""What Twilio's error codes make us do."""

import pytest

from sms.provider import Fault
from sms.twilio.codes import MONTH, QUARTER, YEAR, meaning


@pytest.mark.parametrize(
    "code",
    [
        20003,
        20005,
        20008,
        30002,
        21608,
        21606,
        21212,
        21603,
        21659,
        21660,
        21661,
        21703,
        21704,
        21705,
        30034,
        30032,
        30033,
        30035,
    ],
)
def test_trouble_with_the_account_or_the_sender_stops_everything_and_blames_no_number(code: int) -> None:
    assert meaning(code).fault is Fault.ACCOUNT
    assert meaning(code).no_texts is None
    assert meaning(code).retry_after is None


@pytest.mark.parametrize("code", [21408, 30018, 30024])
def test_a_country_switched_off_says_nothing_about_the_number(code: int) -> None:
    assert (meaning(code).fault, meaning(code).no_texts) == (Fault.COUNTRY, None)


@pytest.mark.parametrize(
    ("code", "fault", "seconds"),
    [
        (21211, Fault.BAD_NUMBER, YEAR),
        (21217, Fault.BAD_NUMBER, YEAR),
        (21614, Fault.NO_TEXTS, YEAR),
        (21635, Fault.NO_TEXTS, YEAR),
        (30006, Fault.NO_TEXTS, YEAR),
        (30005, Fault.NO_TEXTS, QUARTER),
        (21612, Fault.NO_TEXTS, QUARTER),
        (30004, Fault.BLOCKED, MONTH),
    ],
)
def test_a_number_that_takes_no_texts_is_left_alone_for_a_time(code: int, fault: Fault, seconds: float) -> None:
    assert (meaning(code).fault, meaning(code).no_texts) == (fault, seconds)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (21610, Fault.OPTED_OUT),
        (30003, Fault.UNREACHABLE),
        (30008, Fault.UNREACHABLE),
        (30007, Fault.FILTERED),
        (30450, Fault.FILTERED),
        (30022, Fault.RATE),
        (63038, Fault.RATE),
        (30036, Fault.EXPIRED),
        (21617, Fault.OUR_MISTAKE),
        (90007, Fault.OUR_MISTAKE),
        (30500, Fault.OTHER),
    ],
)
def test_the_other_classes_are_final(code: int, fault: Fault) -> None:
    assert (meaning(code).fault, meaning(code).retry_after) == (fault, None)


@pytest.mark.parametrize("code", [20429, 21611])
def test_only_what_was_not_processed_may_be_tried_again(code: int) -> None:
    wait = meaning(code).retry_after
    assert wait is not None and wait > 0


@pytest.mark.parametrize("code", [None, 0, 21999, 39999])
def test_a_code_nobody_told_us_of_is_final_and_of_no_class(code: int | None) -> None:
    assert (meaning(code).fault, meaning(code).no_texts, meaning(code).retry_after) == (Fault.OTHER, None, None)
