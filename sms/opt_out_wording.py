"""Whether a text tells its reader how to opt out, in English, Spanish or French.

A text that says "reply STOP to opt out" must name a word that really opts out when it is sent back, so every
candidate is put to the very reader that will meet it (sms.keywords).
"""

import re
import unicodedata

from sms.keywords import is_opt_out_word

_OPENING = r"[\"'“‘«(*\[]*\s*"
_CLOSING = r"[\"'”’»)*\]]*\s*"
_ASK = (
    r"\b(?:reply|text|txt|send|respond|answer|type|write|message"
    r"|responda|responde|responder|conteste|contesta|envie|envia|enviar|mande|manda|escriba|escribe"
    r"|repondez|reponds|repondre|envoyez|envoie|envoyer|textez|tapez|ecrivez)\b"
)
_BETWEEN = r"(?:\W+(?:with|back|us|the|words?|con|nos|la|palabra|avec|nous|par|le|mot)\b)*\W+"
# After the keyword: the end, a pause, or what it is for. "Reply by end of day" and "text us, stop by" have neither.
_THEN = r"(?:$|[.,;:!?/=\n–—-]|(?:to|2|if|or|and|at|any ?time|para|si|o|en|pour|ou|a tout)\b)"
_ASKED = re.compile(rf"{_ASK}(?={_BETWEEN}{_OPENING}([^\W\d]+)(?:[ -]([^\W\d]+))?)", re.IGNORECASE)

_AIM = (
    r"(?:opt[ -]?out|unsubscribe|be removed|end|quit|cancel|stop|leave|no more|no longer|not receive"
    r"|cancelar|salir|baja|darse|parar|terminar|no recibir|dejar"
    r"|arreter|desabonner|desinscrire|ne plus|mettre fin)\b"
)
_FOR_AN_AIM = re.compile(
    rf"\b([^\W\d]+){_CLOSING}(?:to\b|2|=|:|->|→|para\b|pour\b)\s*(?:[^\W\d]+['’ ]\s*)?{_AIM}", re.IGNORECASE
)
_OPT_OUT_AIM = (
    r"\b(?:opt[ -]?out|unsubscribe|no more (?:texts|messages)"
    r"|no recibir|darse de baja|desabonner|desinscrire|ne plus)\b"
)
_AIM_FIRST = re.compile(rf"(?i:{_OPT_OUT_AIM})[^.!?\n]{{0,40}}?\b([A-Z]{{3,}})\b")
_TO_A_NUMBER = re.compile(r"\b(stop|arret|alto|baja)\s+(?:au|al)\s+\d", re.IGNORECASE)


def names_opt_out(text: str) -> bool:
    """Whether the text names a way to opt out by reply: "Reply STOP to opt out", "STOP=end", "ARRET au 36111" …"""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return (
        any(_is_asked(plain, found) for found in _ASKED.finditer(plain))
        or any(is_opt_out_word(found[1]) for found in _FOR_AN_AIM.finditer(plain))
        or any(is_opt_out_word(found[1]) for found in _AIM_FIRST.finditer(plain))
        or _TO_A_NUMBER.search(plain) is not None
    )


def _is_asked(text: str, found: re.Match[str]) -> bool:
    """Whether what the reader is asked to send opts out: the next one or two words, with nothing else after them."""
    for group in (2, 1):
        if found[group] is None:
            continue
        phrase = text[found.start(1) : found.end(group)]
        if is_opt_out_word(phrase) and re.match(rf"{_CLOSING}{_THEN}", text[found.end(group) :], re.IGNORECASE):
            return True
    return False
