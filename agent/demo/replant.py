"""A recorded call planted again: the same events with fresh names, so that one recording can run a thousand times.

Every name that belongs to one call alone is found once per recording and becomes a slot. Text with slots is compiled to
a format string and a picker, both of which run in C, because the load tests play thousands of events a second.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LONG_NUMBER = re.compile(r"\+?\d{7,15}")


@dataclass(frozen=True, slots=True)
class Template:
    """Text with slots. `pick` takes the values in the order of the holes; None: there are no holes."""

    text: bytes
    pick: Callable[[Sequence[bytes]], object] | None

    def fill(self, values: Sequence[bytes]) -> bytes:
        """The text with the values of one call."""
        return self.text if self.pick is None else self.text % self.pick(values)


def template(pieces: Iterable[str | int]) -> Template:
    """Compile pieces: text, or the index of the value that goes there."""
    every = list(pieces)
    slots = [piece for piece in every if isinstance(piece, int)]
    if not slots:
        return Template("".join(str(piece) for piece in every).encode("utf-8", "surrogateescape"), None)
    texts = ("%b" if isinstance(piece, int) else piece.replace("%", "%%") for piece in every)
    return Template("".join(texts).encode("utf-8", "surrogateescape"), itemgetter(*slots))


@dataclass(frozen=True, slots=True)
class Identity:
    """Who calls whom in one planted call, as the PBX would show it. None: as recorded."""

    caller: str | None = None
    name: str | None = None
    dialled: str | None = None
    withheld: bool = False


def forms(number: str) -> tuple[str, str, str]:
    """A number as given, as digits with the country code, and as dialled inside the country (NANP)."""
    digits = number.removeprefix("+")
    national = digits[1:] if len(digits) == 11 and digits.startswith("1") else digits
    return number, digits, national


def number_slots(number: str, slot: int) -> dict[str, int]:
    """The forms in which a number stands in a recording, and their slots: `slot` as given, digits, national."""
    if not number:
        return {}
    given, digits, national = forms(number)
    found = {national: slot + 2}
    found[digits] = slot + 1 if digits != national else slot + 2
    if given.startswith("+"):
        found[given] = slot
    return found
