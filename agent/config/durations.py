"""Durations as an admin writes them: "90s", "4h", "15m", "1h30m"."""

import re

PATTERN = r"^(?=\d)(\d+d)?(\d+h)?(\d+m)?(\d+(\.\d+)?s)?$"
"""Days, hours, minutes, seconds, each at most once, the longest first; only seconds may have decimals."""

LONGEST = 366 * 86_400.0
"""A year. Longer is taken for a slip of the keyboard."""

_UNITS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)([dhms])", re.ASCII)
_WHOLE = re.compile(PATTERN, re.ASCII)


def read_duration(text: str) -> float:
    """Seconds of a duration such as "1h30m". Raises ValueError with a sentence for people."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(_what_is_wrong(text))
    seconds = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    if seconds > LONGEST:
        raise ValueError("is longer than a year")
    return seconds


def spell_duration(seconds: float) -> str:
    """The shortest way to write `seconds` so that read_duration gives it back."""
    if seconds == 0:
        return "0s"
    spelt = ""
    rest = seconds
    for unit, size in _UNITS.items():
        if unit == "s":
            return spelt + (f"{rest:g}s" if rest else "")
        count, rest = divmod(rest, size)
        spelt += f"{int(count)}{unit}" if count else ""
    return spelt


def _what_is_wrong(text: str) -> str:
    if re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII):
        return f'has no unit; for seconds write "{text}s"'
    if text.startswith("-"):
        return "is negative; a duration is zero or more"
    return "is no duration"
