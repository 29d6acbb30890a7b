"""What is wrong, dear or risky about a message, in sentences for the admin who wrote it.

Errors keep a message from being used; warnings are about money and about filters. Where the rules come from:
- 47 CFR 64.1200(f) calls telemarketing what encourages a purchase, and the FCC's 2015 order lets a one-time text
  answer a request only if it holds nothing but what was asked for: hence the sales words.
- The CTIA Messaging Principles and Best Practices want the sender's name, an opt-out instruction and no public link
  shortener; carriers filter what reads like advertising or shouts.
- Prices follow sms.segments.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from sms.body import CALLER_SUPPLIED, Placeholder, Template, TemplateError, TextTooLong, Values, parse, render
from sms.keywords import is_opt_out_word
from sms.opt_out_wording import names_opt_out
from sms.segments import GSM_BASIC, GSM_EXTENSION, Encoding, Measured, measure, smart


class Severity(StrEnum):
    """ERROR: the message can't be used. WARNING: it can, and something about it is worth knowing."""

    ERROR = "error"
    WARNING = "warning"


class Code(StrEnum):
    """What was found. These words stay as they are; scripts may rely on them."""

    TEMPLATE = "template"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    NO_OPT_OUT = "no_opt_out"
    NO_BUSINESS = "no_business"
    NO_VALUE = "no_value"
    SEGMENTS = "segments"
    UCS2 = "ucs2"
    SALES_PITCH = "sales_pitch"
    SHORT_LINK = "short_link"
    ALL_CAPS = "all_caps"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about one message. `position` is the place in the template (0 is its first character) where known."""

    severity: Severity
    code: Code
    sentence: str
    position: int | None = None


SALES_WORDS: tuple[str, ...] = (
    *("free", "gratis", "gratuit", "discount", "discounts", "descuento", "remise", "% off", "percent off"),
    *("offer", "offers", "oferta", "offre", "sale", "on sale", "soldes", "deal", "deals", "coupon", "coupons"),
    *("promo", "promotion", "voucher", "special price", "best price", "lowest price", "save money", "save up to"),
    *("limited time", "act now", "hurry", "last chance", "buy", "buy now", "order now", "shop now", "click here"),
    *("subscribe", "win", "winner", "you won", "prize", "bonus", "gift card", "cash back", "guarantee", "guaranteed"),
    *("risk-free", "no obligation", "no cost"),
)
"""Words that make a text read as a sales pitch, matched as whole words, whatever their capitals."""

_HARMLESS = re.compile(
    r"feel free|toll[ -]free|hands[ -]free|free to\b|free of charge to|(?:great|no) deal", re.IGNORECASE
)

SHORTENERS: tuple[str, ...] = (
    *("bit.ly", "bitly.com", "tinyurl.com", "goo.gl", "t.co", "ow.ly", "is.gd", "v.gd", "buff.ly", "rebrand.ly"),
    *("cutt.ly", "rb.gy", "shorturl.at", "tiny.cc", "t.ly", "bl.ink", "lnkd.in", "s.id", "qr.ae", "adf.ly"),
    *("tr.im", "x.co", "snip.ly", "short.io", "shrtco.de", "clck.ru", "u.to", "dub.sh", "surl.li", "urlz.fr"),
)
"""Public link shorteners. Carriers block texts that hold one, since anyone can hide anything behind them."""

_SHORT_LINK = re.compile(
    rf"(?<![\w.@-])(?:www\.)?({'|'.join(re.escape(host) for host in SHORTENERS)})(?![\w-]|\.\w)", re.IGNORECASE
)
_MOST_NAMED = 10  # offending characters named in one sentence
_FEWEST_LETTERS = 20  # shorter texts are too short to call shouting


def lint(source: str, values: Values, *, first_text: bool = True) -> list[Finding]:
    """Judge a message template, filled with sample values. Errors come first; no finding, no complaint.

    `first_text` is False for a text that follows another in the same conversation: it need not tell the way out.
    """
    try:
        template = parse(source)
        text = render(template, values)
    except TemplateError as error:
        return [Finding(Severity.ERROR, Code.TEMPLATE, f"The message can't be read: {error}.", error.position)]
    except TextTooLong as error:
        return [Finding(Severity.ERROR, Code.TOO_LONG, f"The message is too long: {error}. Shorten it.")]
    if not text.strip():
        return [Finding(Severity.ERROR, Code.EMPTY, "The message is empty. Write what the caller is to read.")]
    written = _written(template)
    found = [
        *(_opt_out(template) if first_text else ()),
        *_business(template, values, text),
        *_values(template, values),
        *_price(measure(text)),
        *_sales_pitch(written),
        *_short_links(text),
        *_all_caps(written),
    ]
    return sorted(found, key=lambda finding: finding.severity is not Severity.ERROR)


def _written(template: Template) -> str:
    """What the admin wrote himself: the literal text with the fallbacks, without the values."""
    return "".join(part if isinstance(part, str) else part.fallback or " " for part in template.parts)


def _opt_out(template: Template) -> list[Finding]:
    if names_opt_out(template.literal):
        return []
    sentence = (
        'The message names no way to opt out. Add a sentence such as "Reply STOP to opt out."'
        ' (Spanish: "Responda STOP para cancelar." French: "Répondez STOP pour ne plus recevoir de messages.")'
    )
    return [Finding(Severity.ERROR, Code.NO_OPT_OUT, sentence)]


def _business(template: Template, values: Values, text: str) -> list[Finding]:
    if Placeholder.BUSINESS in {slot.name for slot in template.slots} or values.business.casefold() in text.casefold():
        return []
    sentence = (
        "The message doesn't say who writes. The sender may be a number the caller never dialled: add {business}."
    )
    return [Finding(Severity.WARNING, Code.NO_BUSINESS, sentence)]


def _values(template: Template, values: Values) -> list[Finding]:
    """Placeholders that leave a gap: known for some callers only, or not set at all, and without a fallback."""
    found = []
    for slot in template.slots:
        name = slot.name.value
        if slot.fallback is not None:
            continue
        if slot.name in CALLER_SUPPLIED:
            gap = f"{{{name}}} is empty for a caller whose name isn't known: write {{{name}|there}} to fill the gap."
            found.append(Finding(Severity.WARNING, Code.NO_VALUE, gap, slot.position))
        elif not values.of(slot.name):
            unset = (
                f"{{{name}}} has no value, so nothing stands in its place: set {name}, or write {{{name}|fallback}}."
            )
            found.append(Finding(Severity.WARNING, Code.NO_VALUE, unset, slot.position))
    return found


def _price(measured: Measured) -> list[Finding]:
    found = []
    if measured.segments > 1:
        one = 160 if measured.encoding is Encoding.GSM7 else 70
        sentence = (
            f"The text is billed as {measured.segments} texts: it has {measured.units} characters in"
            f" {measured.encoding.value}, one segment takes {one}, each of several {measured.capacity}."
        )
        found.append(Finding(Severity.WARNING, Code.SEGMENTS, sentence))
    if measured.encoding is Encoding.UCS2:
        characters = list(dict.fromkeys(offender.character for offender in measured.offenders))
        advice = "; ".join(_advice(c) for c in characters[:_MOST_NAMED])
        if len(characters) > _MOST_NAMED:
            advice += f"; and {len(characters) - _MOST_NAMED} more"
        sentence = (
            "Characters outside the plain alphabet of texts turn the whole text into UCS-2,"
            f" where one segment takes 70 characters and not 160: {advice}."
        )
        found.append(Finding(Severity.WARNING, Code.UCS2, sentence))
    return found


def _advice(character: str) -> str:
    name = unicodedata.name(character, "").lower() or f"U+{ord(character):04X}"
    shown = f"{character} ({name})" if character.isprintable() else name
    plain = _plain(character)
    match plain:
        case None:
            return f"leave out {shown}"
        case "":
            return f"leave out {shown}, nobody sees it"
        case _ if plain.isspace():
            return f"write a common space for {shown}"
        case _:
            return f"write {plain} for {shown}"


def _plain(character: str) -> str | None:
    """The nearest text in GSM-7: Twilio's own replacement, else the letter without its accent, else None."""
    gsm = GSM_BASIC | GSM_EXTENSION
    for plain in (smart(character), unicodedata.normalize("NFKD", character)):
        kept = "".join(c for c in plain if not unicodedata.combining(c))
        if plain != character and all(c in gsm for c in kept):
            return kept
    return None


