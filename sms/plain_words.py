"""One spelling for what people write, so that rules about words needn't know how it was typed."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from functools import lru_cache

_ELISION = re.compile(r"\b(qu|jusqu|[cdjlmnst])['’](?=\w)")
_APOSTROPHE = re.compile(r"(?<=\w)['’´`](?=\w)")
_DASH = re.compile(r"(?<=\w)-(?=\w)")
_SPACES = re.compile(r"\s+")
_LETTERS_APART = re.compile(r"(?<!\S)(?:[^\W\d_] ){2,}[^\W\d_](?!\S)")
_LONG_WORD = re.compile(r"[^\W\d_]{5,}")
LONGEST = 1600
"""Letters of the longest text a provider hands over (Twilio's limit of a body)."""
MOST_LETTERS_OFF = 2
"""Letters that a mistyped word has too many or too few."""
KEPT = 16
"""Texts whose spelling is kept: one text is read by many rules in a row."""
NEARLY = 0.85
"""How much of a word must be right (difflib's ratio)."""
_NO_WORD = re.compile(r"[^\w\s]|_")


@lru_cache(maxsize=KEPT)
def spelled(body: str) -> str:
    """Small letters, no accents, no invisible signs, no apostrophes (`don't` → `dont`, `n'écrivez` → `n ecrivez`).

    What stands beyond the longest text is not read, so that nobody can keep the reader busy.
    """
    text = unicodedata.normalize("NFKC", body[:LONGEST]).casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in text if unicodedata.category(c) not in ("Mn", "Cf"))
    text = _ELISION.sub(r"\1 ", text.replace("\r", "\n").replace("’", "'"))
    text = _DASH.sub(" ", _APOSTROPHE.sub("", text))
    return _LETTERS_APART.sub(lambda found: found[0].replace(" ", ""), text)


def mended(text: str, known: Sequence[str], spare: Collection[str]) -> str:
    """A plainly spelled text in which long words that nearly are one of the known are that one."""

    def mend(found: re.Match[str]) -> str:
        word = found[0]
        if word in spare or any(word.startswith(one) or one.startswith(word) for one in known):
            return word  # it is one of them, or another form of one
        swapped = (one for one in known if word[0] == one[0] and sorted(word) == sorted(one))
        alike = [one for one in known if word[0] == one[0] and abs(len(word) - len(one)) <= MOST_LETTERS_OFF]
        return next(swapped, None) or next(iter(get_close_matches(word, alike, 1, NEARLY)), word)

    return _LONG_WORD.sub(mend, text)


@lru_cache(maxsize=KEPT)
def words_of(body: str) -> str:
    """All words of a text, parted by single spaces."""
    return _SPACES.sub(" ", _NO_WORD.sub(" ", spelled(body))).strip()
