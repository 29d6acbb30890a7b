"""Reading phone numbers: which number a caller ID, a configured number or a DID means, and whether to text it.

A caller ID is whatever the trunk, or the caller himself, put there. Only what is plainly one number is read: digits
with the usual separators. Words, letters, extensions and control characters are refused by name, since the parser
below would make numbers of them. Numbers are judged by Google's metadata (phonenumbers) without its geocoder.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

COUNTRIES: frozenset[str] = frozenset(phonenumbers.SUPPORTED_REGIONS)
"""The regions (ISO 3166-1 alpha-2, upper case) a number can be read in."""


class Untextable(Enum):
    """Why a number isn't texted. The value completes the sentence "it is not texted because …"."""

    WITHHELD = "the caller withheld the number, or none came with the call"
    CONTROL_CHARACTER = "there is a control character in it"
    EXTENSION = "there is an extension in it"
    NOT_A_NUMBER = "it is not written as a phone number"
    SHORT_CODE = "it is a short code or an internal extension"
    PLACEHOLDER = "all its digits are the same, which carriers send where they have no number"
    NOT_VALID = "no such number can exist, or its area code is missing"
    TOLL_FREE = "it is a toll-free number"
    PREMIUM = "it is a premium-rate or shared-cost number"
    COMPANY = "it is a company-wide access number"
    PAGER = "it is a pager"
    VOICEMAIL = "it is a voicemail access number"


@dataclass(frozen=True, slots=True)
class Number:
    """What was read. `e164` and `region` are there if it is a number at all, textable or not.

    `region` is ISO 3166-1 alpha-2, by the number's own prefix and not by calling code (+1 809 is DO), or "001" for
    one that belongs to no country. `why_not` is None exactly if the number can be texted.
    """

    raw: str
    e164: str | None
    region: str | None
    why_not: Untextable | None

    @property
    def textable(self) -> bool:
        return self.why_not is None

    @property
    def withheld(self) -> bool:
        return self.why_not is Untextable.WITHHELD


# What PBXs, carriers and SIP stacks put where there is no number: RFC 3323 for "anonymous"; "s" and "i" are
# extensions of Asterisk, "asterisk" its default user; "p" and "o" are private and out of area on analogue lines.
_WITHHELD = re.compile(
    r"(?:anonymous|restricted|private|unavailable|unknown|blocked|withheld|unassigned|unidentified)"
    r"(?:[ _-]?(?:number|caller|name|user))?"
    r"|asterisk|s|i|p|o|none|no[ _-]?(?:caller[ _-]?id|number|name)|not[ _-]available|out[ _-]of[ _-]area",
    re.IGNORECASE,
)
# The same words spelled on a keypad (Twilio sends letters so). RESTRICTED would be a valid number of Austin, Texas.
_WITHHELD_DIGITS = frozenset(
    {
        "266696687",  # ANONYMOUS, also padded to ten digits
        "7378742833",  # RESTRICTED
        "8656696",  # UNKNOWN
        "86282452253",  # UNAVAILABLE
        "2562533",  # BLOCKED
        "7748283",  # PRIVATE
    }
)
_LONGEST = 80  # Asterisk cuts caller IDs at 79 bytes; a longer one is no number, and has no place in the cache
_TYPES = {
    PhoneNumberType.TOLL_FREE: Untextable.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE: Untextable.PREMIUM,
    PhoneNumberType.SHARED_COST: Untextable.PREMIUM,
    PhoneNumberType.UAN: Untextable.COMPANY,
    PhoneNumberType.PAGER: Untextable.PAGER,
    PhoneNumberType.VOICEMAIL: Untextable.VOICEMAIL,
}
_MARKS_OF_DIRECTION = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_SCHEME = re.compile(r"(?:tel|sips?):", re.IGNORECASE)
_AS_WRITTEN = re.compile(r"\+?[0-9 ().\-/]*[0-9][0-9 ().\-/]*")
_WITH_EXTENSION = re.compile(r"\+?[0-9 ().\-/]{3,}(?:;?\s*ext(?:n|ension)?|x|#|,|;|p|w)[.:=\s]*[0-9]+#?", re.IGNORECASE)
_SERVICE_CODE = re.compile(r"1?[2-9]11")  # N11 of the North American plan: 911, 411 …
_ALL_THE_SAME = re.compile(r"(?:00|011)?1?([0-9])\1*")
_SUBADDRESS = re.compile(r";(?:ext|isub|postd)=", re.IGNORECASE)


def read_number(raw: str, country: str) -> Number:
    """Read a number as received. `country` is where a number without country code is dialled.

    Raises ValueError for a country not in COUNTRIES. Takes any text, however hostile; never raises for one.
    """
    if country not in COUNTRIES:
        raise ValueError(f"{country!r} is no country with phone numbers; give two capital letters such as US")
    return _read(raw, country) if len(raw) <= _LONGEST else _unread(raw, Untextable.NOT_A_NUMBER)


