"""Whether a reply needs somebody now: it says so, or tells of harm under way.

Harm is what grows by the minute or hurts: water that spreads, gas, smoke, sparks, no heat with a baby, an animal or a
person in danger, a child locked in. A nuisance, what is over, what is planned, and prices of emergency service aren't.
The word that callers are offered always counts; the rest is read by weights (sms/own_words).
"""

import re

from sms.own_words.reading import says
from sms.own_words.weights import Question
from sms.plain_words import words_of

_KEYWORD = re.compile(
    r"(?:(?:its|it is|this is|very|really|help|please|es|c est|muy|tres) )*"
    r"(?:urge?nte?|urgence|emergency|emergencia|sos|mayday)"
    r"(?: (?:please|pls|help|now|here|call|call me|por favor|porfa|svp|stp|urgente?|emergency))*"
)
_CAPITAL_KEYWORD = re.compile(r"\W*URGENTE?\b(?! CARE)")


def is_urgent(body: str) -> bool:
    """Whether somebody is needed now."""
    if _KEYWORD.fullmatch(words_of(body)) or _CAPITAL_KEYWORD.match(body):
        return True
    return says(body, Question.URGENT)
