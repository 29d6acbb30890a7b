"""Words of English about texts, stopping and lists, for the rules beside."""

from sms.wording import any_of

TEXTS = any_of(
    "te?xt ?(?:messages?|msgs?|s)?|txts?|messages?|msgs?|mssgs?|sms|notifications?|reminders?|alerts?|spam",
    "communications?|correspondence|this (?:stuff|crap|shit|bs)|contact|(?:auto\\w*) (?:replies|reply|responses?)",
)
TEXTING = any_of(
    "te?xt?(?:ing|ed|in)|texing|text|txt|messag(?:e|ing|ed)|msg(?:ing)?|contact(?:ing|ed)?",
    "bother(?:ing)? (?:me|us|this|my)|bothering|harass(?:ing)?",
    "spam(?:ming)?|bug(?:ging)?|pester(?:ing)?|annoy(?:ing)?|disturb(?:ing)?|communicat(?:e|ing)|solicit(?:ing)?",
    "hit(?:ting)? (?:(?:me|us) up|(?:this|my) (?:phone|line|number|cell))",
    "(?:ping|blast|flood|buzz)(?:ing)? (?:me|us|this|my)|blow(?:ing)? up (?:my|our|this)",
    "reach(?:ing)? out|writ(?:e|ing) (?:me|us|to|here)",
    "send(?:ing)? (?:them|those)|receiving|getting (?:these|texts?|messages?|this)",
    "send(?:ing)? (?:me|us|any|anything|more|text|texts|messages?|these|this|stuff|crap|another|to (?:me|this|my))",
)
STOPPING = (
    "(?:stop+|quit|cease(?: and desist)?|end|discontinue|halt|refrain|kill|suspend|terminate"
    "|cancel|lay off|knock off|enough)"
)
FILLING = any_of(
    "electronic|written|marketing|promotional",
    "from|with|all|any|the|these|those|this|your|ur|my|our|damn|fucking|f\\w*ing|goddamn|stupid|automated|automatic",
    "robot|auto|further|of|on|future|more|such|that|bot|constant|annoying|other|trying|to|me|us|these|random",
)
NUMBER = any_of("numbers?|phone|cell|line|info|information|contact|contacts|details|name|data|digits|#")
LISTS = any_of(
    "lists?|system|records?|database|data base|contacts?|files?|rolodex|distribution|subscription|phone ?book",
    "directory|computer|crm|mailing|roster|thread|chain|texts?|texting|messages?|messaging|here|this|these",
)
ELSEWHERE = any_of(
    "appointments?|slot|wait ?list|waiting list|schedule|calendar|title|deed|lease|plan|contract|policy|insurance",
    "account|loan|card|payment|hold|route|order|booking|reservation|membership|job|stitches|mortgage|will|project",
)
"""What else one can be taken off, or cancel."""
FORBID = (
    "(?:dont|do not|never|you (?:cannot|cant|may not|must not)|no longer|not to|shouldnt"
    "|should not|please not|pls not|cant have you)"
)

ABOUT_ELSEWHERE = rf"^(?!.*\b{TEXTS}\b).*\b{ELSEWHERE}\b"

MANY = any_of(
    "texts|txts|te?xt ?(?:messages|msgs)|messages|msgs|sms|notifications|alerts|texting|messaging",
    "reminders|automated texts?|text list|auto\\w* (?:replies|responses)",
)
"""Texts in general, as one speaks of them who has had enough."""
ANOTHER = any_of(
    "ex|husband|wife|boss|landlord|neighbou?r|son|daughter|tenant|brother|sister|customer|client|mom",
    "dad|coworker|friend|boyfriend|girlfriend",
)
BY_OTHERS = (
    rf"\b(?:(?:my|his|her|our|the) {ANOTHER}|he|she|someone|somebody"
    rf"|collectors?) (?:\w+ ){{0,4}}(?:stop|quit|keeps?|text|messag|contact|harass|call|will|would"
    rf"|wont)"
)
ASKED_FOR = (
    rf"{BY_OTHERS}|\b(?:text|message|msg|send|sms) (?:me|us|it|them|him|her|back|the|a|over|your"
    rf"|my) (?:the|a|your|pics?|address|price|quote|when|if|details|instead|info)|\b(?:get|got|see"
    rf"|saw|receive|received|read|find|open|missed|have|seen) (?:\w+ ){{0,3}}(?:your|ur|the|any|my"
    rf"|no)? ?(?:{MANY}|text|message)\b(?! (?:from|again|any ?more))|\b(?:my|those"
    rf"|appointment) (?:appointment )?(?:reminders?|texts?)\b|\b(?:forget|hesitate|mind|worry"
    rf"|afraid) to\b|\b(?:by|via|through|over|prefer|like|love) texts?(?:ing)?\b|\btexts? (?:is|are"
    rf"|works?|me|is better|are better|are fine|are good|instead)(?! (?:so |too |very |really "
    rf"|just )?(?:not|cost|annoying|bad))"
)
"""Texts that are somebody else's, or wanted, or never came."""
