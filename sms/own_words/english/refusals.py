"""Who forbids texts in English: don't text me, no more texts. Where that is limited to a time it is a doubt."""

from sms.own_words.english.vocabulary import ASKED_FOR, FORBID, TEXTING, TEXTS
from sms.wording import rule, words

REFUSALS = (
    rule(
        "this is me telling you not to do it again",
        r"(?:telling|asking|told|asked|warning) (?:you|u|yall) not to(?: \w+){0,4} (?:again|any ?more)",
        (
            r"(?:dont|do not|never) (?:\w+ ){0,3}(?:reply|respond|write|answer|text|message|do (?:it|this"
            r"|that))\b.*\b(?:again|any ?more|send any)"
        ),
        r"(?:not|never)(?: \w+){0,5} (?:texting|texted|to text|messaged|texts from|sms)",
        rf"no (?:want|need|like)(?: \w+){{0,3}} {TEXTS}",
        rf"(?:refuse|decline|oppose|object)\b.*\b(?:{TEXTS}|{TEXTING})",
        unless=(
            rf"{ASKED_FOR}|\bi (?:\w+ )?(?:dont|do not|cant|cannot|never|havent|didnt|wasnt|am not|not"
            rf"|have not)\b(?!.*\b(?:agree|want|consent|sign|ask|authori|allow))"
        ),
    ),
    rule(
        "don't text me any more",
        (
            rf"(?<!i )(?:{FORBID})(?: (?:you|u|ever|please|pls|going|be|try|keep|want you|need you|like you"
            rf"|to|even|guys|yall|send|continue|dare|reply|to me|again|or|and|call|phone|mail|email"
            rf"|respond)){{0,6}} {TEXTING}"
        ),
        (
            r"(?:not|never|dont|do not) (?:to )?(?:text|txt|message|msg) (?:me|us|this|my|here|again"
            r"|anymore|any more|back)"
        ),
        (
            rf"i (?:do not|dont|never|no longer) (?:want|need|wish|like|allow|authorize|consent to"
            rf"|permit) (?:you|u|anyone|yall|them)(?: \w+){{0,3}} {TEXTING}"
        ),
    ),
    rule(
        "I don't want these messages",
        (
            rf"(?:dont|do not|doesnt|never|not|no longer|wont|didnt)(?: (?:even|really|ever|and i mean|we"
            rf"|i))* (?:want(?:ed)?|wanna|need|wish|like|care for|appreciate|desire|authorize|approve|agree"
            rf"|consent|ask(?:ed)?|sign(?:ed)?|interested|accept)(?: (?:to|any|these|those|your|ur|the|more"
            rf"|getting|receive|receiving|get|be|of|all|this|anymore|further|from|you|automated|kinds?"
            rf"|random|for|up|in|sent|such|have|reminded|contact|other)){{0,7}} (?:{TEXTS}|texted|texting"
            rf"|contacted|messaged|these|anything (?:more |else )?from (?:you|u|this))(?! (?:else )?(?:fixed|done))"
        ),
        (
            r"no longer (?:wish|want|need|interested)(?: \w+){0,4} (?:texts?|messages?|texted|contacted"
            r"|hear|updates|these)"
        ),
    ),
    rule(
        "I'd prefer not to receive texts",
        (
            rf"(?:prefer|rather|like|ask|asking|request|requesting|want|wish|appreciate"
            rf"|choose)(?: \w+){{0,4}} (?:not|no longer|didnt|dont)(?: to| be| get| receive| have| getting"
            rf"| receiving| being)*(?=.*(?:{TEXTS}|texted|contacted|messaged|{TEXTING}))"
        ),
        (
            r"(?:can|could|would|will) (?:you|u|yall) (?:please |pls )?(?:not|stop)(?=.*(?:text|message"
            r"|contact|send|these))"
        ),
        r"would (?:you|u) mind not",
        r"better not (?:text|message|contact)",
    ),
    rule(
        "no more texts",
        rf"no (?:more|further|additional)(?: \w+){{0,2}} (?:{TEXTS}|texting|messaging)",
        r"no more (?:of )?(?:these|this|those|it)$",
        (
            r"no (?:texts?|texting|txts?|sms|messages?|messaging)(?= (?:please|pls|plz|thanks|ever|at all"
            r"|period|to|on|english|here)|$|,)"
        ),
    ),
    rule(
        "I never want to hear from you",
        r"(?:never|not|dont|do not|no longer) (?:\w+ ){0,4}(?:hear|hearing) (?:back )?from (?:you|u|yall|this|your)",
        r"(?:dont|do not) (?:ever )?(?:want to )?(?:hear|see) (?:another|any more)",
    ),
    rule(
        "don't send me anything else",
        (
            r"(?:dont|do not|never|no) (?:ever )?send(?:ing)? (?:me|us)? ?(?:any|anything|more|another"
            r"|these|texts?|messages?)"
        ),
    ),
)

A_TIME = (
    r"(?:before|after|until|till|at night|overnight|during|while|past|between|on (?:sun|satur"
    r"|week)\w*|this late|so late|so early|in the (?:morning|evening|middle)|late at|weekends?"
    r"|during work)"
)
LIMITED = words(A_TIME)
FOR_GOOD = words("again|any ?more|ever|period|at all|never|just call|call me|ring me|phone me|please call")
