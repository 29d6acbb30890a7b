"""What may be an opt-out in English, and is for a person to judge: wrong number, not interested, go away."""

from sms.own_words.english.refusals import A_TIME
from sms.own_words.english.vocabulary import ABOUT_ELSEWHERE
from sms.wording import rule

DOUBTS = (
    rule(
        "wrong number",
        r"wrong (?:number|person)(?!,? (?:its|it is|the right))(?!.*\b(?:its|should be|mine is|right one)\b)",
        r"(?:you have|you ve|youve|got) the wrong",
        r"(?:not|isnt|aint|wasnt) (?:\w+ ){0,3}(?:phone|number|cell)(?: anymore| any more)?(?: sorry)?$",
        (
            r"(?:i|we) (?:didnt|did not|never|havent)(?: even)? (?:call(?:ed)?|phone[d]?|dial(?:ed)?"
            r"|contact(?:ed)?)(?: (?:you|u|yall|anyone|anybody|your|this|them|nobody|here|about|a|any|for"
            r"|no)\b|$)"
        ),
        r"not the (?:\w+ )?(?:person|one|guy|owner|customer)(?: you)?",
        r"no longer (?:a |an |the |your |my )?\w+(?: \w+)? (?:there|here|anymore)$",
        r"no longer (?:my|her|his) (?:number|phone)",
        r"no ?body here (?:called|needs|ordered)|nobody (?:\w+ ){0,2}(?:called|ordered)",
        r"(?:not|isnt|wasnt) (?:for|meant for|intended for) (?:me|us)",
        r"dont think (?:its|this is|it is) for me",
        r"no (?:one|body)(?: \w+){0,3} (?:here|at this number)",
        r"intended recipient",
        r"wrong (?:num|nber|person|guy|house|lady|gal|dude|one)\b",
    ),
    rule(
        "this isn't John",
        r"^(?:hi |hello |sorry |um )*(?:this|it) (?:isnt|is not|aint) \w+(?: \w+)?(?:,|$)",
        r"^(?:im|i am) not \w+$",
        r"^never (?:called|phoned|contacted)\b.*",
    ),
    rule(
        "don't call me",
        (
            r"(?<!please )(?:dont|do not|never|stop|quit) (?:ever )?(?:call|calling|phone"
            r"|phoning)(?: (?:me|us|here|this|my|again|back|anymore|any more|please|number"
            r"|phone))+(?!.*\b(?:before|until|till|after|text|txt|today|tomorrow|noon|instead|between|am"
            r"|pm|\d|work|house))"
        ),
        r"^(?:please |pls )?stop calling(?: me)?$",
        r"is there (?:a|any) way (?:to|i can) (?:stop|get off|unsubscribe|opt out|block)",
        r"do not call (?:list|registry)|^(?:please |pls )?(?:do not|dont) call$",
        (
            r"please (?:dont|do not) (?:ever )?call (?:me|us|here|again|back|this number)(?!.*\b(?:before|until"
            r"|till|after|text|txt|today|tomorrow|noon|instead|between|am|pm|\d))"
        ),
    ),
    rule(
        "how do I get off this list?",
        (
            r"(?:how|what) (?:\w+ ){1,4}(?:so i (?:dont|do not) get|get off|unsubscribe|opt out"
            r"|stop (?:these|this|getting|the texts|texts)"
            r"|make (?:these|this|it|them) stop)"
        ),
        r"(?:how|where) (?:the \w+ |tf )?(?:did|do|have) (?:you|u|yall) (?:get|got|find|have) (?:my|me|this)",
        unless=ABOUT_ELSEWHERE,
    ),
    rule(
        "who is this?",
        r"who(?:s| s| is| r| are|se)? (?:the \w+ )?(?:this|dis|u|you|it)\b(?! (?:sending|guys sending))",
        r"who (?:gave|told) (?:you|u)",
        r"(?:how many|whats (?:up )?with|what is with|so many|why all)(?: \w+){0,3} (?:texts|messages|texting)",
        (
            r"(?:why|how come) (?:do|are|r|did|am|you|u|would)\b.*\b(?:text\w*|txt\w*|messag\w*|contact\w*"
            r"|getting (?:this|these))\b.*"
        ),
        r"(?:dont|do not) know (?:you|who (?:this|you)|what this)",
    ),
    rule(
        "is this a scam", r"is this (?:a )?(?:spam|scam|bot|robot|real)", r"scam|scammers?|phishing|spammers?|junk text"
    ),
    rule(
        "go away",
        r"(?:youre|you are|ur|this is|these are|so) (?:\w+ )?annoying|(?:another|stupid|damn) (?:ro)?bot",
        r"(?<!wont )(?<!not )(?<!doesnt )go away",
        r"get lost|piss off|fuck (?:off|you|u)|f off|buzz off|screw (?:off|you)|bug off|beat it|eat shit",
        r"gtfo|go to hell|drop dead|kick rocks",
    ),
    rule(
        "make it stop",
        r"make it stop",
        unless=r"\b(?:water|leak\w*|noise|alarm|bleed\w*|drip\w*|pain|beep\w*|smoke|toilet|dog|itch\w*)\b",
    ),
    rule(
        "never mind, we don't need you",
        r"(?:dont|do not) need (?:you|u|your (?:help|services?))(?: any ?more)?$",
        r"(?:nah|no) (?:im|i am|we are|were) (?:good|fine|ok|all set)$",
        r"^(?:ugh |lol |ok )*whatever$",
    ),
    rule(
        "I'm good, thx",
        r"^(?:im|i am|were|we are) (?:good|fine|all set|ok)(?:,? (?:thx|thanks|thank you|ty))*$",
        r"^(?:please )?no (?:phone )?calls(?: please)?$",
        r"(?:report|mark|flag)(?:ing|ed)? (?:this |it |you )?(?:as|to) (?:spam|junk|scam)",
    ),
    rule(
        "not during the school day, please",
        r"^not (?:during|in|at|while|before|after|on)\b.*\b(?:please|pls|phone|goes off|class|school|work)",
    ),
    rule("do I know you?", r"do i know (?:you|u)|never called you|doesnt have this number|dont have this number"),
    rule("not interested", r"not interested|no interest|disliked"),
    rule(
        "please don't text before 9",
        (
            rf"(?:dont|do not|no|never|please not?)(?: (?:ever|please|me|us|any|more|you|to|late))* (?:text"
            rf"|txt|message|msg|contact|disturb|bother|texting|texts?|messages?|send (?:me|texts?"
            rf"|messages?))(?: \w+){{0,4}} {A_TIME}"
        ),
    ),
)

SHORT_DOUBTS = (
    rule("no thanks", r"^(?:no|nope|nah|nop|no no)(?: (?:thanks|thank you|thx|ty|thankyou|way|sir|maam|please))*$"),
    rule("please don't", r"^(?:please |pls )?(?:dont|do not)$", r"^forget it$", r"^(?:reported|marked) as \w+$"),
    rule("spam", r"^(?:spam|scam|junk|bot|robot|reported|blocked|block|who|new phone who dis)$", r"spam"),
)
