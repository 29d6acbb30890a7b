"""Who demands in English that texting ends, or to be taken off: stop texting, take me off your list."""

from sms.own_words.english.vocabulary import (
    ABOUT_ELSEWHERE,
    ASKED_FOR,
    BY_OTHERS,
    FILLING,
    LISTS,
    MANY,
    NUMBER,
    STOPPING,
    TEXTING,
    TEXTS,
)
from sms.wording import rule

DEMANDS = (
    rule(
        "no. more. texts.",
        (
            rf"(?:stop+|quit|cease|cancel|end|cut|turn|switch|shut|knock|enough|block(?:ing)?|unsubscribe"
            rf"|remov(?:e|ed|ing)"
            rf"|hate|refuse|sick of|tired of|fed up|done with|out of|not a fan|no more|last|cost|charged?"
            rf"|scrub|delete|lose)\b(?:.*)\b{MANY}"
        ),
        (
            rf"{MANY}\b.*\b(?:stop|quit|end|cancel|not (?:ok|okay|wanted|welcome|allowed)|unwanted|annoying"
            rf"|harassment|must|cease|off|(?:quit|stop|end) (?:it|them|now)|no more|enough|cut it out|knock it off)$"
        ),
        unless=ASKED_FOR,
    ),
    rule(
        "cancel them please",
        (
            r"(?:cancel|stop|end|quit|remove|block|turn off|shut off|cease) (?:them|these|those|this"
            r"|all of (?:them|these|this)|it all)(?: (?:please|pls|now|thanks|asap|immediately"
            r"|right now))*$"
        ),
        r"(?:turn|shut) (?:them|these|those|this) off",
    ),
    rule(
        "that was the last message you send",
        r"last (?:text|message|one|txt|time)\b.*\b(?:i get|you (?:send|text|message)|from you|i hear)",
        (
            r"no need (?:to|for you to) (?:keep |continue |be )?(?:text\w*|messag\w*"
            r"|contact\w*)(?= .*\b(?:again|any ?more|further|me)\b|$)(?! back)"
        ),
        r"no need to keep texting",
    ),
    rule(
        "for the love of god stop",
        r"(?:please|god|just|now|guys|sake|damn|hell|ffs|omg|people|sir|nicely|seriously) stop$",
        r"^stop (?:please|pls|svp|por favor|merci|gracias|thanks)\b",
        (
            r"^stop+ (?:because|cause|cuz|bc|since|i|we|already|wrong|not|no|you|youre|this is|its"
            r"|dont)\b(?! (?:by|in|over))"
        ),
        r"you (?:can|may|could) (?:stop|quit)(?: now| already| please)*(?=$|,)",
        r"(?:^|,) ?take (?:me|us) off$",
        r"^(?:\w+ )?no more(?: please| pls| thanks| thank you| of (?:them|these|those|this|it|that))*$",
    ),
    rule(
        "put me on your do not contact list",
        r"(?:put|add) (?:me|us|this|my \w+)(?: \w+){0,3} do not (?:call|contact|text)",
        r"^do not (?:text|contact|disturb)$",
        r"(?:internal |your )?dnc(?: list)?$|dnc list",
    ),
    rule("I don't do texts", r"i (?:dont|do not) (?:do|use|read|want|take) (?:texts|texting|text messages|sms)\b"),
    rule(
        "I told you twice to quit",
        (
            r"(?:told|asked|begged|warned) (?:you|u|yall|you people|you guys|them"
            r"|yall)(?: \w+){0,4} (?:to )?(?:stop|quit|cease)\b"
        ),
        r"what part of (?:stop|no|unsubscribe)",
    ),
    rule(
        "consider this my revocation of permission",
        r"revocation of (?:my |any |all )?(?:permission|consent)",
        r"not (?:permitted|allowed|authorized|welcome) to (?:text|contact|message|send|write)",
    ),
    rule(
        "my attorney will hear about the next text",
        (
            r"(?:attorney|lawyer|fcc|ftc|police|court)\b.*\b(?:next|another|one more|any more"
            r"|further) (?:text|message|one)"
        ),
    ),
    rule(
        "texting doesn't work for me so please don't",
        r"(?:texting|texts|messages?)\b.*\b(?:please|pls) (?:dont|do not|stop|quit)(?:$|,)",
    ),
    rule(
        "strike the number",
        (
            r"(?:strike|remove|delete|drop|scrub|purge|take off|erase) (?:the|this|my|our) (?:number|line"
            r"|phone)"
        ),
    ),
    rule("unsubscribing from this", r"unsubscrib(?:ing|ed me) from (?:this|these|your|all)"),
    rule(
        "no need to keep messaging us",
        r"no need (?:to|for you to) (?:keep|continue) (?:text|messag|contact|writ|send)\w*",
    ),
    rule("count me out", r"count me out|take me out of it"),
    rule(
        "I'd like to be removed",
        (
            r"(?:want|like|love|need|asking|asked|request|please|wish) (?:to )?be (?:removed|taken off"
            r"|deleted|left alone|unsubscribed|opted out)"
        ),
        unless=ABOUT_ELSEWHERE,
    ),
    rule("stop texting me", rf"{STOPPING}(?: {FILLING}){{0,5}} (?:{TEXTING}|{TEXTS})", unless=BY_OTHERS),
    rule(
        "stop sending stuff",
        r"(?:stop+|quit) (?:\w+ ){0,2}(?:sending|texting|messaging|contacting|bothering|writing)",
        unless=BY_OTHERS,
    ),
    rule("please end all communication", rf"(?:cease|discontinue|end) (?:\w+ ){{0,3}}{TEXTS}"),
    rule(
        "I already said stop",
        (
            r"i (?:have |ve |already |just |have already )*(?:said|told|asked|texted|replied|wrote"
            r"|typed)(?: (?!him|her|them)\w+){0,4} (?:to )?stop+"
        ),
        r"ive (?:already )?(?:said|told|asked)(?: (?!him|her|them)\w+){0,4} (?:to )?(?:stop|take)",
        r"(?:need|want|like) (?:you|u|yall|this|these) (?:\w+ )?to stop(?! by| in| over)",
    ),
    rule("turn these off", r"(?:turn|shut|switch) (?:these|this|them|(?:the|those|your) \w+) off(?=$| please| now)"),
    rule("make these stop", r"make (?:these|this|them) stop"),
    rule(
        "stop this nonsense",
        (
            r"(?<!\w )stop (?:this |the |with the |it )?(?:lol|lmao|nonsense|crap|shit|bs|bullshit|madness"
            r"|bro|dude|man|sir|guys|immediately|bot|everything|asap)"
        ),
    ),
    rule(
        "take me off your list",
        (
            rf"(?:take|get|keep|leave|drop|strike|scratch|cross|pull|taken|gotten) (?:me|us|my \w+|this \w+"
            rf"|that \w+|the \w+|our \w+|him|her|it|this|off)(?: \w+){{0,3}}? (?:off|out"
            rf"|from)(?: of)?(?! \w+ (?:door|wall|car|roof|fence|tires))(?=,|$|.*\b(?:{LISTS}|{NUMBER})\b)"
        ),
        rf"(?:be|get) (?:taken |removed |dropped )?(?:off|from|out)(?: of)? (?:\w+ ){{0,2}}{LISTS}",
        r"off (?:of )?(?:your|ur|this|that) (?:\w+ ){0,2}(?:list|texts?|system|database|thing)",
        r"(?:take|get) me off(?: of)? (?:it|that|this)$",
        unless=ABOUT_ELSEWHERE,
    ),
    rule(
        "delete my number",
        (
            rf"(?:remov(?:e|ed|ing)|delet(?:e|ed|ing)|eras(?:e|ed|ing)|scrub|purge|wipe|clear|unlist|forget"
            rf"|lose|blacklist|trash"
            rf"|toss)(?: (?:me|us|my|this|that|the|our|all|please|of|from|cell|phone|mobile|home|work|old"
            rf"|any|record)){{1,4}} {NUMBER}"
        ),
        (
            rf"(?:remov(?:e|ed|ing)|delet(?:e|ed|ing)|erase|take|block|scrub|purge|wipe|drop|strike|cut"
            rf"|kick|omit|exclude)(?: (?:me|us|it|my|this|#|our|\w+)){{1,3}} (?:from|off"
            rf"|out of) (?:\w+ ){{0,2}}{LISTS}"
        ),
        (
            rf"(?:my|this|our) {NUMBER}(?: \w+){{0,6}} (?:deleted|removed|taken off|erased|delete it"
            rf"|remove it|off (?:your|the|this|that))"
        ),
        r"(?:number|phone|text|message|mistake|wrong)\b.*(?:delete|remove|erase) (?:it|me|this)",
        unless=ABOUT_ELSEWHERE,
    ),
    rule(
        "opt me out",
        r"opt(?:ing)? (?:me|us|this \w+|my \w+) out",
        r"(?:unsubscribe|unenroll|disenroll|unlist|deregister) (?:me|us|this|my|from)",
        (
            r"(?:want|like|wish|need|choose|prefer|id like|trying|please|wanna) (?:to )?(?:opt(?:ing)? out"
            r"|unsubscribe)(?! of)"
        ),
        rf"opt(?:ing)? out of (?:\w+ ){{0,3}}(?:{TEXTS}|this|these)",
        r"remove me",
        r"unsubscribed? please|unsubscribe from (?:this|these|your|all)",
        unless=ABOUT_ELSEWHERE,
    ),
    rule(
        "I opt out",
        (
            r"(?:^|i|we|id|will|please|am|im|are|just|must|hereby|kindly|and|to"
            r"|formally) opt(?:ing)? out(?! (?:of (?!this|these|all|your|the text|text|any|future)|if|by)"
            r"|, if)"
        ),
        unless=(
            rf"{ABOUT_ELSEWHERE}|\b(?:can|do|did|does|how|if|should|could|dont|didnt|not|accident|mistake"
            rf"|stop to)\b.*\bopt"
        ),
    ),
    rule(
        "consent withdrawn",
        r"(?:consent|permission) (?:is |has been |hereby )*(?:withdrawn|revoked|rescinded|denied|removed)",
    ),
    rule(
        "you don't have to text me any more",
        (
            r"(?:dont|do not) (?:have|need) to (?:keep |continue )?(?:text\w*|messag\w*|contact\w*"
            r"|send\w*)(?: \w+){0,3} (?:any ?more|again|further)"
        ),
    ),
    rule("forget you ever had this number", rf"forget (?:that )?(?:you|u|i|we|about)(?: \w+){{0,4}} {NUMBER}"),
    rule(
        "sick of these texts, I want it to end",
        r"(?:sick|tired|fed up|had enough|over it|done)\b.*\b(?:end|stop|over|done)\b",
        unless=r"^(?!.*\b(?:texts?|texting|messages?|messaging)\b)",
    ),
    rule("leave me alone", r"leave (?:me|us|my \w+|her|him) (?:the \w+ |tf )?(?:alone|be|out of (?:it|this))"),
    rule(
        "lose my number",
        r"(?:lose|delete|forget|erase|burn|trash|block) (?:this|my|our) (?:number|phone|contact|digits|cell|#)",
    ),
    rule(
        "you do not have my consent",
        r"(?:withdraw|revok|rescind|remov|retract)\w*(?: \w+){0,3} (?:consent|permission|authorization)",
        (
            r"(?:no|not|never|dont|didnt|without)(?: \w+){0,4} (?:consent|permission"
            r"|authoriz\w+)(?=.*\b(?:text|message|contact|you|u|this|number)|$)"
        ),
    ),
    rule(
        "one more text and I call my lawyer",
        (
            r"(?:if|next|one more|another|any more|any further|again)\b.*\b(?:fcc|ftc|tcpa|attorney|lawyer"
            r"|law ?suit|sue|suing|report|complaint|legal|police|harassment|block(?:ing)? (?:you|this))"
        ),
        (
            r"(?:ill|im|i am|i will|going to|gonna) (?:be )?(?:block\w*|report\w*|sue|suing)\b.*\b(?:if"
            r"|next|one more|another|again|send)"
        ),
        (
            rf"(?:fcc|ftc|tcpa|attorney|lawyer|law ?suit|sue|suing|report(?:ing)?|complaint|legal action"
            rf"|police)\b.*\b(?:if|next time|one more|another|again|keep)\b.*(?:{TEXTING}|{TEXTS})"
        ),
        r"(?:youre|you are|ur|this is) harass(?:ing|ment)",
    ),
    rule(
        "make sure this number gets no more of them",
        (
            r"(?:make|be) sure\b.*\b(?:number|phone|texts?|messages?|i|we|it|they|anything)\b.*\b(?:not"
            r"|never|dont|doesnt|no more)"
        ),
        r"make it so\b.*\b(?:never|not|no more|dont|stops?)",
        r"so (?:that )?(?:we|i) (?:dont|do not|no longer)(?: keep)? get\w*",
        r"(?:number|phone|line) (?:\w+ ){0,3}(?:never|not|doesnt|shouldnt|should not) (?:get|receive|be getting)\w*",
    ),
    rule(
        "kindly remove",
        r"^(?:(?:please|pls|kindly|not your \w+) ?)+(?:remove|unsubscribe|delete)$",
        r"(?:remove|delete|unsubscribe|scrub|erase|block) (?:\+?1 )?(?:\d{3} ?){1,2}\d{3,4}",
    ),
)