@lru_cache(maxsize=512)
def _read(raw: str, country: str) -> Number:
    if any(unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") for c in raw):
        return _unread(raw, Untextable.CONTROL_CHARACTER)
    text = _plain(raw)
    bare = text.partition(";")[0].strip()
    if not bare or _WITHHELD.fullmatch(bare):
        return _unread(raw, Untextable.WITHHELD)
    if _SUBADDRESS.search(text) or _WITH_EXTENSION.fullmatch(text):
        return _unread(raw, Untextable.EXTENSION)
    if not _AS_WRITTEN.fullmatch(bare):
        return _unread(raw, Untextable.NOT_A_NUMBER)
    return _judge(raw, bare.startswith("+"), re.sub(r"[^0-9]", "", bare), country)


def _plain(raw: str) -> str:
    """The same in ASCII where it has digits of another script, full-width or typographic signs, or marks of
    direction; the wrapping of a URI taken off."""
    text = "".join(_ascii(c) for c in raw.translate(_MARKS_OF_DIRECTION)).strip()
    text = text.removeprefix("<").removesuffix(">").strip("\"' ")
    scheme = _SCHEME.match(text)
    return text[scheme.end() :].partition("@")[0].strip() if scheme else text


def _ascii(c: str) -> str:
    if c.isdecimal():
        return str(unicodedata.decimal(c))
    if "\uff01" <= c <= "\uff5e":
        return chr(ord(c) - 0xFEE0)
    match unicodedata.category(c):
        case "Pd":
            return "-"
        case "Zs":
            return " "
        case _:
            return c


def _judge(raw: str, plus: bool, digits: str, country: str) -> Number:
    if _spells_a_word(digits):
        return _unread(raw, Untextable.WITHHELD)
    # Five digits without a plus are an extension or a short code, though in some countries they parse as more.
    number = _parse(plus, digits, country) if plus or len(digits) > 5 else None
    if number is not None:
        return _typed(raw, number)
    if len(digits) <= 6 or _SERVICE_CODE.fullmatch(digits):
        return _unread(raw, Untextable.SHORT_CODE)
    return _unread(raw, Untextable.PLACEHOLDER if _ALL_THE_SAME.fullmatch(digits) else Untextable.NOT_VALID)


def _typed(raw: str, number: PhoneNumber) -> Number:
    region = phonenumbers.region_code_for_number(number)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    national = phonenumbers.national_significant_number(number)
    if len(set(national)) == 1:
        return Number(raw, e164, region, Untextable.PLACEHOLDER)
    return Number(raw, e164, region, _TYPES.get(phonenumbers.number_type(number)))


def _unread(raw: str, why: Untextable) -> Number:
    return Number(raw, None, None, why)


def _spells_a_word(digits: str) -> bool:
    for prefix in ("", "1", "00", "001", "011", "0111"):
        word = digits.removeprefix(prefix) if digits.startswith(prefix) else ""
        if word in _WITHHELD_DIGITS or (len(word) == 10 and word[:9] in _WITHHELD_DIGITS):
            return True
    return False


def _parse(plus: bool, digits: str, country: str) -> PhoneNumber | None:
    """The valid number these digits mean, or None.

    Trunks send international numbers in more ways than the dialling rules of a country know: with 00 where the
    office dials 011, or bare, without a plus. Both are tried, and only what is valid is believed.
    """
    candidates = [("+" if plus else "") + digits]
    if digits.startswith("00"):
        candidates.append("+" + digits[2:])
    elif not plus and len(digits) >= 11 and not digits.startswith("0"):
        candidates.append("+" + digits)
    for candidate in candidates:
        number = _parsed(candidate, country)
        if number is not None and phonenumbers.is_valid_number(number):
            return number
    return None


def _parsed(text: str, country: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None


def match_line(configured: str, received: str, country: str) -> bool:
    """Whether the DID the PBX received is the configured line. `configured` may be "*", which is every DID.

    A DID comes as the trunk sends it: +12025550101, 12025550101 or 2025550101 are one line. One that can't be read
    as a number (an extension, "s", nothing) is the line only if both are written alike; "s" and nothing never are.
    A DID cut to its last digits is not guessed at: two lines may end alike.
    """
    if configured == "*":
        return True
    if len(received) > _LONGEST:
        return False
    wanted, got = _did(configured, country), _did(received, country)
    return wanted == got and wanted not in ("", "s")


def _did(raw: str, country: str) -> str:
    """One spelling for each DID; numbers newer than the metadata, possible though not valid, have one too."""
    number = read_number(raw, country)
    if number.e164 is not None:
        return number.e164
    text = raw.strip(" ")
    if _AS_WRITTEN.fullmatch(text):
        parsed = _parsed(re.sub(r"[^0-9+]", "", text), country)
        if parsed is not None and _has_area_code(parsed):
            return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    return text


def _has_area_code(number: PhoneNumber) -> bool:
    return phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE


def mask(number: str) -> str:
    """A number as logs may show it: its last four digits, and nothing else of what was received."""
    digits = "".join(c for c in number if c in "0123456789")
    return "…" + digits[-4:]
