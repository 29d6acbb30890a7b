"""Makes recorded phone numbers and names into fictional ones, the same each time, so that a trace can be shown.

A trace must replay as before. So a number keeps its length, its country and its area code, which decide whether it is
toll-free, premium or abroad; only the subscriber changes. In North America that is 555-0100 and on (NANPA keeps
555-0100 to -0199 for fiction), elsewhere the last four digits are counted up. Short numbers (extensions, queues) stay.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Header = tuple[str, str]

_NUMBER = re.compile(
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"  # ids of bridges: left alone
    r"|-[0-9a-f]{8}(?![0-9A-Za-z])"  # the counters that end channel names: left alone
    r"|(?<![\d.])\d{9,11}\.\d+"  # ids of channels and calls (epoch seconds, a counter), and times: left alone
    r"|(?<!\d)\d{7,15}(?![\d.]*\d)",
    re.ASCII,
)
_NORTH_AMERICA = re.compile(r"1?([2-9]\d{2})([2-9]\d{6})", re.ASCII)
_SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class People:
    """Where a PBX's messages hold names: endings of headers that are names, and headers with text they may occur in."""

    names: tuple[str, ...]
    texts: frozenset[str]


class Mask:
    """One recording's mask. `keeps`: numbers that mean something else (withheld), which stay."""

    def __init__(self, people: People, keeps: Callable[[str], bool]) -> None:
        self._people = people
        self._keeps = keeps
        self._numbers: dict[str, str] = {}
        self._used: dict[str, int] = {}
        self._names: dict[str, str] = {}

    def headers(self, pairs: Sequence[Header]) -> list[Header]:
        """The headers with every number and every known name replaced."""
        return [(header, self._value(header, value)) for header, value in pairs]

    def _value(self, header: str, value: str) -> str:
        if header.endswith(self._people.names):
            if len(value) < _SHORTEST_NAME or value == "<unknown>" or self._keeps(value) or _is_number(value):
                return _NUMBER.sub(lambda found: self._number(found[0]), value)
            return self._names.setdefault(value, f"CALLER {len(self._names) + 1}")
        if header in self._people.texts:
            for name, fictional in self._names.items():
                value = value.replace(name, fictional)
        return _NUMBER.sub(lambda found: self._number(found[0]), value)

    def _number(self, digits: str) -> str:
        if not digits.isdecimal() or self._keeps(digits):
            return digits
        known = _NORTH_AMERICA.fullmatch(digits)
        if known:
            area, subscriber = known[1], known[2]
            head = digits[: len(digits) - len(subscriber)]
            return head + self._fictional(f"{area}{subscriber}", area, lambda count: f"555{(99 + count) % 10_000:04}")
        tail = digits[-7:]
        prefix = digits[:-7] + tail[:3]
        return prefix + self._fictional(tail, tail[:3], lambda count: f"{count % 10_000:04}")

    def _fictional(self, number: str, group: str, nth: Callable[[int], str]) -> str:
        if number not in self._numbers:
            self._used[group] = self._used.get(group, 0) + 1
            self._numbers[number] = nth(self._used[group])
        return self._numbers[number]


def _is_number(value: str) -> bool:
    return not any(letter.isalpha() for letter in value)
