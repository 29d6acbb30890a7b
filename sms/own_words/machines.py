"""Whether a machine answered for the caller: replies that a phone or an office sends by itself, in three languages."""

from functools import lru_cache

from sms.plain_words import KEPT, words_of
from sms.wording import rule

MACHINES = (
    rule(
        "Auto-reply: I'm away",
        r"^(?:auto ?reply|automatic reply|auto ?response|automated (?:response|message|reply)|out of office)\b.*",
        r"^(?:respuesta|mensaje) automatic[ao]\b.*",
        r"^(?:reponse|message) automatique\b.*",
    ),
    rule(
        "I'm driving",
        r"(?:im|i am) (?:currently )?driving(?! (?:for|a|my|to|an)\b)",
        r"do not disturb while driving",
        r"estoy (?:conduciendo|manejando)",
        r"je (?:conduis|suis au volant)",
    ),
    rule("you've reached Acme", r"you ?ve reached|we cant (?:answer|take your call)"),
    rule("Txt HELP to stop alerts", r"(?:txt|text|reply) \w+ to (?:stop|end|cancel) alerts"),
    rule(
        "this number is not monitored",
        r"this (?:number|inbox|phone|mailbox) (?:is(?:nt| not) monitored|no longer accepts|does not accept)",
    ),
)


@lru_cache(maxsize=KEPT)
def is_machine_made(body: str) -> bool:
    """Whether a machine wrote it."""
    words = words_of(body)
    return any(one.finds(words) for one in MACHINES)
