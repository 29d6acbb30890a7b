"""Message templates: placeholders with fallbacks, read once at load and filled in for each caller.

`{business}`, `{line}`, `{first_name|there}`: a placeholder is empty, or its fallback, where the value is unknown.
`{{` and `}}` are braces. What a template may not hold is refused when it is parsed, with the place, so that a bad
message is known at load and not at the first missed call.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from sms.names import safe_name
from sms.segments import utf16_units

LONGEST_BODY = 1600
"""The most a provider takes in one text (Twilio error 21617), counted in UTF-16 units to be on the safe side."""
_LONGEST_SHOWN = 40  # characters of a wrong placeholder shown in its error


class Placeholder(StrEnum):
    """What a template may ask for. The value is the name between the braces."""

    BUSINESS = "business"
    LINE = "line"
    FIRST_NAME = "first_name"
    CALLER_NAME = "caller_name"
    CALLBACK_IN = "callback_in"
    BOOKING_URL = "booking_url"
    IF_URGENT = "if_urgent"


CALLER_SUPPLIED = frozenset({Placeholder.FIRST_NAME, Placeholder.CALLER_NAME})
"""Values that come from the caller or from notes about him, so they are never trusted."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A placeholder in a template. `position` is that of its brace (0 is the first character)."""

    name: Placeholder
    fallback: str | None
    position: int


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed message: literal text and slots in their order, with the source it was read from."""

    source: str
    parts: tuple[str | Slot, ...]

    @property
    def slots(self) -> tuple[Slot, ...]:
        return tuple(part for part in self.parts if isinstance(part, Slot))

    @property
    def literal(self) -> str:
        """What stands in every text made from it: the literal parts, with a space for each slot."""
        return "".join(part if isinstance(part, str) else " " for part in self.parts)


@dataclass(frozen=True, slots=True)
class Values:
    """What is known when a text is made. None or an empty string is unknown."""

    business: str
    line: str | None = None
    first_name: str | None = None
    caller_name: str | None = None
    callback_in: str | None = None
    booking_url: str | None = None
    if_urgent: str | None = None

    def of(self, name: Placeholder) -> str | None:
        match name:
            case Placeholder.BUSINESS:
                return self.business
            case Placeholder.LINE:
                return self.line
            case Placeholder.FIRST_NAME:
                return self.first_name
            case Placeholder.CALLER_NAME:
                return self.caller_name
            case Placeholder.CALLBACK_IN:
                return self.callback_in
            case Placeholder.BOOKING_URL:
                return self.booking_url
            case Placeholder.IF_URGENT:
                return self.if_urgent


class TemplateError(ValueError):
    """A template can't be used. `position` is where (0 is the first character), `allowed` the names there are."""

    def __init__(self, problem: str, position: int) -> None:
        self.problem = problem
        self.position = position
        self.allowed = tuple(name.value for name in Placeholder)
        names = ", ".join(f"{{{name}}}" for name in self.allowed)
        super().__init__(f"{problem} (at character {position + 1}); a message may hold {names}")


class TextTooLong(ValueError):
    """A text would be longer than a provider takes, even without the caller's name."""


def parse(source: str) -> Template:
    """Read a template. Raises TemplateError."""
    parts: list[str | Slot] = []
    literal = ""
    at = 0
    while at < len(source):
        here = source[at]
        if source[at : at + 2] in ("{{", "}}"):
            literal += here
            at += 2
        elif here == "{":
            parts.append(literal)
            slot, at = _slot(source, at)
            parts.append(slot)
            literal = ""
        elif here == "}":
            raise TemplateError("a } without its {; write }} for a brace", at)
        else:
            literal += here
            at += 1
    parts.append(literal)
    return Template(source, tuple(part for part in parts if part != ""))


def _slot(source: str, start: int) -> tuple[Slot, int]:
    """The slot that begins with the brace at `start`, and where the text goes on after it."""
    end = source.find("}", start)
    inner = source.find("{", start + 1)
    if 0 <= inner < end:
        raise TemplateError("a { that isn't closed before the next one; write {{ for a brace", start)
    if end < 0:
        raise TemplateError("a { that is never closed; write {{ for a brace", start)
    name, bar, fallback = source[start + 1 : end].partition("|")
    try:
        placeholder = Placeholder(name)
    except ValueError:
        raise TemplateError(_unknown(name), start) from None
    return Slot(placeholder, fallback if bar else None, start), end + 1


def _unknown(name: str) -> str:
    near = (
        get_close_matches(name.strip().casefold(), [known.value for known in Placeholder], n=1)
        if len(name) <= _LONGEST_SHOWN
        else []
    )
    hint = f"; did you mean {{{near[0]}}}?" if near else ""
    shown = "".join(c if c.isprintable() else "?" for c in name[:_LONGEST_SHOWN])
    return f"unknown placeholder {{{shown}{'…' if len(name) > _LONGEST_SHOWN else ''}}}{hint}"


def render(template: Template, values: Values) -> str:
    """Make the text for one caller.

    A name that is no plain name (sms.names.safe_name) counts as unknown; so do all names if the text would be too
    long with them. No value can bring control characters or placeholders of its own. Raises TextTooLong.
    """
    text = _filled(template, values, named=True)
    if utf16_units(text) > LONGEST_BODY:
        text = _filled(template, values, named=False)
    units = utf16_units(text)
    if units > LONGEST_BODY:
        raise TextTooLong(f"the text would have {units} characters; a provider takes {LONGEST_BODY} at most")
    return text


def _filled(template: Template, values: Values, *, named: bool) -> str:
    text = ""
    for part in template.parts:
        piece = part if isinstance(part, str) else _value(part, values, named)
        between = text[-1:] == " " and piece[:1] == " "  # what was to stand between two spaces is empty
        text += piece[1:] if between and part is not template.parts[0] else piece
    return text


def _value(slot: Slot, values: Values, named: bool) -> str:
    raw = values.of(slot.name)
    if slot.name not in CALLER_SUPPLIED:
        return _one_line(raw or "") or slot.fallback or ""
    return (safe_name(raw) if named else None) or slot.fallback or ""


def _one_line(text: str) -> str:
    return " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())
