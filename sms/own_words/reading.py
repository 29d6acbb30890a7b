"""Whether a caller asks in his own words not to be texted any more.

A reasonable person's reading decides (47 CFR 64.1200(a)(10)): who stops, refuses or forbids texts, messages or contact,
or wants his number taken off, has opted out. Who might mean that is for a person to judge, and automatic texts wait: a
wrong number, "not interested", "don't call me". The same words about water, a visit or an appointment are none.

The rules stand in one table for each language, each with an example of what it reads. They see plainly spelled
sentences (sms/plain_words.py). Bare keywords are another matter (sms/keywords.py) and win over all of this.
"""

import re
from enum import Enum
from functools import lru_cache

from sms.keywords import Keyword, bare_keyword
from sms.own_words import english, french, spanish
from sms.plain_words import KEPT, clauses, mended, sentences, spelled, words_of
from sms.wording import Rule


class OptOut(Enum):
    """What a reply says about opting out. The value is what `secondring classify` prints."""

    YES = "yes"
    DOUBTFUL = "doubtful"
    NO = "no"


class Language(Enum):
    """What a reply is written in, as far as its words of opting out or asking for help tell."""

    ENGLISH = "en"
    SPANISH = "es"
    FRENCH = "fr"


LANGUAGES = (english, spanish, french)
DEMANDS = tuple(rule for language in LANGUAGES for rule in language.DEMANDS)
"""Who demands that texting ends, or to be taken off."""
REFUSALS = tuple(rule for language in LANGUAGES for rule in language.REFUSALS)
"""Who forbids texts. Where that is limited to a time of the day it is a doubt."""
DOUBTS = tuple(rule for language in LANGUAGES for rule in language.DOUBTS)
SHORT_DOUBTS = tuple(rule for language in LANGUAGES for rule in language.SHORT_DOUBTS)
"""Doubts only where nothing else is said."""
SPARED = tuple(rule for language in LANGUAGES for rule in language.SPARED)
"""Phrases that hold words of stopping and mean something else; they are taken out before demands are looked for."""

OFTEN_MISTYPED = (
    "texting",
    "texts",
    "messages",
    "messaging",
    "message",
    "unsubscribe",
    "number",
    "remove",
    "contact",
    "sending",
)
REAL_WORDS = frozenset(
    [
        "testing",
        "texture",
        "tests",
        "nexts",
        "removed",
        "remover",
        "mensage",
        "massages",
        "massage",
        "massaging",
        "passages",
        "contacts",
        "contract",
        "contacted",
        "contacte",
        "contactez",
        "numbers",
        "slumber",
        "lumber",
        "message",
        "messaged",
        "sendings",
        "spending",
        "seeding",
        "vending",
        "mending",
        "bending",
        "lending",
        "removes",
        "textos",
        "textes",
    ]
)
"""Words that look like one of these, and are none."""

SHORT_FORMS = {
    "#": " number ",
    **dict.fromkeys(("sotp", "stpo", "tsop", "spto", "stahp", "stawp", "stap", "stpp", "sropp"), "stop"),
    **dict.fromkeys(("frm", "fro"), "from"),
    **dict.fromkeys(("rmv", "remov", "remve"), "remove"),
    **dict.fromkeys(("msg", "msj", "mssg"), "message"),
    **dict.fromkeys(("msgs", "msjs", "mssgs"), "messages"),
    **dict.fromkeys(("jveux", "jve", "jvx"), "je veux"),
    "dnt": "dont",
    "numba": "number",
    "nbr": "number",
    "nmbr": "number",
    "num": "numero",
    "hmu": "hitting me up",
    "mtexter": "me texter",
    "mecrire": "me ecrire",
    "mecrivez": "me ecrivez",
    "q": "que",
}
_SHORT_FORM = re.compile(r"#(?! ?\d)|\b(?:" + "|".join(map(re.escape, list(SHORT_FORMS)[1:])) + r")\b")

SPANISH_KEYWORDS = frozenset(("ayuda", "alto", "parar", "basta", "mas", "cancelar", "baja"))
FRENCH_KEYWORDS = frozenset(("aide", "arret", "arrete", "arreter", "arretez", "arrett"))

