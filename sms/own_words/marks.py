"""What of a reply's wording is weighed: its words, and runs of two and of three of them.

A mark is such a run in plain spelling; `^` and `$` stand for the text's beginning and end, any digit is a 0. Training
and reading take the very same marks (training/README.md).
"""

import re
from zlib import crc32

from sms.plain_words import mended, spelled

BUCKETS = 1 << 17
"""Marks that fall into one bucket share a weight; of those met in training four in five have one for themselves."""
LONGEST_RUN = 3

_OFTEN_MISTYPED = (
    "texting",
    "messages",
    "messaging",
    "message",
    "unsubscribe",
    "number",
    "remove",
    "contact",
    "sending",
)
_REAL_WORDS = frozenset(
    (
        *("mensage", "massage", "massages", "massaging", "passages", "messaged", "contract", "contacte", "contactez"),
        *("contacts", "contacted", "slumber", "lumber", "numbers", "removed", "remover", "removes", "sendings"),
        *("spending", "seeding", "vending", "mending", "bending", "lending"),
    )
)
"""Words that look like one of these, and are none."""
_QUOTED = re.compile(r"[\"“«][^\"”»]{24,}[\"”»]")
"""A reaction that a handset sends as text repeats ours, STOP and all."""
_TOKEN = re.compile(r"\w+|[?!]|[^\w\s\x00-\x7f]")
_DIGIT = re.compile(r"\d")


def tokens(body: str) -> list[str]:
    """The words and signs of a text, in order. Hostile ones cost no more than the longest a provider hands over."""
    text = mended(_QUOTED.sub(" ", spelled(body)), _OFTEN_MISTYPED, _REAL_WORDS)
    return ["^", *_TOKEN.findall(_DIGIT.sub("0", text)), "$"]


def runs(of: list[str]) -> frozenset[str]:
    """All marks of these tokens."""
    lengths = range(1, LONGEST_RUN + 1)
    return frozenset(" ".join(of[at : at + run]) for run in lengths for at in range(len(of) - run + 1))


def marks(body: str) -> frozenset[str]:
    """The marks of a text."""
    return runs(tokens(body))


def bucket(mark: str) -> int:
    """Where the mark's weights stand."""
    return crc32(mark.encode("utf-8", "replace")) % BUCKETS
