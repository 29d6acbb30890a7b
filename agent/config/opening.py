"""Open hours and quiet hours as an admin writes them: `mon-fri = "08:00-12:00, 13:00-17:30"`."""

import re
from collections.abc import Mapping
from itertools import pairwise

from agent.hours import DAY, OpenRange, QuietHours

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_WEEK = DAY * 7
_TIME = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)", re.ASCII)


class TableError(ValueError):
    """What is wrong with single keys of a table: (key, sentence) each."""

    def __init__(self, problems: tuple[tuple[str, str], ...]) -> None:
        super().__init__("; ".join(f"{key} {why}" for key, why in problems))
        self.problems = problems


def read_week(table: Mapping[str, str]) -> tuple[tuple[OpenRange, ...], ...]:
    """Seven days, Monday first, from keys such as "mon-fri" and "sat". Raises TableError with every problem.

    A range may run over midnight ("18:00-02:00"): it belongs to the day on which it begins. "closed" is a day
    without hours.
    """
    week: list[tuple[OpenRange, ...]] = [()] * 7
    owner: dict[int, str] = {}
    problems: list[tuple[str, str]] = []
    for key, text in table.items():
        try:
            days, ranges = read_days(key), read_ranges(text)
        except ValueError as error:
            problems.append((key, str(error)))
            continue
        for day in days:
            if day in owner:
                problems.append((key, f'gives {DAYS[day]} a second time; "{owner[day]}" has it already'))
                break
            owner[day], week[day] = key, ranges
    if not problems:
        problems.extend(_overlaps(week, owner))
    if problems:
        raise TableError(tuple(problems))
    return tuple(week)


def read_days(key: str) -> tuple[int, ...]:
    """Weekdays (Monday 0) of "sat" or "mon-fri"; "sat-mon" goes round the weekend. Raises ValueError."""
    first, dash, last = key.partition("-")
    if first not in DAYS or (dash and last not in DAYS):
        raise ValueError(f'is no day; write one such as "sat" or several as "mon-fri" ({" ".join(DAYS)})')
    start, end = DAYS.index(first), DAYS.index(last or first)
    return tuple((start + step) % 7 for step in range((end - start) % 7 + 1))


def read_ranges(text: str) -> tuple[OpenRange, ...]:
    """Ranges of one day, in order; () for "closed". Raises ValueError with the rest of a sentence."""
    if text.strip().lower() == "closed":
        return ()
    ranges = sorted((_read_range(part) for part in text.split(",")), key=lambda r: r.start)
    if any(later.start < earlier.end for earlier, later in pairwise(ranges)):
        raise ValueError("has ranges that overlap")
    return tuple(ranges)


def read_quiet_hours(text: str) -> QuietHours:
    """Quiet hours such as "21:00-08:00". Raises ValueError with the rest of a sentence."""
    whole = _read_range(text)
    return QuietHours(whole.start, whole.end % DAY)


def _read_range(text: str) -> OpenRange:
    begin, dash, finish = text.strip().partition("-")
    if not dash:
        raise ValueError('is no range of hours such as "08:00-17:30"')
    start, end = _read_time(begin), _read_time(finish)
    if start in (end, DAY):
        raise ValueError(f'has a range that ends as it begins ("{text.strip()}"); all day is "00:00-24:00"')
    return OpenRange(start, end if end > start else end + DAY)


def _read_time(text: str) -> int:
    found = _TIME.fullmatch(text.strip())
    minute = int(found[1]) * 60 + int(found[2]) if found else DAY + 1
    if minute > DAY:
        raise ValueError(f'has a time that is none: "{text.strip()}"; write hours and minutes such as 17:30')
    return minute


def _overlaps(week: list[tuple[OpenRange, ...]], owner: dict[int, str]) -> list[tuple[str, str]]:
    """Days whose last range runs past midnight into hours of the next day."""
    found = []
    for day, ranges in enumerate(week):
        tomorrow = (day + 1) % 7
        late = max((r.end - DAY for r in ranges), default=0)
        if week[tomorrow] and week[tomorrow][0].start < late:
            found.append((owner[day], f"runs past midnight into the hours of {DAYS[tomorrow]}"))
    return found[:1]
