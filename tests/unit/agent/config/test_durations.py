"""Durations as an admin writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config.durations import read_duration, spell_duration


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("90s", 90.0),
        ("4h", 14_400.0),
        ("15m", 900.0),
        ("1h30m", 5_400.0),
        ("2d", 172_800.0),
        ("0s", 0.0),
        ("2.5s", 2.5),
    ],
)
def test_a_duration_is_read_in_seconds(written: str, seconds: float) -> None:
    assert read_duration(written) == seconds


@pytest.mark.parametrize(
    "written", ["", "4", "h", "-1s", "1m1h", "1h1h", "4 h", "4H", "1e3s", "٣s", "1.5h", "4h\n", "400d", "4hours", "∞"]
)
def test_what_is_no_duration_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"^(is|has) "):
        read_duration(written)


@given(st.integers(0, 366 * 86_400))
def test_spelt_out_it_reads_back_as_the_same(seconds: int) -> None:
    assert read_duration(spell_duration(float(seconds))) == seconds
