"""Open hours and quiet hours, by the clock on the wall of those concerned."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config.opening import read_quiet_hours, read_week
from agent.hours import (
    OpenHours,
    is_open,
    is_quiet,
    next_opening,
    quiet_until,
    zones_of,
)

CHICAGO = "America/Chicago"


def office(holidays: str | None = None, zone: str = CHICAGO, **days: str) -> OpenHours:
    """An office with hours such as mon_fri="08:00-17:30"."""
    return OpenHours(zone, read_week({key.replace("_", "-"): text for key, text in days.items()}), holidays)


def at(text: str, zone: str = CHICAGO, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


class TestOpen:
    @pytest.mark.parametrize(
        ("moment", "expected"),
        [
            ("2026-03-03 07:59:59", False),
            ("2026-03-03 08:00", True),
            ("2026-03-03 11:59:59", True),
            ("2026-03-03 12:00", False),
            ("2026-03-03 13:00", True),
            ("2026-03-03 17:29:59", True),
            ("2026-03-03 17:30", False),
            ("2026-03-07 10:00", True),
            ("2026-03-08 10:00", False),
        ],
    )
    def test_an_office_with_a_lunch_break_and_a_short_saturday(self, moment: str, expected: bool) -> None:
        hours = office(mon_fri="08:00-12:00, 13:00-17:30", sat="09:00-12:00")
        assert is_open(hours, at(moment)) is expected

    def test_a_call_is_judged_by_the_offices_clock_whatever_clock_brought_it(self) -> None:
        hours = office(mon_fri="08:00-17:30")
        assert is_open(hours, datetime(2026, 3, 3, 23, 0, tzinfo=UTC))
        assert not is_open(hours, datetime(2026, 3, 3, 13, 59, tzinfo=UTC))

    def test_a_bar_that_closes_at_two_is_open_after_midnight_of_the_day_it_opened(self) -> None:
        hours = office(fri_sat="18:00-02:00")
        assert is_open(hours, at("2026-03-07 01:59"))
        assert is_open(hours, at("2026-03-08 01:59"))
        assert not is_open(hours, at("2026-03-06 01:59"))
        assert not is_open(hours, at("2026-03-08 02:00"))

    def test_all_day_has_no_gap_at_midnight(self) -> None:
        hours = office(mon_sun="00:00-24:00")
        assert is_open(hours, at("2026-03-03 23:59:59"))
        assert is_open(hours, at("2026-03-04 00:00"))

    def test_days_may_run_round_the_weekend_and_a_closed_day_is_closed(self) -> None:
        hours = office(sat_mon="10:00-12:00", tue="closed")
        assert is_open(hours, at("2026-03-08 11:00"))
        assert is_open(hours, at("2026-03-09 11:00"))
        assert not is_open(hours, at("2026-03-10 11:00"))


class TestHolidays:
    def test_a_holiday_of_the_region_is_off_and_elsewhere_it_is_a_working_day(self) -> None:
        lincoln = "2026-02-12 10:00"
        assert not is_open(office("US-IL", mon_fri="08:00-17:30"), at(lincoln))
        assert is_open(office("US", mon_fri="08:00-17:30"), at(lincoln))
        assert is_open(office(mon_fri="08:00-17:30"), at("2026-12-25 10:00"))

    def test_the_night_before_runs_to_its_end_into_the_holiday_but_none_begins_on_it(self) -> None:
        hours = office("US", mon_sun="18:00-02:00")
        assert is_open(hours, at("2026-12-25 01:00"))
        assert not is_open(hours, at("2026-12-25 19:00"))
        assert not is_open(hours, at("2026-12-26 01:00"))


class TestNextOpening:
    def test_after_the_weekend_and_a_holiday_the_office_opens_on_tuesday(self) -> None:
        hours = office("US", mon_fri="08:00-17:30")  # 25 May 2026 is Memorial Day
        assert next_opening(hours, at("2026-05-22 17:30")) == at("2026-05-26 08:00")

    def test_during_the_morning_the_next_opening_is_after_lunch(self) -> None:
        hours = office(mon_fri="08:00-12:00, 13:00-17:30")
        assert next_opening(hours, at("2026-03-03 09:00")) == at("2026-03-03 13:00")

    def test_an_office_that_never_closes_or_never_opens_has_none(self) -> None:
        assert next_opening(office(mon_sun="00:00-24:00"), at("2026-03-03 09:00")) is None
        assert next_opening(office(mon_sun="closed"), at("2026-03-03 09:00")) is None

    @given(
        st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
        st.sampled_from([CHICAGO, "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
        st.integers(0, 23),
        st.sampled_from([15, 60, 300, 1380]),
    )
    def test_it_is_open_then_and_was_closed_a_minute_before(
        self, moment: datetime, zone: str, hour: int, minutes: int
    ) -> None:
        end = (hour * 60 + 30 + minutes) % 1440
        hours = office(zone=zone, mon_sun=f"{hour:02}:30-{end // 60:02}:{end % 60:02}")
        opening = next_opening(hours, moment)
        assert opening is not None and moment < opening <= moment + timedelta(days=3)
        assert is_open(hours, opening)
        assert not is_open(hours, opening - timedelta(minutes=1))


class TestNightsWhenTheClocksChange:
    """In Chicago 2026-03-08 02:00 jumps to 03:00, and 2026-11-01 02:00 falls back to 01:00."""

    def test_an_hour_that_is_skipped_takes_its_opening_to_the_first_minute_after_it(self) -> None:
        hours = office(sun="02:30-04:00")
        opening = next_opening(hours, at("2026-03-08 00:00"))
        assert opening == datetime(2026, 3, 8, 8, 0, tzinfo=UTC)  # 03:00 on the wall, the minute after 01:59
        assert not is_open(hours, datetime(2026, 3, 8, 7, 59, tzinfo=UTC))
        assert is_open(hours, opening)

    def test_a_range_that_lies_in_the_skipped_hour_does_not_open_that_day(self) -> None:
        hours = office(sun="02:10-02:50")
        assert next_opening(hours, at("2026-03-08 00:00")) == at("2026-03-15 02:10")

    def test_an_hour_that_comes_twice_is_open_both_times(self) -> None:
        hours = office(sun="01:00-01:30")
        assert is_open(hours, at("2026-11-01 01:10", fold=0))
        assert not is_open(hours, at("2026-11-01 01:40", fold=0))
        assert is_open(hours, at("2026-11-01 01:10", fold=1))
        first = next_opening(hours, at("2026-11-01 00:00"))
        assert first == datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
        assert next_opening(hours, first) == datetime(2026, 11, 1, 7, 0, tzinfo=UTC)

    def test_the_working_day_begins_at_eight_on_the_wall_before_and_after(self) -> None:
        hours = office(mon_fri="08:00-17:30")
        assert next_opening(hours, at("2026-03-06 18:00")) == datetime(2026, 3, 9, 13, 0, tzinfo=UTC)
        assert next_opening(hours, at("2026-02-27 18:00")) == datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


class TestQuietHours:
    QUIET = read_quiet_hours("21:00-08:00")

    def test_they_run_over_midnight_on_the_callers_clock_not_the_offices(self) -> None:
        new_yorker = "+12125550123"
        assert is_quiet(self.QUIET, new_yorker, CHICAGO, at("2026-03-03 20:30"))  # 21:30 there
        assert not is_quiet(self.QUIET, new_yorker, CHICAGO, at("2026-03-03 07:30"))  # 08:30 there
        assert is_quiet(self.QUIET, new_yorker, CHICAGO, at("2026-03-04 03:00"))

    def test_in_an_area_of_two_zones_quiet_in_either_is_quiet(self) -> None:
        northwest_indiana = "+12195550123"
        assert zones_of(northwest_indiana) == ("America/Chicago", "America/New_York")
        assert is_quiet(self.QUIET, northwest_indiana, CHICAGO, at("2026-03-03 20:30"))
        assert is_quiet(self.QUIET, northwest_indiana, CHICAGO, at("2026-03-03 07:30"))
        assert quiet_until(self.QUIET, northwest_indiana, CHICAGO, at("2026-03-03 20:30")) == at("2026-03-04 08:00")

    def test_a_number_that_tells_no_zone_is_taken_to_be_where_the_line_is(self) -> None:
        toll_free = "+18005550123"
        assert zones_of(toll_free) == ()
        assert is_quiet(self.QUIET, toll_free, CHICAGO, at("2026-03-03 21:00"))
        assert not is_quiet(self.QUIET, toll_free, CHICAGO, at("2026-03-03 20:59"))

    def test_numbers_abroad_have_their_own_clock(self) -> None:
        assert zones_of("+442079460123") == ("Europe/London",)
        assert is_quiet(self.QUIET, "+442079460123", CHICAGO, at("2026-03-03 16:00"))

    def test_an_end_later_the_same_day_is_understood(self) -> None:
        siesta = read_quiet_hours("12:00-14:00")
        assert is_quiet(siesta, "+13125550123", CHICAGO, at("2026-03-03 13:59"))
        assert not is_quiet(siesta, "+13125550123", CHICAGO, at("2026-03-03 14:00"))

    def test_outside_them_a_text_may_go_at_once(self) -> None:
        noon = at("2026-03-03 12:00:30")
        assert quiet_until(self.QUIET, "+13125550123", CHICAGO, noon) == noon

    def test_when_the_clocks_change_they_end_at_eight_on_the_wall(self) -> None:
        night = at("2026-03-07 23:00")
        assert quiet_until(self.QUIET, "+13125550123", CHICAGO, night) == datetime(2026, 3, 8, 13, 0, tzinfo=UTC)

    @given(
        st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
        st.sampled_from(["+12125550123", "+12195550123", "+18085550123", "+442079460123", "+18005550123"]),
        st.integers(0, 1439),
        st.integers(1, 1439),
    )
    def test_their_end_is_the_first_moment_that_is_not_quiet(
        self, moment: datetime, number: str, start: int, length: int
    ) -> None:
        end = (start + length) % 1440
        quiet = read_quiet_hours(f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}")
        if is_quiet(quiet, number, CHICAGO, moment) and length < 1200:
            until = quiet_until(quiet, number, CHICAGO, moment)
            assert not is_quiet(quiet, number, CHICAGO, until)
            assert is_quiet(quiet, number, CHICAGO, until - timedelta(seconds=1))
