"""When a reply asks to be called, on the clock of the office: "after 3", "tomorrow morning", "lunes a las 10". Pure.

With no day named it is today, or the next day on which the hour is still to come; bare hours from 1 to 7 are afternoon
or evening. What was written is always kept and shown beside: this only sorts and reminds.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sms.own_words.reading import says
from sms.own_words.weights import Question
from sms.plain_words import spelled
from sms.wording import any_of

MINUTE, HOUR, DAY = 60, 3600, 86_400
LASTS = 2.0 * HOUR
"""How long a time that is named without an end is good for, seconds."""
EARLIEST, LATEST = 8 * 60, 20 * 60
"""Minutes since midnight between which "before 10" begins and "after 3" ends."""


@dataclass(frozen=True, slots=True)
class CallTime:
    """From when until when somebody should call, epoch seconds."""

    start: float
    end: float


PARTS: tuple[tuple[str, int, int], ...] = (
    (any_of(r"(?:early |first thing in the )?mornings?|am|matin|por la manana|de la manana|a primera hora"), 480, 720),
    (any_of(r"afternoons?|apres midi|(?:la )?tarde|aft"), 720, 1020),
    (any_of(r"noon(?:ish)?|midday|lunch(?:time)?|midi|mediodia|medio dia"), 720, 780),
    (any_of(r"evenings?|tonight|after work|soir(?:ee)?|noche|souper"), 1020, 1200),
    (any_of(r"end of (?:the )?day|eod|fin de journee"), 960, 1080),
)
"""Part of the day, and its minutes since midnight."""

WEEKDAYS = (
    r"mon(?:day)?s?|lunes|lundi",
    r"tues?(?:day)?s?|martes|mardi",
    r"wed(?:nesday)?s?|miercoles|mercredi",
    r"thu(?:rs?)?(?:day)?s?|jueves|jeudi",
    r"fri(?:day)?s?|viernes|vendredi",
    r"sat(?:urday)?s?|sabado|samedi",
    r"sun(?:day)?s?|domingo|dimanche",
)
_TOMORROW = re.compile(r"\b(?:tomorrow|tomorow|tmrw|tmw|demain|(?<!la )(?<!esta )manana(?! por))\b")
_AFTER_TOMORROW = re.compile(r"\b(?:day after tomorrow|pasado manana|apres demain)\b")
_TODAY = re.compile(r"\b(?:today|tonight|this (?:morning|afternoon|evening)|hoy|aujourd ?hui|ce soir)\b")
_NOW = re.compile(
    r"\b(?:now|right away|asap|as soon as possible|any ?time|whenever|ahora|ahorita|cuando (?:quiera|pueda)"
    r"|a cualquier hora|maintenant|tout de suite|n importe quand|des que possible)\b"
)
_IN = re.compile(
    r"\b(?:in|en|dans) (?:like |about |un[ea]? )?(\d{1,3}|an?|half an|une?|media|demi)? ?(?:of )?"
    r"(mins?|minutes?|minutos?|hours?|hrs?|horas?|heures?)\b"
)
_RANGE = re.compile(r"(?<=\d)\s?[-–]\s?(?=\d)")
_NUMBER = r"(\d{1,2})(?:[:h. ]?(\d\d))? ?(am|pm|a m|p m|h|hrs)?"
_BETWEEN = re.compile(
    rf"\b(?:between |from |entre |de )?(?:las? )?{_NUMBER} ?(?:and|to|y|a|et|until|till) (?:las? )?{_NUMBER}\b"
)
_AFTER = re.compile(rf"\b(?:after|from|past|any ?time after|despues de|a partir de|apres|des)(?: las?)? {_NUMBER}\b")
_BEFORE = re.compile(rf"\b(?:before|by|until|till|antes de|hasta|avant|jusqu a)(?: las?)? {_NUMBER}\b")
_AT = re.compile(rf"\b(?:at|around|about|like|a las?|a eso de las?|vers|a)? ?{_NUMBER}(?:ish)?\b")


def call_time(body: str, received_at: float, zone: str) -> CallTime | None:
    """When to call who wrote this at that instant; None if he doesn't say."""
    if not says(body, Question.SAYS_WHEN):
        return None
    text = spelled(_RANGE.sub(" to ", body))
    now = datetime.fromtimestamp(received_at, UTC).astimezone(ZoneInfo(zone))
    found = _soon(text, received_at)
    if found is not None:
        return found
    day = _day(text, now.date())
    minutes = _minutes(text)
    if minutes is None:
        if day is None:
            return CallTime(received_at, received_at + LASTS) if _NOW.search(text) else None
        minutes = (EARLIEST, LATEST)
    return _on(day, minutes, now)


def _soon(text: str, received_at: float) -> CallTime | None:
    found = _IN.search(text)
    if found is None:
        return None
    many = {"half an": 0.5, "media": 0.5, "demi": 0.5}.get(found[1] or "", 1.0)
    many = float(found[1]) if found[1] and found[1].isdecimal() else many
    start = received_at + many * (MINUTE if found[2].startswith("m") else HOUR)
    return CallTime(start, start + LASTS)


def _day(text: str, today: date) -> date | None:
    if _AFTER_TOMORROW.search(text):
        return today + timedelta(days=2)
    if _TOMORROW.search(text):
        return today + timedelta(days=1)
    if _TODAY.search(text):
        return today
    for weekday, names in enumerate(WEEKDAYS):
        if re.search(rf"\b(?:{names})\b", text):
            return today + timedelta(days=(weekday - today.weekday()) % 7 or 7)
    return None


def _minutes(text: str) -> tuple[int, int] | None:
    """Minutes since midnight, from and until."""
    if found := _BETWEEN.search(text):
        end = _clock(found[4], found[5], found[6])
        start = _clock(found[1], found[2], found[3] or found[6])
        if start is not None and end is not None and start < end:
            return start, end
    for pattern, kind in ((_AFTER, "after"), (_BEFORE, "before"), (_AT, "at")):
        found = pattern.search(text)
        at = _clock(found[1], found[2], found[3]) if found else None
        if at is not None:
            return {"after": (at, max(LATEST, at + 60)), "before": (min(EARLIEST, at - 60), at), "at": (at, at + 60)}[
                kind
            ]
    return next(((start, end) for names, start, end in PARTS if re.search(rf"\b{names}\b", text)), None)


def _clock(hour: str, minute: str | None, half: str | None) -> int | None:
    at = int(hour)
    if at > 23 or int(minute or 0) > 59:
        return None
    half = (half or "").replace(" ", "")
    if (half == "pm" or (half == "" and 1 <= at <= 7)) and at < 12:
        at += 12
    if half == "am" and at == 12:
        at = 0
    return at * 60 + int(minute or 0)


def _on(day: date | None, minutes: tuple[int, int], now: datetime) -> CallTime:
    """On that day; with none named on the first on which it isn't over."""
    start, end = (_instant(day or now.date(), at, now) for at in minutes)
    if day is None and end <= now.timestamp():
        start, end = (_instant(now.date() + timedelta(days=1), at, now) for at in minutes)
    return CallTime(max(start, now.timestamp()) if start < now.timestamp() < end else start, end)


def _instant(day: date, minutes: int, now: datetime) -> float:
    midnight = datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)
    return (midnight + timedelta(minutes=max(0, minutes))).timestamp()