SHORT = 6
"""Words of the longest reply in which a refusal stands for itself."""
STOP_SIGNS = "🛑✋🚫⛔🖐🙅"

_CAPITAL_KEYWORD = re.compile(
    r"\W*(?:STOP|UNSUBSCRIBE|ARRET|ARRÊT|ALTO|BASTA)\b(?! (?:by|in|over|at|off|and|sign|light|valve|the|my|your)\b)"
)
_QUOTED = re.compile(r"[\"“«][^\"”»]*[\"”»]")
"""A reaction that a handset sends as text repeats ours, STOP and all."""


@lru_cache(maxsize=KEPT)
def opts_out(body: str) -> OptOut:
    """Whether the reply opts its sender out, by keyword or in other words."""
    if bare_keyword(body) is Keyword.OPT_OUT:
        return OptOut.YES
    if is_machine_made(body):
        return OptOut.NO
    said = sentences(mended(_in_full(_QUOTED.sub(" ", spelled(body))), OFTEN_MISTYPED, REAL_WORDS))
    read = {_read(sentence) for sentence in said}
    if OptOut.YES in read or _is_mistyped(body) or _begins_with_keyword(body):
        return OptOut.YES
    if OptOut.DOUBTFUL in read or _is_short_doubt(body):
        return OptOut.DOUBTFUL
    return OptOut.NO


def language_of(body: str) -> Language:
    """The language of what asks us to stop or for help; English where nothing tells."""
    said = sentences(_in_full(spelled(body)))
    for language, rules, keywords in (
        (Language.SPANISH, spanish, SPANISH_KEYWORDS),
        (Language.FRENCH, french, FRENCH_KEYWORDS),
    ):
        asks = (*rules.DEMANDS, *rules.REFUSALS)
        if keywords & set(words_of(body).split()) or any(_finds(asks, sentence) for sentence in said):
            return language
    return Language.ENGLISH


def _begins_with_keyword(body: str) -> bool:
    """Whether it begins with a keyword in capitals, before words that aren't: "STOP I pay for every text"."""
    return _CAPITAL_KEYWORD.match(body) is not None and not body.isupper()


def _in_full(text: str) -> str:
    """Common short spellings, written out: one spelling for the rules."""
    return _SHORT_FORM.sub(lambda found: SHORT_FORMS[found[0]], text)


@lru_cache(maxsize=KEPT)
def is_machine_made(body: str) -> bool:
    """Whether a machine answered for the caller."""
    return any(_finds(language.MACHINES, words_of(body)) for language in LANGUAGES)


def is_wrong_number(body: str) -> bool:
    """Whether the writer says that he isn't the person, or never called."""
    said = sentences(_QUOTED.sub(" ", spelled(body)))
    return any(_finds(language.DOUBTS[:2], sentence) for language in LANGUAGES for sentence in said)


def _read(sentence: str) -> OptOut:
    if any(language.ASKS_HOW.match(sentence) for language in LANGUAGES):
        return _doubt(sentence)  # who asks how to get off doesn't tell us to take him off
    rest = sentence
    for rule in SPARED:
        rest = rule.pattern.sub(" ", rest)
    if any(language.STOP.fullmatch(clause) for language in LANGUAGES for clause in clauses(rest)):
        return OptOut.YES
    if _finds(DEMANDS, rest):
        return OptOut.YES
    if not _finds(REFUSALS, rest):
        return _doubt(sentence)
    limited = any(language.LIMITED.search(rest) for language in LANGUAGES)
    for_good = any(language.FOR_GOOD.search(rest) for language in LANGUAGES)
    return OptOut.DOUBTFUL if limited and not for_good else OptOut.YES


def _doubt(sentence: str) -> OptOut:
    return OptOut.DOUBTFUL if _finds(DOUBTS, sentence) else OptOut.NO


def _finds(rules: tuple[Rule, ...], text: str) -> bool:
    return any(rule.finds(text) for rule in rules)


def _is_mistyped(body: str) -> bool:
    words = words_of(body)
    return any(language.MISTYPED.fullmatch(words) for language in LANGUAGES)


def _is_short_doubt(body: str) -> bool:
    words = words_of(body)
    if not words:
        return any(sign in body for sign in STOP_SIGNS)
    return len(words.split()) <= SHORT and _finds(SHORT_DOUBTS, words)
