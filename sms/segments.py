"""How a text is encoded and into how many segments it is cut: what the carrier bills.

A text whose characters are all in the GSM 7-bit alphabet (3GPP TS 23.038, 6.2.1) travels as GSM-7: 160
septets in one segment, 153 in each of several. One character outside, and the whole text travels as UCS-2: 70
UTF-16 units in one segment, 67 in each of several. A character of the extension table costs two septets.
Nothing that belongs together is cut: neither an extension character nor a surrogate pair, and in UCS-2 no
grapheme (an emoji with its modifiers, a letter with its accents), as in Twilio's message-segment-calculator.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from unicodedata import category

# 3GPP TS 23.038, 6.2.1. ESC is left out: alone it is no character, but the switch to the extension table.
GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# 3GPP TS 23.038, 6.2.1.1: sent as ESC and one more septet.
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")

# What Twilio's SmartEncoding puts in the place of 270 characters outside GSM-7, by replacement. Source: the
# map published with Twilio's message-segment-calculator. Its oddities are kept, for they are what is billed: most
# wide spaces become two spaces, a tab seven, and the single angle quotes point the other way.
_SMART_GROUPS: tuple[tuple[str, str], ...] = (
    ('"', "«»“”ʺˮ‟„❝❞〝〞\uff02"),
    ("'", "‘’ʻˈʼʽʹ‛\uff07´ˊ`ˋ❛❜\u0313\u0314︐︑"),
    ("/", "÷⧸\u0337\u0338⁄∕\uff0f"),
    ("1/4", "¼"),
    ("1/2", "½"),
    ("3/4", "¾"),
    ("\\", "⧹⧵\u20e5﹨\uff3c"),
    ("_", "\u0332\uff3f‗"),
    ("|", "\u20d2\u20d3∣\uff5c⎸⎹⏐⎜⎟"),
    ("-", "⎼⎽―﹣\uff0d‐⁃—–•"),
    ("@", "﹫\uff20"),
    ("$", "﹩\uff04"),
    ("!", "ǃ︕﹗\uff01"),
    ("!!", "‼"),
    ("#", "﹟\uff03"),
    ("%", "﹪\uff05"),
    ("&", "﹠\uff06"),
    (",", "‚\u0326﹐﹑\uff0c､、"),
    ("(", "❨❪﹙\uff08⟮⦅"),
    (")", "❩❫﹚\uff09⟯⦆"),
    ("*", "⁎∗⊛✢✣✤✥✱✲✳✺✻✼✽❃❉❊❋⧆﹡\uff0a"),
    ("+", "˖﹢\uff0b"),
    (".", "。﹒\uff0e｡"),
    ("...", "…"),
    (":", "ː˸⦂꞉︓\uff1a"),
    (";", "⁏︔﹔\uff1b"),
    ("<", "﹤\uff1c\u203a"),
    ("=", "\u0347꞊﹦\uff1d"),
    (">", "﹥\uff1e\u2039"),
    ("?", "︖﹖\uff1f"),
    ("^", "ˆ\u0302\uff3e\u1dcd"),
    ("{", "❴﹛\uff5b"),
    ("}", "❵﹜\uff5d"),
    ("[", "\uff3b"),
    ("]", "\uff3d"),
    ("~", "˜˷\u0303\u0330\u0334∼\uff5e"),
    ("  ", "\u00a0\u2000\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"),
    ("  ", "\u0080\u008d\u0090\u009b\u009f"),
    (" ", "\u2001\u2028\u2029"),
    (" " * 7, "\t"),
    ("", "\u0000\u0003\u0004\u0010\u0011\u0012\u0013\u0014\u0017\u0019\u200b\u2060\ufeff"),
)
# The small capitals of the phonetic alphabet; Q and X have none.
_SMALL_CAPITALS = dict(zip("ABCDEFGHIJKLMNOPRSTUVWYZ", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", strict=True))
_SMART = str.maketrans(
    {sign: plain for plain, signs in _SMART_GROUPS for sign in signs}
    | {chr(0xFF21 + i): chr(ord("A") + i) for i in range(26)}
    | {chr(0xFF10 + i): chr(ord("0") + i) for i in range(10)}
    | {sign: letter for letter, sign in _SMALL_CAPITALS.items()}
)

_ZWJ = "\u200d"
_HANGUL_L, _HANGUL_V, _HANGUL_T = range(0x1100, 0x1160), range(0x1160, 0x11A8), range(0x11A8, 0x1200)
_HANGUL_SYLLABLES = range(0xAC00, 0xD7A4)


class Encoding(StrEnum):
    """How a text travels. The value is what people call it."""

    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


@dataclass(frozen=True, slots=True)
class Offender:
    """A character outside GSM-7 and where it stands (0 is the first character of the text)."""

    position: int
    character: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What a text costs. `units` are septets in GSM-7, UTF-16 units in UCS-2.

    `capacity` is how many units fit one segment: 160 or 70 where one segment does, else 153 or 67.
    `offenders` are the characters that force UCS-2, in their order; there are none in GSM-7.
    """

    encoding: Encoding
    units: int
    segments: int
    capacity: int
    offenders: tuple[Offender, ...]


