"""Whether a reply is nothing but an opt-out, opt-in or help keyword.

Only bare keywords are read here: the whole reply is the keyword, however it is dressed. What people say in their
own words ("take me off your list") is another question, asked after this one; a keyword always wins over it.

Sources: Twilio's default keywords for long codes (STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT, START
UNSTOP, HELP INFO); 47 CFR 64.1200(a)(10), under which "stop, quit, end, revoke, opt out, cancel, unsubscribe" are
conclusive; ARRET and AIDE of the Canadian carriers; the same in Spanish and French. YES is no opt-in: as an answer
to "shall we call back?" it must not lift anything.
"""

import re
import unicodedata
from enum import Enum
from functools import lru_cache


class Keyword(Enum):
    """What a bare keyword asks for."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"


# In the spelling that `_words` gives: no capitals, accents or signs; words apart by one space.
_OPT_OUT = (
    "stop", "stop all", "unsubscribe", "unsub", "cancel", "end", "quit", "revoke", "opt out", "remove",
    "arret", "arrete", "arreter", "arretez", "arrett", "alto", "parar", "basta", "no mas", "cancelar", "baja",
)  # fmt: skip
_OPT_IN = ("start", "unstop")
_HELP = ("help", "info", "ayuda", "aide")

# What may stand around a keyword without changing it.
_COURTESIES = (
    "please", "pls", "plz", "por favor", "s il vous plait", "s il te plait", "svp", "stp",
    "thanks", "thank you", "thx", "ty", "gracias", "merci", "now", "right now", "ya", "ahora", "maintenant",
)  # fmt: skip

# By letters alone, so that "stop all", "stop-all" and "S T O P A L L" are one.
_MEANING: dict[str, Keyword | None] = {
    phrase.replace(" ", ""): meaning
    for phrases, meaning in (
        (_COURTESIES, None),
        (_HELP, Keyword.HELP),
        (_OPT_IN, Keyword.OPT_IN),
        (_OPT_OUT, Keyword.OPT_OUT),
    )
    for phrase in phrases
}
_NO_LETTER = re.compile(r"[^a-z0-9]+")
_MOST_LETTERS = max(len(letters) for letters in _MEANING)
_DOUBLED = re.compile(r"(.)\1+")
_ONCE = {_DOUBLED.sub(r"\1", letters): meaning for letters, meaning in _MEANING.items()}
"""By letters, each said once: "STOPPP" and "canceel" are what they look like."""
# A letter-like or digit-like sign that is shown as an emoji, such as a keycap.
_EMOJI_OF_A_LETTER = re.compile("[^A-Za-z\u00c0-\u024f\\s][\ufe0f\u20e3]+")


@lru_cache(maxsize=16)
def bare_keyword(body: str) -> Keyword | None:
    """Tell which keyword a reply is, or None if it says anything else.

    Capitals, accents, signs, quotes, emoji, invisible characters and words of courtesy don't matter, nor how often
    it is said. Of several the most careful wins: an opt-out before a call for help, and that before an opt-in.
    """
    found = _keywords(_words(body))
    for keyword in (Keyword.OPT_OUT, Keyword.HELP, Keyword.OPT_IN):
        if keyword in found:
            return keyword
    return None


def is_opt_out_word(phrase: str) -> bool:
    """Whether this word or phrase, sent as the whole reply, would opt its sender out."""
    return bare_keyword(phrase) is Keyword.OPT_OUT


def _keywords(words: list[str]) -> set[Keyword]:
    """The keywords, if the words are nothing but keywords and courtesies; else none."""
    found: set[Keyword] = set()
    once = [_DOUBLED.sub(r"\1", word) for word in words]
    at = 0
    while at < len(words):
        for end in range(min(at + _MOST_LETTERS, len(words)), at, -1):
            letters, letters_once = "".join(words[at:end]), "".join(once[at:end])
            if letters in _MEANING or letters_once in _ONCE:
                meaning = _MEANING.get(letters) or _ONCE.get(letters_once)
                if meaning is not None:
                    found.add(meaning)
                at = end
                break
        else:
            return set()
    return found


def _words(body: str) -> list[str]:
    """The words of a text in one spelling: small letters, no accents; all signs are gaps between words."""
    if body.isascii():
        return _NO_LETTER.sub(" ", body.lower()).split()
    shown = _EMOJI_OF_A_LETTER.sub(" ", body)
    composed = "".join(_as_letter(c) for c in shown)
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", composed).casefold()).replace("ı", "i")
    return "".join(_kept(c) for c in plain).split()


def _as_letter(c: str) -> str:
    """A circled letter stays, for it is one. Other signs are gaps, though some would turn into letters (™, ₨)."""
    if unicodedata.category(c)[0] not in "PSZ":
        return c
    spelled = unicodedata.normalize("NFKC", c)
    return c if len(spelled) == 1 and spelled.isascii() and spelled.isalpha() else " "


def _kept(c: str) -> str:
    match unicodedata.category(c)[0], unicodedata.category(c):
        case ("L" | "N", _):
            return c
        case ("M", _) | (_, "Cf"):
            return ""
        case _:
            return " "
