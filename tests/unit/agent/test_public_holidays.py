"""Public holidays by region, without the rest of the world in memory."""

import subprocess
import sys
from datetime import date

import pytest

from agent.public_holidays import check_region, holiday_name


def test_a_holiday_has_the_name_it_has_there() -> None:
    assert holiday_name("US-IL", date(2026, 2, 12)) == "Lincoln's Birthday"
    assert holiday_name("US", date(2026, 2, 12)) is None


def test_a_holiday_that_falls_on_a_saturday_is_observed_on_the_friday() -> None:
    assert holiday_name("US", date(2026, 7, 3)) is not None


def test_bavaria_keeps_a_holiday_that_hamburg_does_not() -> None:
    assert holiday_name("DE-BY", date(2026, 1, 6)) is not None
    assert holiday_name("DE-HH", date(2026, 1, 6)) is None


@pytest.mark.parametrize("region", ["Illinois", "us", "USA", "XX", "US-ZZ", "", "os", "HolidayBase", "US-"])
def test_a_region_that_is_none_is_refused(region: str) -> None:
    with pytest.raises(ValueError, match=r"is no country|names no region"):
        check_region(region)


@pytest.mark.parametrize("country", ["US", "CA", "GB", "IE", "AU", "NZ", "DE", "FR", "PR", "JP", "IN", "IL"])
def test_every_country_works_alone(country: str) -> None:
    """Each is loaded without its neighbours; that some borrow from another must not break it."""
    new_year = holiday_name(country, date(2026, 1, 1))
    assert (new_year is None) == (country in {"IN", "IL"})


def test_one_country_does_not_bring_all_the_others_into_memory() -> None:
    code = (
        "import sys; from agent.public_holidays import check_region; check_region('US-IL');"
        "print(sum(name.startswith('holidays.countries.') for name in sys.modules))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert int(loaded) <= 3
