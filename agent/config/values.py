"""Values that are more than text: each reads what an admin wrote and says what is wrong with it.

Every check raises ValueError with the rest of a sentence that begins with the value ("is no duration"). What is
allowed stands beside the check, in `Allowed`, and is used by messages and by docs/configuration.md alike.
"""

import contextlib
import re
from base64 import b64decode
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictInt, WithJsonSchema

from agent.config.durations import PATTERN, read_duration
from sms.numbers import COUNTRIES, Untextable, read_number


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a value may be, in words that follow "must be"."""

    words: str


class Told(ValueError):
    """What is wrong and what to write instead, in whole sentences that need no more words."""


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("is no duration")
    if isinstance(value, str):
        return read_duration(value)
    raise ValueError(f'has no unit or quotes; for seconds write "{value}s"')


def _country(text: str) -> str:
    if text not in COUNTRIES:
        upper = {"UK": "GB", "EN": "GB"}.get(text.upper(), text.upper())
        hint = f'; did you mean "{upper}"?' if upper in COUNTRIES else ""
        raise ValueError(f"is no country{hint}")
    return text


def _zone(text: str) -> str:
    if "/" not in text and text != "UTC":
        raise ValueError(f"is no place{_similar_zone(text)}")  # "EST" is a zone of its own, without daylight saving
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"is no time zone that this machine knows{_similar_zone(text)}") from error
    return text


def _similar_zone(text: str) -> str:
    zones = {zone.lower(): zone for zone in sorted(available_timezones()) if "/" in zone}
    cities = {zone.rpartition("/")[2]: zone for zone in reversed(zones)}
    wanted = text.lower().replace(" ", "_")
    near = cities.get(wanted) or next(iter(get_close_matches(wanted, zones, n=1, cutoff=0.8)), None)
    return f'; did you mean "{zones[near]}"?' if near else ""


def read_e164(text: str, country: str) -> str:
    """A phone number as E.164. `country` is where a national number is read. Raises ValueError if it can't be read.

    In full, with a plus, a number need only have a possible length: area codes are newer than any table of them.
    """
    number = read_number(text, country)
    if number.e164 is not None:
        return number.e164
    if number.why_not is Untextable.NOT_VALID and text.startswith("+"):
        with contextlib.suppress(phonenumbers.NumberParseException):  # +0… belongs to no country at all
            parsed = phonenumbers.parse(text, None)
            if phonenumbers.is_possible_number(parsed):
                return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    why = number.why_not.value if number.why_not else "it can't be read"
    raise ValueError(f"can't be read as a phone number: {why}")


def _e164(text: str) -> str:
    if not text.startswith("+"):
        raise ValueError("is no number in international form")
    return read_e164(text, "US")  # with a plus the country makes no difference


def _line_number(text: str) -> str:
    return text if text == "*" else _e164(text)


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is no web address")
    if re.search(r"\s", text) or parts.username is not None:
        raise ValueError("has a space or a user name in it")
    return text


def _provider_url(text: str) -> str:
    parts = urlsplit(_url(text))
    if parts.query or parts.fragment:
        raise ValueError("has more than host and path")
    if parts.scheme == "http" and not _loopback(parts.hostname or ""):
        raise Told("would send the provider's credentials over the network unencrypted; write https.")
    return text.rstrip("/")


def _uuid(text: str) -> str:
    if not re.fullmatch("[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", text):
        raise ValueError("is no such id")
    return text


def _public_key(text: str) -> str:
    try:
        key = b64decode(text, validate=True)
    except ValueError as error:
        raise ValueError("is no public key") from error
    if len(key) != 32:
        raise ValueError("is no public key of Ed25519, which has 32 bytes")
    return text


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _one_line(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty")
    if not text.isprintable():
        raise ValueError("has a line break or another control character in it")
    return text


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.:-]+", text):
        raise ValueError("is no host")
    return text


def _globs(patterns: tuple[str, ...]) -> tuple[str, ...]:
    if any(not pattern.strip() for pattern in patterns):
        raise ValueError("has an empty pattern in it")
    return patterns


def _file(path: Path) -> Path:
    text = str(path)
    if text in ("", ".") or not text.isprintable():
        raise ValueError("is no path")
    if text.startswith("~"):
        raise ValueError("begins with ~, which only a shell understands")
    return path


def _not_empty(items: tuple[str, ...]) -> tuple[str, ...]:
    if not items:
        raise ValueError("is empty, so nobody would be texted")
    return items


# Only the beginning: a test double has names of its own. checks.py looks at the length where Twilio itself is asked.
def _sid(prefix: str, what: str) -> AfterValidator:
    def check(text: str) -> str:
        if not re.fullmatch(prefix + "[0-9A-Za-z]+", text):
            raise ValueError(f"is no {what}")
        return text

    return AfterValidator(check)


Seconds = Annotated[
    float,
    BeforeValidator(_seconds),
    WithJsonSchema({"type": "string", "format": "duration-in-words", "pattern": PATTERN}),
    Allowed('a duration such as "90s", "15m", "4h" or "1h30m"'),
]
Flag = Annotated[StrictBool, Allowed("true or false, without quotes")]
Rings = Annotated[StrictInt, Field(ge=1, le=100), Allowed("a whole number from 1 to 100")]
Cap = Annotated[StrictInt, Field(ge=1, le=100_000), Allowed("a whole number from 1 to 100000")]
Port = Annotated[StrictInt, Field(ge=1, le=65_535), Allowed("a whole number from 1 to 65535")]
OneLine = Annotated[str, AfterValidator(_one_line), Allowed("text on one line")]
Host = Annotated[str, AfterValidator(_host), Allowed('a host name or IP address such as "127.0.0.1"')]
Country = Annotated[
    str, AfterValidator(_country), Allowed('a country as two capital letters (ISO 3166-1), such as "US" or "GB"')
]
Countries = Annotated[
    tuple[Country, ...], AfterValidator(_not_empty), Allowed('a list of countries (ISO 3166-1) such as ["US", "CA"]')
]
Zone = Annotated[str, AfterValidator(_zone), Allowed('an IANA time zone such as "America/Chicago"')]
Number = Annotated[
    str, AfterValidator(_e164), Allowed('a phone number such as "+13125550100", or as dialled within the country')
]
LineNumber = Annotated[
    str, AfterValidator(_line_number), Allowed('a phone number such as "+13125550100", or "*" for every other')
]
Url = Annotated[str, AfterValidator(_url), Allowed('a web address such as "https://acme.example/book"')]
ProviderUrl = Annotated[str, AfterValidator(_provider_url), Allowed('a web address such as "https://api.twilio.com"')]
File = Annotated[Path, AfterValidator(_file), Allowed("a path such as /etc/secondring/pbx.secret")]
Globs = Annotated[tuple[str, ...], AfterValidator(_globs), Allowed('a list of patterns such as ["from-pstn*"]')]
AccountSid = Annotated[
    str,
    _sid("AC", "Account SID"),
    Allowed("the Account SID from the first page of the Twilio console: AC and 32 more characters"),
]
ApiKeySid = Annotated[str, _sid("SK", "API key SID"), Allowed("an API key's SID: SK and 32 more characters")]
ServiceSid = Annotated[
    str, _sid("MG", "messaging service SID"), Allowed("a messaging service's SID: MG and 32 more characters")
]
ProfileId = Annotated[
    str,
    AfterValidator(_uuid),
    Allowed('a messaging profile\'s id, such as "400174af-0a13-4e28-b4f5-0123456789ab"'),
]
PublicKey = Annotated[
    str, AfterValidator(_public_key), Allowed("the public key as the portal shows it: 44 characters that end in =")
]
