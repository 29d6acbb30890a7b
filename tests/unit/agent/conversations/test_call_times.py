"""What time a reply names, on the office's clock."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agent.conversations.call_times import call_time
from tests.story import MONDAY_NOON

CHICAGO = "America/Chicago"


def told(body: str, at: float = MONDAY_NOON) -> str | None:
    """The time named in a reply of Monday noon: day and both ends, as the office's clock shows them."""
    found = call_time(body, at, CHICAGO)
    if found is None:
        return None
    start, end = (datetime.fromtimestamp(at, ZoneInfo(CHICAGO)) for at in (found.start, found.end))
    return f"{start:%a %H:%M}-{end:%H:%M}"


@pytest.mark.parametrize(
    ("body", "when"),
    [
        ("after 3", "Mon 15:00-20:00"),
        ("After 3pm please", "Mon 15:00-20:00"),
        ("call me at 5", "Mon 17:00-18:00"),
        ("5:30pm works", "Mon 17:30-18:30"),
        ("before 2", "Mon 12:00-14:00"),
        ("between 2 and 4", "Mon 14:00-16:00"),
        ("any time between 1-3 pm", "Mon 13:00-15:00"),
        ("tomorrow morning", "Tue 08:00-12:00"),
        ("tomorrow after 10am", "Tue 10:00-20:00"),
        ("9am is fine", "Tue 09:00-10:00"),
        ("this afternoon works best", "Mon 12:00-17:00"),
        ("this evening please", "Mon 17:00-20:00"),
        ("Wednesday at 10", "Wed 10:00-11:00"),
        ("Monday morning is good", "Mon 08:00-12:00"),
        ("in 20 minutes", "Mon 12:20-14:20"),
        ("in an hour please", "Mon 13:00-15:00"),
        ("as soon as possible", "Mon 12:00-14:00"),
        ("mañana por la mañana", "Tue 08:00-12:00"),
        ("después de las 4", "Mon 16:00-20:00"),
        ("el jueves a las 10", "Thu 10:00-11:00"),
        ("demain matin svp", "Tue 08:00-12:00"),
        ("après 15h", "Mon 15:00-20:00"),
        ("vendredi après midi", "Fri 12:00-17:00"),
    ],
)
def test_a_time_is_read_on_the_offices_clock(body: str, when: str) -> None:
    assert told(body) == when


def test_next_weeks_monday_is_meant_on_a_monday() -> None:
    found = call_time("Monday morning is good", MONDAY_NOON, CHICAGO)
    assert found is not None and found.start - MONDAY_NOON > 6 * 86_400


@pytest.mark.parametrize(
    "body", ["ok thanks", "how much is it?", "can you come at 5?", "", "my water heater is 12 years old"]
)
def test_what_names_no_time_gives_none(body: str) -> None:
    assert told(body) is None


def test_hostile_numbers_are_no_times() -> None:
    assert told("call me at 99:99") == told("call me after 26") is None
