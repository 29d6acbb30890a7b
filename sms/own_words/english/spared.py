"""Words of stopping that mean something else in English, and what machines answer."""

from sms.wording import rule, words

SPARED = (
    rule(
        "don't stop texting",
        (
            r"(?:dont|do not|never|didnt mean to|not) (?:want (?:you )?to |wanna |need to "
            r"|mean to )?(?:ever )?(?:stop|quit|opt(?:ing)? out|unsubscribe|cancel|block"
            r"|end)(?: (?:texting|messaging|sending|writing))?"
        ),
    ),
    rule(
        "I hit STOP by accident",
        r"(?:hit|pressed|sent|typed|said|texted|wrote|put|replied) stop (?:by (?:accident|mistake)|accidentally)",
    ),
    rule("the bus stop", r"(?:bus|truck|tram|train|next|first|last|pit|rest|door|non|full|one|tab|f) stops?"),
    rule(
        "stop by at 5",
        (
            r"stop (?:by|in|over|at|sign|light|valves?|off|somewhere|and|the (?:work|leak\w*|water"
            r"|bleeding|noise|drip\w*|clock|toilet|flow|eviction|payment))"
        ),
    ),
    rule(
        "does STOP also cancel it?",
        (
            r"(?:does|do|will|would|if i|what if|can you|could you) (?:it|that|this|you"
            r"|i)? ?(?:also )?(?:stop|cancel|unsubscribe)(?! (?:texting|messaging|sending|contacting|these"
            r"|the texts|texts|bothering))"
        ),
    ),
    rule(
        "I'll quit bugging you",
        (
            r"\bi(?:ll| will| can| could| should| did| have)? (?:stop|quit)(?:ped)? (?:bugging|texting"
            r"|messaging|bothering|sending)\w*"
        ),
    ),
    rule("never text and drive", r"(?:never|dont|do not) text (?:and|while|n)\b"),
    rule(
        "nobody ever contacted me",
        (
            r"(?:he|she|they|nobody|no ?one|you|yall|u) never (?:\w+ )?(?:contacted|texted|messaged|called"
            r"|sent)(?: \w+){0,3}"
        ),
        r"(?:nobody|no ?one) (?:ever )?(?:sent|texted|messaged|contacted)(?: \w+){0,3}",
    ),
    rule("my ex keeps messaging me", r"(?:my|his|her|an?|the) \w+ keeps (?:text|messag|call|contact|harass)\w*.*"),
    rule("I lost my number in line", r"(?:lose|lost) my (?:number|place|spot) in"),
    rule(
        "I told him to leave me alone",
        r"(?:told|asked) (?:him|her|them)(?: \w+){0,5} to (?:leave|stop|quit|never|not).*",
    ),
    rule("unsubscribe my husband's old phone", r"unsubscrib\w* my \w+s (?:\w+ )?(?:phone|number|email)"),
    rule(
        "the water won't stop",
        (
            r"(?:wont|doesnt|didnt|cant|cannot|couldnt|not|never|he|she|it|would|wouldnt|will|tried to"
            r"|trying to|have to|had to|going to|try to|wants? to|him to|her to) (?:stop|quit"
            r"|end)(?! (?:texting|messaging|sending|contacting|these|the texts|getting|all texts"
            r"|bothering))"
        ),
    ),
    rule("stop everything and call me", r"(?:stop|drop) (?:everything|what youre doing) and"),
    rule(
        "don't text the old number",
        (
            r"(?:dont|do not) (?:text|message|use|call) (?:the|my|that) (?:old|other|work|office"
            r"|home)(?: \w+)?"
        ),
    ),
    rule("can't get the nails off", r"(?:cant|cannot|couldnt|to|wont) (?:get|take|pull) (?:\w+ ){0,4}off"),
    rule(
        "I didn't mean to send stop, keep texting me",
        r"(?:didnt|did not|never) mean to (?:send|type|text|say|hit|press|write) stop",
        r"(?:^|, ?|please |pls |do )keep (?:texting|sending|messaging)(?: me)?",
    ),
    rule("reply STOP", r"reply stop", r"says? (?:to )?(?:reply|text) stop"),
    rule(
        "please text me",
        (
            r"(?:please|pls|plz|just|can you|could you|u can|you can|feel free to|better to|rather|instead"
            r"|please keep|pls keep)(?: on)? text(?:ing)?(?: me| us)?(?! (?:again|any ?more))"
        ),
    ),
    rule("if I lose my number", r"(?:if|when|in case|once) i lose my number"),
    rule("don't leave me alone with it", r"(?:dont|do not|never|wont|doesnt|not) leave (?:me|us) alone"),
    rule(
        "he told me never to come back",
        (
            r"(?:told|tells|telling|asked|texted|said to|warned) (?:me|him|her|us|them)(?: to)? (?:never"
            r"|not|stop|quit)(?: to)?[^.]*"
        ),
    ),
    rule("I don't text", r"(?<!\w )i (?:dont|do not|cant|cannot|never) text(?! me| you| to)"),
)

MACHINES = (
    rule(
        "Auto-reply: I'm away",
        r"^(?:auto ?reply|automatic reply|auto ?response|automated (?:response|message|reply)|out of office)\b.*",
    ),
    rule(
        "I'm driving",
        r"(?:im|i am) (?:currently )?driving(?! (?:for|a|my|to|an)\b)",
        r"do not disturb while driving",
        r"you ?ve reached|youve reached|we cant (?:answer|take your call)",
        r"(?:txt|text|reply) \w+ to (?:stop|end|cancel) alerts",
        r"this (?:number|inbox|phone|mailbox) is(?:nt| not) monitored",
    ),
)
"""What a machine answers by itself: its own "reply STOP" isn't the caller's."""

STOP = words(
    r"(?:(?:please|pls|plz|ok|okay|just|so|now|and|i said|i say|again|hey|yo|no|all caps|reply|kindly) )*"
    r"(?:stop+|stop+ ?all|stop (?:it|this|that|everything|already)|unsubscribe(?: me)?"
    r"|unsub(?: me)?|opt ?out|opt me out|opting out|"
    r"cease(?: and desist)?|desist|quit (?:it|this)|knock it off|cut it out|enough(?: already)?)"
    r"(?: (?:please|pls|plz|thanks|thank you|thx|now|already|right now|ok|stop|asap|immediately"
    r"|permanently|for good|period|lol|sir|guys))*"
)
"""A clause that is nothing but a word of stopping, wherever it stands."""

MISTYPED = words(
    "s(?:otp|tpo|opt|ttop|to0?p|yop|tip|tap|rop)|tsop|stahp|stpp|dtop|sto|unsubcribe|unsuscribe|unsubscrbe"
)
ASKS_HOW = words(
    r"(?:\w+ ){0,2}(?:(?:how|where) (?:do|can|would|could|to|does)|what (?:do|should|must) i"
    r"|is there (?:a|any) way)"
)
