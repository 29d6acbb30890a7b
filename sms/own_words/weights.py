"""How likely a reply means one thing or another, by weights learnt from labelled replies (decision 004).

A question has one weight for each bucket of marks; the answer is the logistic function of their sum. Nothing here is
learnt while the program runs.
"""

import json
import math
from array import array
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from importlib import resources

from sms.own_words.marks import BUCKETS, LONGEST_RUN, bucket, marks, runs, tokens
from sms.plain_words import KEPT

FILE = "weights.bin"
"""A line of JSON, then for each question of it one signed byte a bucket."""


class Question(Enum):
    """What is asked about a reply."""

    OPTS_OUT = "opts_out"
    """Whether it asks for no more texts."""
    MAY_OPT_OUT = "may_opt_out"
    """Whether that may be what it means, or is."""
    URGENT = "urgent"
    WRONG_NUMBER = "wrong_number"
    SAYS_WHEN = "says_when"
    """Whether it says when to call."""
    SPANISH = "spanish"
    FRENCH = "french"


@dataclass(frozen=True, slots=True)
class Weights:
    """One question's. `scale`: what a byte of 1 weighs."""

    bias: float
    scale: float
    of: "array[int]"


@cache
def weights() -> dict[Question, Weights]:
    """All of them, read once."""
    head, _, rest = resources.files(__package__).joinpath(FILE).read_bytes().partition(b"\n")
    found: dict[Question, Weights] = {}
    for place, one in enumerate(json.loads(head)["questions"]):
        of = array("b", rest[place * BUCKETS : (place + 1) * BUCKETS])
        found[Question(one["name"])] = Weights(one["bias"], one["scale"], of)
    return found


@lru_cache(maxsize=KEPT)
def chances(body: str) -> dict[Question, float]:
    """How likely each question is to be answered by yes, 0 to 1."""
    buckets = {bucket(mark) for mark in marks(body)}
    share = 1 / math.sqrt(len(buckets))
    return {
        question: _logistic(one.bias + one.scale * share * sum(map(one.of.__getitem__, buckets)))
        for question, one in weights().items()
    }


def reasons(body: str, question: Question, most: int = 2) -> list[str]:
    """The places of the text that speak loudest for yes, three words each."""
    of, said = weights()[question].of, tokens(body)
    places = [said[at : at + LONGEST_RUN] for at in range(max(1, len(said) - LONGEST_RUN + 1))]
    loud = {" ".join(place).strip("^$ "): sum(of[bucket(mark)] for mark in runs(place)) for place in places}
    first = sorted(loud, key=lambda words: (-loud[words], words))
    return [words for words in first[:most] if words and loud[words] > 0]


def _logistic(score: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, score))))