def measure(body: str) -> Measured:
    """Tell encoding, length and number of segments of a text as billed. An empty text is one segment."""
    offenders = tuple(Offender(i, c) for i, c in enumerate(body) if c not in GSM_BASIC and c not in GSM_EXTENSION)
    if offenders:
        pieces, encoding, single, several = _ucs2_pieces(body), Encoding.UCS2, 70, 67
    else:
        pieces, encoding, single, several = _gsm_pieces(body), Encoding.GSM7, 160, 153
    units = sum(pieces)
    if units <= single:
        return Measured(encoding, units, 1, single, offenders)
    return Measured(encoding, units, _packed(pieces, several), several, offenders)


def smart(body: str) -> str:
    """Replace what Twilio's SmartEncoding replaces. A text that is GSM-7 already stays as it is."""
    return body.translate(_SMART)


def utf16_units(text: str) -> int:
    """Length of a text in UTF-16 units: a character beyond U+FFFF is two."""
    return sum(2 if c > "\uffff" else 1 for c in text)


def _gsm_pieces(body: str) -> list[int]:
    return [2 if c in GSM_EXTENSION else 1 for c in body]


def _ucs2_pieces(body: str) -> list[int]:
    """Units of each piece that stays whole. A grapheme no segment can hold is cut between its characters."""
    pieces: list[int] = []
    for grapheme in graphemes(body):
        units = utf16_units(grapheme)
        if units <= 67:
            pieces.append(units)
        else:
            pieces.extend(utf16_units(c) for c in grapheme)
    return pieces


def _packed(pieces: list[int], capacity: int) -> int:
    segments, used = 1, 0
    for units in pieces:
        if used + units > capacity:
            segments, used = segments + 1, 0
        used += units
    return segments


def graphemes(text: str) -> Iterator[str]:
    """Split a text into what people see as one character (the rules of Unicode UAX #29 that texts meet).

    CR LF is two, as Twilio's calculator counts it.
    """
    start = 0
    flags = 0  # regional indicators since `start`
    for i in range(1, len(text)):
        before, here = text[i - 1], text[i]
        flags = flags + 1 if _is_flag_half(before) else 0
        if not _joined(before, here, flags):
            yield text[start:i]
            start, flags = i, 0
    if text:
        yield text[start:]


def _joined(before: str, here: str, flags: int) -> bool:
    """Whether two characters are one grapheme; `flags` counts the flag halves that end with `before`."""
    if category(before) in ("Cc", "Zl", "Zp") or category(here) in ("Cc", "Zl", "Zp"):
        return False
    if _is_extending(here):
        return True
    if before == _ZWJ:
        return _is_pictograph(here)
    if _is_flag_half(before) and _is_flag_half(here):
        return flags % 2 == 1
    return _hangul_joined(ord(before), ord(here))


def _is_extending(c: str) -> bool:
    """Marks, joiners, skin tones and the tag characters of flags: they belong to what stands before them."""
    return (
        c in "\u200c\u200d\uff9e\uff9f\u0e33\u0eb3"
        or category(c) in ("Mn", "Me", "Mc")
        or "\U0001f3fb" <= c <= "\U0001f3ff"
        or "\U000e0020" <= c <= "\U000e007f"
    )


def _is_flag_half(c: str) -> bool:
    return "\U0001f1e6" <= c <= "\U0001f1ff"


def _is_pictograph(c: str) -> bool:
    return "\U0001f000" <= c <= "\U0001faff" or (c > "\u00ff" and category(c) in ("So", "Sm")) or c in "©®‼⁉"


def _hangul_joined(before: int, here: int) -> bool:
    if before in _HANGUL_L:
        return here in _HANGUL_L or here in _HANGUL_V or here in _HANGUL_SYLLABLES
    syllable = before in _HANGUL_SYLLABLES
    ends_in_vowel = before in _HANGUL_V or (syllable and (before - 0xAC00) % 28 == 0)
    if ends_in_vowel and here in _HANGUL_V:
        return True
    return (ends_in_vowel or syllable or before in _HANGUL_T) and here in _HANGUL_T
