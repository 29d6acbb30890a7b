"""What a caller means in his own words: no more texts, a wrong number, somebody who is needed now.

A reasonable person's reading decides whether he opts out (47 CFR 64.1200(a)(10)): who stops, refuses or forbids texts,
messages or contact, or wants his number taken off. Who might mean that is for a person to judge, and automatic texts
wait. The same words about water, a visit or an appointment are none. Bare keywords are another matter (sms/keywords.py)
and win over all of this; a keyword in capitals before other words is one too.
"""

import re
from enum import Enum

from sms.keywords import Keyword, bare_keyword
from sms.own_words.machines import is_machine_made
from sms.own_words.weights import Question, chances
from sms.plain_words import words_of


class OptOut(Enum):
    """What a reply says about opting out. The value is what `secondring classify` prints."""

    YES = "yes"
    DOUBTFUL = "doubtful"
    NO = "no"


class Language(Enum):
    """What a reply is written in, as far as its words tell."""

    ENGLISH = "en"
    SPANISH = "es"
    FRENCH = "fr"


LIKELY = {
    Question.OPTS_OUT: 0.5,
    Question.MAY_OPT_OUT: 0.5,
    Question.URGENT: 0.25,
    Question.WRONG_NUMBER: 0.4,
    Question.SAYS_WHEN: 0.3,
    Question.SPANISH: 0.5,
    Question.FRENCH: 0.5,
}
"""The chance from which the answer is yes. An urgent caller who isn't heard costs more than a false alarm."""

SPANISH_KEYWORDS = frozenset(("ayuda", "alto", "parar", "basta", "mas", "cancelar", "baja"))
FRENCH_KEYWORDS = frozenset(("aide", "arret", "arrete", "arreter", "arretez", "arrett"))
_MISTYPED = re.compile(
    r"(?:s(?:otp|tpo|opt|ttop|to0?p|yop|rop)|tsop|stahp|stpp|dtop|atlo|bsata|arert|unsu?b?sc?ri?be?|unsub|unsuscribe"
    r"|unscubscribe|unsubcribe)(?: (?:me|please|pls|plz|thanks|now))*"
)
_CAPITAL_KEYWORD = re.compile(
    r"\W*(?:STOP|UNSUBSCRIBE|ARRET|ARRÊT|ALTO|BASTA)\b(?! (?:by|in|over|at|off|and|sign|light|valve|the|my|your)\b)"
)
_STOP_SIGN = re.compile("[🛑✋🚫⛔🖐🙅🖕]")


def opts_out(body: str) -> OptOut:
    """Whether the reply opts its sender out, by keyword or in other words."""
    if bare_keyword(body) is Keyword.OPT_OUT:
        return OptOut.YES
    if bare_keyword(body) is not None or is_machine_made(body):
        return OptOut.NO
    if not words_of(body):
        return OptOut.DOUBTFUL if _STOP_SIGN.search(body) else OptOut.NO
    if _MISTYPED.fullmatch(words_of(body)) or _begins_with_keyword(body) or says(body, Question.OPTS_OUT):
        return OptOut.YES
    return OptOut.DOUBTFUL if says(body, Question.MAY_OPT_OUT) else OptOut.NO


def language_of(body: str) -> Language:
    """The reply's language; English where nothing tells."""
    said = set(words_of(body).split())
    if said & SPANISH_KEYWORDS or says(body, Question.SPANISH):
        return Language.SPANISH
    if said & FRENCH_KEYWORDS or says(body, Question.FRENCH):
        return Language.FRENCH
    return Language.ENGLISH


def says(body: str, question: Question) -> bool:
    """Whether the reply is likely to say so."""
    return chances(body)[question] > LIKELY[question]


def _begins_with_keyword(body: str) -> bool:
    """Whether it begins with a keyword in capitals, before words that aren't: "STOP I pay for every text"."""
    return _CAPITAL_KEYWORD.match(body) is not None and not body.isupper()
