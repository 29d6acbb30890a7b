"""What a caller is answered to STOP and HELP, in the language of the question. Plain GSM letters: one segment each."""

from sms.own_words.reading import Language, language_of

_CONFIRMED = {
    Language.ENGLISH: "{business}: you won't get any more texts from us. Reply START to get them again.",
    Language.SPANISH: "{business}: ya no recibira mensajes nuestros. Responda START para recibirlos otra vez.",
    Language.FRENCH: "{business} : vous ne recevrez plus de textos de nous. Repondez START pour en recevoir.",
}
_HELP = {
    Language.ENGLISH: "{business}: we text back callers we missed. Call us at {number}. Reply STOP to opt out.",
    Language.SPANISH: "{business}: contestamos llamadas perdidas. Llame al {number}. Responda STOP para salir.",
    Language.FRENCH: "{business} : nous repondons aux appels manques. Appelez le {number}. ARRET pour arreter.",
}


def confirmation(business: str, asked: str) -> str:
    """The one confirmation of an opt-out (47 CFR 64.1200(a)(12)): what was done, no marketing."""
    return _CONFIRMED[language_of(asked)].format(business=business)


def help_answer(business: str, number: str, asked: str) -> str:
    """Who texts, how to reach a person, and how to opt out (CTIA's messaging principles)."""
    return _HELP[language_of(asked)].format(business=business, number=number)
