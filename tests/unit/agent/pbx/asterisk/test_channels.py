"""What is read out of the names and strings that Asterisk gives things."""

import pytest

from agent.pbx.asterisk.channels import outside_number


@pytest.mark.parametrize(
    ("dial_string", "number"),
    [
        ("+12025550177@trunk", "+12025550177"),
        ("912025550177@trunk", "912025550177"),
        ("trunk/12025550177", "12025550177"),
        ("trunk/sip:+12025550177@192.0.2.1", "+12025550177"),
        ("g0/12025550177", "12025550177"),
        ("+12025550177@trunk/n", "+12025550177"),
        ("101", ""),
        ("102@from-internal", ""),
        ("FMPR-101@from-internal/n", ""),
        ("trunk/sip:101@192.0.2.1:5060", ""),
        ("1a2b3c4d5e6f7a8b", ""),
        ("", ""),
    ],
)
def test_the_number_outside_in_what_is_dialled(dial_string: str, number: str) -> None:
    assert outside_number(dial_string) == number
