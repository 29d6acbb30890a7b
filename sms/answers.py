"""What providers' answers are made of, read warily: JSON objects, fields, dates, waits. Pure; nothing here raises."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

Message = Mapping[str, object]
"""One JSON object of an answer. What is in it is whatever was sent."""

LONGEST_WAIT = 3600.0
"""No Retry-After is believed beyond this many seconds: a text is stale long before."""

_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_LONGEST_SENTENCE = 300


def json_object(content: bytes) -> Message | None:
    """The JSON object in `content`, or None if it is anything else (HTML, a list, cut off, nested without
    end)."""
    try:
        value: object = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return object_of(value)


def object_of(value: object) -> Message | None:
    """`value` if it is a JSON object, else None."""
    return {str(name): part for name, part in value.items()} if isinstance(value, dict) else None


def text_of(message: Message, name: str) -> str | None:
    """A string field, made storable: a lone surrogate, which no database takes, becomes "?"."""
    value = message.get(name)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else None


def number_of(message: Message, name: str) -> int | None:
    """A field that is sent as an integer or as digits in a string."""
    value = message.get(name)
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None


def id_of(message: Message, name: str) -> str | None:
    """A provider's id, if it looks like one; it becomes part of later addresses."""
    found = text_of(message, name)
    return found if found is not None and _ID.fullmatch(found) else None


def date_of(text: str | None) -> float | None:
    """Epoch seconds of an RFC 2822 date or an HTTP date (RFC 9110), or None."""
    if text is None or len(text) > 64:
        return None
    try:
        when = parsedate_to_datetime(text)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def instant_of(text: str | None) -> float | None:
    """Epoch seconds of an ISO 8601 date with time and zone ("2025-06-15T15:06:40.123+00:00", or Z), or None."""
    if text is None or len(text) > 64:
        return None
    try:
        when = datetime.fromisoformat(text)
        return when.timestamp() if when.tzinfo else None
    except (ValueError, OverflowError):
        return None


def utc_day(at: float) -> str:
    """The UTC day of an instant, as list filters want it."""
    return datetime.fromtimestamp(max(at, 0.0), UTC).strftime("%Y-%m-%d")


def wait_of(retry_after: str | None, now: float) -> float | None:
    """Seconds named by a Retry-After header (RFC 9110, 10.2.3: seconds or a date), 0 to LONGEST_WAIT, or
    None."""
    if retry_after is None:
        return None
    seconds = re.fullmatch(r"\s*([0-9]{1,9})\s*", retry_after)
    if seconds is not None:
        return min(float(seconds[1]), LONGEST_WAIT)
    until = date_of(retry_after)
    return None if until is None else min(max(until - now, 0.0), LONGEST_WAIT)


def one_line(words: str) -> str:
    """A provider's own words, short, printable, on one line."""
    return "".join(letter if letter.isprintable() else " " for letter in words[:_LONGEST_SENTENCE]).strip()