def _sales_pitch(written: str) -> list[Finding]:
    text = _HARMLESS.sub(" ", written)
    words = [word for word in SALES_WORDS if re.search(_whole(word), text, re.IGNORECASE)]
    if not words:
        return []
    sentence = (
        f"The message reads as a sales pitch: {', '.join(words)}."
        " An answer to a missed call may hold only what the caller wanted to know; carriers filter the rest."
    )
    return [Finding(Severity.WARNING, Code.SALES_PITCH, sentence)]


def _whole(word: str) -> str:
    return (r"(?<!\w)" if word[0].isalnum() else "") + re.escape(word) + r"(?!\w)"


def _short_links(text: str) -> list[Finding]:
    hosts = list(dict.fromkeys(found[1].lower() for found in _SHORT_LINK.finditer(text)))
    if not hosts:
        return []
    named = ", ".join(hosts)
    sentence = f"Carriers block texts with public link shorteners ({named}). Write the full address of your own site."
    return [Finding(Severity.WARNING, Code.SHORT_LINK, sentence)]


def _all_caps(written: str) -> list[Finding]:
    words = [word for word in re.findall(r"[^\W\d_]+", written) if not (word.isupper() and is_opt_out_word(word))]
    letters = [c for word in words for c in word if c.isupper() or c.islower()]
    if len(letters) < _FEWEST_LETTERS or sum(c.isupper() for c in letters) <= len(letters) * 0.6:
        return []
    sentence = "The message is in capitals, which carriers' filters take for spam and people for shouting."
    return [Finding(Severity.WARNING, Code.ALL_CAPS, sentence)]
