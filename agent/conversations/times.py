"""Whether a reply says when to call. (What was meant by it is for a person to read; the words are kept.)

A time alone answers our question. With more words around it, it must be offered: called at, free, off, best, works. The
time of a visit or an appointment, and times merely told, are none.
"""

from sms.plain_words import sentences, spelled, words_of
from sms.wording import any_of, rule

CLOCK = any_of(
    r"\d{1,2}(?: ?: ?\d\d)? ?(?:am|pm|a m|p m|oclock|ish|hrs|hs)",
    r"\d{1,2}[:.]\d\d",
    r"\d{1,2} ?h(?: ?\d\d)?",
    r"\d{3,4} ?(?:am|pm)",
    "noon(?:ish)?|midday|midi|mediodia|medio dia",
    r"(?:half past|quarter (?:to|past|of|after)|y media|et demie)(?: \w+)?",
    r"(?:las?|a) (?:\d{1,2}|una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce)",
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) (?:oclock|am|pm|thirty|fifteen|forty five)",
)
NEAR = any_of(
    (
        r"(?:after|before|around|about|at|by|until|till|til|past|from|between|since"
        r"|from about) (?:about |like |around )?(?:\d{1,2}|one|two|three|four|five|six|seven|eight"
        r"|nine|ten|eleven)\b(?! (?:years?|months?|weeks?|units?|people|dollars))"
    ),
    r"(?:despues de|antes de|entre|desde|hasta|como a|a eso de|a partir de) (?:las? )?\d{1,2}",
    r"(?:vers|apres|avant|jusqu a|des|entre) \d{1,2}",
    r"(?:after|before) (?:work|school|lunch|dinner|class|church|my shift)",
    r"apres (?:le travail|l ecole|le diner|le souper)",
    r"in (?:like |about )?(?:an|a|\d+|half an|few|couple) ?(?:of )?(?:mins?|minutes|hours?|hrs?)",
    r"en \d+ minutos|dans \d+ minutes",
)
DAYS = any_of(
    "today|tonight|tomorrow|tmrw|tmw|tomorow|this (?:morning|afternoon|aft|evening|week)|mornings?",
    "afternoons?|evenings?|weekdays?|weekends?",
    "mon(?:day)?s?|tues?(?:day)?s?|wed(?:nesday)?s?|thu(?:rs?)?(?:day)?s?|fri(?:day)?s?",
    "sat(?:urday)?s?|sun(?:day)?s?|next week",
    "hoy|manana|pasado manana|tarde|noche|lunes|martes|miercoles|jueves|viernes|sabado|domingo|entre semana",
    "aujourd ?hui|demain|matin|apres midi|soir|soiree|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|semaine",
)
ANY = any_of(
    "any ?time|whenever|any day|right now|asap|as soon as|now is (?:good|fine|ok)|free now",
    "the second you|end of (?:the |your )?(?:day|route)",
    "cualquier (?:hora|momento|dia)|cuando (?:quiera|pueda|guste)|ahorita|ahora mismo|lo antes posible|a primera hora",
    "n importe quand|quand vous (?:voulez|pouvez)|fin de journee|tout de suite|des que possible",
    "heure du (?:diner|midi)",
)
WHEN = any_of(CLOCK, NEAR, DAYS, ANY)
OFFERED = any_of(
    "call|calls|ring|phone|reach|pick up|talk|free|available|avail|off|works?|best|better|good|fine",
    "ok|okay|perfect|ideal|great|home|done|break|back|try",
    "llam\\w+|marc?qu?\\w+|libre|puedo|salgo|disponible|mejor|bien|descanso|contest\\w+|appel\\w+",
    "rappel\\w+|libre|dispo\\w*|finis|parfait|ideal|joindre|mieux",
    "please|pls|svp|por favor|sauf|only|anytime|not before|pas avant",
)

SAYS_WHEN = (
    rule("after 3", rf"^(?:\w+ ){{0,3}}(?:{WHEN})(?:[ ,]+(?:{WHEN}|\w+)){{0,4}}$"),
    rule("I'm off at 4, call me then", rf"{OFFERED}\b.*\b{WHEN}", rf"{WHEN}\b.*\b{OFFERED}"),
    rule("5", r"^(?:at |a |around )?\d{1,2}(?: ?\d\d)?(?: ?(?:am|pm))?$"),
)

NO_CALL = (
    rule(
        "can you come at 5?",
        (
            r"(?:can|could|will|would|do|are|is|did) (?:you|u|yall|someone|somebody|they|he"
            r"|she) (?:\w+ ){0,3}(?:come|stop|fix|fit|do|send|take|see|get|bring|work|install|make|remove"
            r"|open|have)"
        ),
        r"(?:cancel|reschedul|move|moved|change|book|booked|schedul)\w*|appointments?|cita|rendez vous",
        r"slot|visit|lease|court|deliver\w*|insurance|cleaning on|needs? (?:a|an|to)|vienen|venir",
        r"puede (?:parar|venir|pasar)|atienden|trabajan|prenez vous|pouvez vous",
    ),
    rule(
        "it quit last night",
        (
            r"(?:last|yesterday|ago|anoche|ayer|hier|depuis|since|happened|started|stopped|broke|died|quit"
            r"|went|was|were|been|had|has been|desde ayer|years? old)\b(?!.*\b(?:call|ring|free|after"
            r"|llam\w+|rappel\w+))"
        ),
    ),
)


def says_when(body: str) -> bool:
    """Whether the reply offers or asks for a time to be called."""
    if any(one.finds(words_of(body)) for one in SAYS_WHEN[2:]):
        return True
    return any(
        any(one.finds(sentence) for one in SAYS_WHEN) and not any(one.finds(sentence) for one in NO_CALL)
        for sentence in sentences(spelled(body).replace(":", "").replace(".", ". "))
    )
