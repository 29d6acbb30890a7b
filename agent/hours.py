"""When the office is open, and when a caller must not be disturbed. Pure: the time is an argument.

All of it follows the clock on the wall. On a night when the clocks change, 02:30 may come twice or never; an
office that opens at 02:30 is then open from the first instant at which the wall shows 02:30 or later.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers

from agent.public_holidays import holiday_name

DAY = 1_440
"""Minutes of a day on the wall clock."""

FARTHEST_OPENING = 400
"""Days that next_opening looks ahead; an office closed for longer has no next opening."""

MOST_ZONES = 4
"""A number whose area lies in more time zones than this tells nothing about the caller (toll-free, foreign mobile)."""


@dataclass(frozen=True, slots=True)
class OpenRange:
    """Open from `start` until just before `end`, minutes since midnight. `end` > 1440 runs into the next day."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class OpenHours:
    """Open hours of one line. `week` has seven days, Monday first, each with its ranges in order.

    `holidays` is a country and perhaps a region as the holidays package names them ("US-IL"). A range that
    begins on a holiday is off; one that began the evening before still runs to its end.
    """

    zone: str
    week: tuple[tuple[OpenRange, ...], ...]
    holidays: str | None = None


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Minutes since midnight; `end` below `start` runs over midnight (21:00-08:00)."""

    start: int
    end: int


def is_open(hours: OpenHours, at: datetime) -> bool:
    """Whether the office is open at `at` (any aware time)."""
    local = at.astimezone(ZoneInfo(hours.zone))
    minute = local.hour * 60 + local.minute
    today, yesterday = local.date(), local.date() - timedelta(days=1)
    return any(r.start <= minute < r.end for r in _ranges(hours, today)) or any(
        r.start <= minute + DAY < r.end for r in _ranges(hours, yesterday)
    )


def next_opening(hours: OpenHours, at: datetime) -> datetime | None:
    """The first instant after `at` at which the office goes from closed to open, in UTC.

    None: it doesn't open within FARTHEST_OPENING days.
    """
    zone = ZoneInfo(hours.zone)
    first = at.astimezone(zone).date()
    for ahead in range(FARTHEST_OPENING):
        day = first + timedelta(days=ahead)
        starts = (_instants(zone, day, r.start) for r in _ranges(hours, day))
        for instant in sorted(instant for found in starts for instant in found):
            if instant > at and is_open(hours, instant) and not is_open(hours, instant - timedelta(minutes=1)):
                return instant
    return None


def zones_of(number: str) -> tuple[str, ...]:
    """Every time zone in which the area of an E.164 number lies; empty where it tells nothing.

    The published table (phonenumbers) knows many exchanges, but gives those it doesn't list one zone of their area.
    So the whole area code counts. More than MOST_ZONES zones tell nothing.
    """
    from phonenumbers.tzdata import TIMEZONE_DATA

    parsed = phonenumbers.parse(number, None)
    country, national = str(parsed.country_code), phonenumbers.national_significant_number(parsed)
    area = country + national[: _area_length(parsed)]
    inside = {zone for prefix, zones in TIMEZONE_DATA.items() if prefix.startswith(area) for zone in zones}
    shortest = len(country) if inside else 0  # a whole country's zones say less than the exchanges of the area
    around = (area[:length] for length in range(len(area), shortest, -1))
    inside.update(next((TIMEZONE_DATA[prefix] for prefix in around if prefix in TIMEZONE_DATA), ()))
    known = sorted(zone for zone in inside if _exists(zone))
    return tuple(known) if len(known) <= MOST_ZONES else ()


def is_quiet(quiet: QuietHours, number: str, line_zone: str, at: datetime) -> bool:
    """Whether `at` is in the quiet hours of the caller `number`: in any zone of its area, else in the line's."""
    return any(_quiet_there(quiet, zone, at) for zone in zones_of(number) or (line_zone,))


def quiet_until(quiet: QuietHours, number: str, line_zone: str, at: datetime) -> datetime:
    """The first whole minute from `at` on that is in nobody's quiet hours; `at` itself where it is none. UTC."""
    zones = zones_of(number) or (line_zone,)
    instant = at.astimezone(UTC)
    for _ in range(3 * DAY):
        if not any(_quiet_there(quiet, zone, instant) for zone in zones):
            return instant
        instant = instant.replace(second=0, microsecond=0) + timedelta(minutes=1)
    raise ValueError("the caller's zones leave no minute that isn't quiet")


def _ranges(hours: OpenHours, day: date) -> tuple[OpenRange, ...]:
    if hours.holidays is not None and holiday_name(hours.holidays, day) is not None:
        return ()
    return hours.week[day.weekday()]


def _instants(zone: ZoneInfo, day: date, minute: int) -> Iterator[datetime]:
    """Every instant (UTC) at which the wall first shows `minute` of `day`: two where that hour comes twice."""
    wall = datetime.combine(day, time(minute // 60, minute % 60)) if minute < DAY else None
    if wall is None:
        return
    early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early <= late:
        yield from dict.fromkeys((early, late))
        return
    # The wall never shows this minute: the clocks go forward somewhere between the two readings.
    instant = late
    while instant.astimezone(zone).replace(tzinfo=None) < wall:
        instant += timedelta(minutes=1)
    yield instant


def _quiet_there(quiet: QuietHours, zone: str, at: datetime) -> bool:
    local = at.astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    if quiet.start < quiet.end:
        return quiet.start <= minute < quiet.end
    return minute >= quiet.start or minute < quiet.end


def _area_length(number: phonenumbers.PhoneNumber) -> int:
    """Digits of the area code; NANP's is three even where the library takes a number for a mobile."""
    return 3 if number.country_code == 1 else phonenumbers.length_of_national_destination_code(number)


def _exists(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except ZoneInfoNotFoundError:
        return False
    return True
