"""Whether a reply needs somebody now: it says so, or tells of harm under way.

Harm is what grows by the minute or hurts: water that spreads, gas, smoke, sparks, no heat with a baby, an animal or a
person in danger, a child locked in. A nuisance, what is over, what is planned, and prices of emergency service aren't.
"""

from functools import lru_cache

from sms.plain_words import KEPT, sentences, spelled, words_of
from sms.wording import any_of, rule

WEAK = any_of(
    "bab(?:y|ies)|newborn|infant|toddler|kids?|child|children|son|daughter|grand\\w+|elderly|mother",
    "mom|dad|father|wife",
    "pregnant|\\d+ ?(?:yr|year|week|month|day)s? old|disabled|tenants?|residents?|patients?|bebes?",
    "ninos?|hijos?|hijas?|recien nacidos?",
    "abuel\\w+|anciana?o?|mama|papa|bebes?|enfants?|mere|pere|vieux|vieille|agee?|nourrisson|nouveau nee?",
    "\\d+ (?:ans|anos|mois|meses)",
)
WATER = any_of("water|tub|bathtub|inodoro|bano|toilette|sewage|sewer|toilet|it|agua|eau|aguas negras|rain|drain")
SPREADS = any_of(
    "pouring|gushing|spraying|spewing|shooting|flooding|rushing|everywhere|all over|bursting",
    "overflow\\w*|desbord\\w+|deborde\\w*|running (?:out|down)|backing up",
    (
        "(?:coming|leaking|dripping|pouring|running|raining|falling) (?:\\w+ )?(?:through|thru|down|out of"
        "|from|into|onto|in)(?: \\w+){0,3} (?:ceiling|wall|light|lights|fixture|outlet|panel|stairs"
        "|door|floor|roof|downstairs|apartment|unit|bedroom|kitchen|basement|vent|bed|crib)"
    ),
    "(?:wont|cant get it to) (?:stop|shut off|turn off)|and rising|rising|keeps (?:coming|rising)",
)

URGENT = (
    rule("URGENT", r"urgente?s?|urgn?e?n?t(?:ly)?|urgnt|urgence|emergency|emergencia|life or death|sos|mayday"),
    rule(
        "please hurry",
        r"(?:please |pls )?hurry|right now please",
        r"need (?:someone|somebody|help) (?:now|right now|immediately|asap)|dire emergency",
        r"come (?:now|quick(?:ly)?|fast)|need (?:\w+ ){0,4}(?:right away|right now|immediately|this (?:minute|second))",
        r"(?:venez|viens) (?:vite|au plus vite|tout de suite)|ca presse|au plus vite|vengan (?:ya|rapido|pronto)",
    ),
    rule(
        "water is coming through the ceiling",
        rf"{WATER}\b(?: \w+){{0,6}} (?:{SPREADS})",
        (
            r"(?:flooding|flooded(?! back)|flood(?! lights?| zone| insurance| sensor| damage)|inund\w+"
            r"|inond\w+|burst(?:ed)?(?! fade)|geyser|fuga de gas)"
        ),
        r"(?:feet|foot|ft|inch(?:es)?|pouces?|pieds?|centimetros|cm) (?:of |d |de )?(?:water|eau|agua)",
        (
            r"(?:eau|agua) (?:partout|por todos lados|por todas partes)|(?:roof"
            r"|ceiling) (?:is )?leaking on"
        ),
        r"eau (?:n )?arrete pas|arrete pas de couler",
    ),
    rule(
        "a pipe just burst",
        (
            r"(?:pipe|line|heater|hose|main|tuyau|tuberia|tubo|cano) (?:just |has |is |a )?(?:burst|busted|broke"
            r"|exploded|blew|revento|roto|se rompio|eclate|pete)\w*"
        ),
        r"burst pipe|(?:se )?revento (?:un|la|el)|tuyau (?:a |qui )?(?:eclate|pete)",
    ),
    rule(
        "l'eau coule du plafond",
        (
            r"eau (?:qui |\w+ ){0,4}(?:coule|tombe|sort|monte|entre|gicle)(?: \w+){0,3} (?:plafond|mur"
            r"|fils|lampe|electri\w+|sous sol|porte|plancher)"
        ),
        (
            r"agua (?:\w+ ){0,4}(?:cayendo|saliendo|brotando|del techo|por (?:el|la|las|los) (?:techo"
            r"|lampara|pared|foco|luz))"
        ),
        r"agua (?:\w+ ){0,3}(?:techo|lampara)|salir agua|sous sol est plein|piso (?:ya )?esta lleno",
    ),
    rule(
        "I smell gas",
        (
            r"(?:smell|smells|smelling|smelled|odor of|strong|leaking"
            r"|leak of) (?:\w+ ){0,3}(?:natural )?gas\b(?! station| line| grill)"
        ),
        r"gas (?:smell|leak|odor)|(?:huele|olor|oler|olemos)(?: \w+){0,3} (?:a )?gas",
        r"(?:sent|odeur|senteur)(?: \w+){0,2} (?:le |de )?gaz|fuite de gaz",
    ),
    rule(
        "sparks from the outlet",
        r"(?:sparks?|sparking|chispas?|etincelles?|arcing)",
        r"(?:on|in|catching|caught|est en|en|prend) (?:fire|flames|feu)\b(?! in \d)",
        (
            r"(?:smoke|smoking|humo|fumee)\b(?! detector| alarm)(?=.*\b(?:from|out|coming|saliendo|sort"
            r"|engine|hood|panel|outlet|shoulder|car|wall|furnace|kids|tablero|moteur|now|everywhere)\b)"
        ),
        r"saliendo humo|burn(?:ing|t) (?:\w+ )?smell|smell\w* (?:\w+ ){0,2}(?:burning|burnt|smoke)",
        r"olor a quemado|huele a quemado|odeur de brule",
        r"(?:wires?|outlet|breaker|panel) (?:is |are )?(?:hot|melting|burning|buzzing)",
    ),
    rule("rotten egg smell", r"rotten egg|huevo podrido|oeufs? pourris?"),
    rule(
        "the breaker is buzzing and hot",
        r"(?:breaker|panel|outlet|box|wires?)\b.*\b(?:buzzing|hot to (?:the )?touch|melting|hissing)",
        r"hissing behind",
    ),
    rule(
        "el agua llegó al cuarto",
        r"agua (?:ya )?(?:llego|llega|entra|sube|corre)\b",
        r"se (?:me )?rompio (?:un|el|la) (?:tubo|tuberia|cano)",
        r"(?:chauffe eau|tuyau) (?:a |est )?(?:pete|eclate|creve)|y en a partout|ca monte",
    ),
    rule(
        "hard to swallow",
        r"hard to swallow|cant swallow|tongue is swell\w*|face is (?:blowing|swell)\w*",
        r"can barely (?:see|breathe)|gagging|drooling and|hanging out of (?:his|her|its) mouth",
        r"avale du poison|il tremble|fell and|(?:elderly )?tenant fell|cant get (?:in|out|up)\b",
    ),
    rule(
        "she uses oxygen and there is no power",
        (
            r"(?:oxigeno|oxygen|oxygene)\b.*\b(?:no hay luz|sin luz|no power|out|minut\w+|elevador"
            r"|pas de courant)"
        ),
        r"no hay luz\b.*\boxigeno",
    ),
    rule(
        "brakes went out",
        r"brakes? (?:just )?(?:went out|failed|gave out|are gone|wont work)",
        r"on the (?:exit ramp|shoulder|highway|freeway)\b.*\b(?:hazards|trucks|now)",
    ),
    rule("on gèle, fournaise morte", r"on gele\b|fournaise (?:est )?(?:morte|brisee|arretee|lachee)"),
    rule(
        "the ceiling just came down",
        r"(?:ceiling|roof|wall|techo|plafond)(?: \w+){0,4} (?:came|come|coming|fell|caved) (?:down|in)",
    ),
    rule(
        "the door shut and my baby is in the car",
        (
            r"(?:door shut|locked out|keys? (?:are )?(?:inside|in))\b.*\b(?:baby|babys|kid|child|son"
            r"|daughter|dog)"
        ),
        r"se quedo (?:en el elevador|encerrad\w+)",
    ),
    rule(
        "le panneau fume",
        r"(?:panneau|prise|fil|fils|tableau|moteur|four) (?:\w+ )?(?:fume|brule|gresille)",
        r"(?:echa|saca|sale) (?:humo|chispas)",
    ),
    rule("carbon monoxide", r"carbon monoxide|\bco (?:detector|alarm)|monoxido|monoxyde"),
    rule(
        "my baby is locked in the car",
        (
            rf"(?:locked|trapped|stuck|encerrad[oa]s?|atrapad[oa]s?|enferme\w*|coince\w*"
            rf"|barre\w*)(?: \w+){{0,8}} (?:{WEAK}|dog|cat|stove|car|elevator|ascensor|ascenseur|inside"
            rf"|adentro|bathroom|lift)"
        ),
        (
            rf"(?:{WEAK})\b(?: \w+){{0,5}} (?:locked|trapped|stuck|inside alone|alone inside|adentro"
            rf"|encerrad\w+|enferme\w*|pris)"
        ),
        r"(?:stuck|trapped) in (?:the |an )?(?:elevator|lift)",
    ),
    rule(
        "he can't breathe",
        r"(?:cant|cannot|not|trouble|hard time|difficulty) (?:breathe|breathing)",
        r"respire (?:mal|pas|plus|difficilement)|no (?:puede )?respir\w+",
        r"bleed(?:ing)?(?! radiator| brakes| the)|(?:lots? of|so much|losing) blood|(?:mucha )?sangr\w+",
        r"saigne\w*|unconscious|passed out|collapsed|unresponsive|seizures?|seizing|convulsi\w+|overdose",
        r"chok(?:ing|ed)|s etouffe|ahog\w+|atragant\w+|heart attack|stroke|severe pain|excruciating",
        r"swell(?:ing|en)? (?:up|shut|fast)|swelling up",
        r"burn(?:ing|ed|t) (?:my|me|her|his) (?:\w+ )?(?:scalp|skin|eyes?|face|hand|neck)",
        r"knocked (?:\w+ ){0,3}(?:tooth|teeth) out|tooth (?:got )?knocked out|dizzy",
    ),
    rule(
        "my dog ate chocolate",
        (
            r"(?:dog|cat|puppy|kitten|pup|horse|bird|rabbit|perr\w+|gat\w+|chien\w*|chat\w*|he"
            r"|she)\b.*\b(?:ate|swallowed|poison\w*|hit by|not moving|cant (?:walk|stand|pee|breathe)"
            r"|bloat\w*|dying|throwing up|vomit\w* (?:blood|foam)|shaking|gasping|attacked|bit(?:ten)? by"
            r"|envenen\w+|comio|se trago|avale|mange du|etouffe|convulsion\w*|collapsed)"
        ),
        r"(?:got |been |was )?hit by a (?:car|truck|bus)|atropell\w+|frappe par|belly is hard",
        r"throwing up (?:foam|blood)",
    ),
    rule(
        "I just got arrested",
        r"(?:just |got |been |being |was )?arrest(?:ed|ing)|in custody|(?:police|cops|officers?)\b.*\bwarrant",
        (
            r"(?:police|cops|ice|sheriff|la migra|policia)(?: \w+){0,3} (?:at|outside|here|knocking"
            r"|en) (?:my|the|our|la)? ?(?:door|house|puerta)"
        ),
        r"taking (?:him|her|me) (?:to|away)|being evicted (?:now|today)|locks? (?:are )?being changed",
        r"handcuffs?|jail right now",
    ),
    rule(
        "the ceiling is coming down",
        (
            r"(?:ceiling|roof|wall|tree|techo|plafond|toit) (?:\w+ ){0,3}(?:collaps\w+|caving|cav(?:ed"
            r"|ing) in|fell|falling|coming down|fallen|cayendo|se cayo|effondre\w*|tombe)"
        ),
        r"se cayo un pedazo",
    ),
    rule(
        "stranded on the highway",
        (
            r"(?:stranded|broke down|car died|brakes? (?:went out|failed|gone|quit"
            r"|not working))(?=.*\b(?:highway|freeway|interstate|i \d+|kids?|dark|middle|alone|shoulder"
            r"|autopista|autoroute|95)\b)"
        ),
    ),
    rule("sewage in the tub", r"sewage|raw sewer|aguas negras|egouts?|refoul\w+"),
)

ACROSS_SENTENCES = (
    rule(
        "no heat with a baby",
        (
            rf"(?:no heat|no heating|\d+ degrees|furnace (?:is )?(?:out|dead|down|quit)|heat (?:is )?(?:out|off)"
            rf"|freezing|no ac|no a c|no air|sin calefaccion|no (?:tenemos|hay) calefaccion"
            rf"|pas de chauffage|plus de chauffage|sans chauffage|il fait \d+|furnace quit|no power|no electricity"
            rf"|no oxygen)\b(?=.*\b(?:{WEAK}|below|minus|degrees|20|oxygen)\b)"
        ),
    ),
    rule(
        "a baby and no heat",
        rf"\b{WEAK}\b.*\b(?:no heat|no heating|freezing|sin calefaccion|sans chauffage|pas de chauffage|so cold)",
    ),
)
"""Harm told in two halves: what is gone, and who needs it."""

CALM = (
    rule(
        "ça presse pas",
        r"(?:ca )?presse pas|c est pas (?:une )?urgence|pas une urgence|no drama|just planning|planning ahead",
        r"before it happens again|(?:cobran|instalan|venden|ponen)\b.*\bemergencia",
    ),
    rule(
        "not urgent",
        (
            r"(?:not|isnt|nothing|no es|nada|pas|rien de?|ce n est pas|non|sin) (?:an? |that |super |too "
            r"|very |muy |tan |una |si |tres |vraiment )?(?:urgente?|urgence|emergency|emergencia|crisis"
            r"|pressant|pressante)"
        ),
        r"no (?:rush|hurry|emergency|emergencia|emergencies)|(?:sin|ninguna) prisa",
        r"pas (?:de )?(?:presse|panique|urgence)|non urgent\w*|rien de pressant|no real hurry|in no hurry",
        r"whenever you (?:have|get|can)",
        r"someday|algun dia|un de ces jours",
    ),
    rule(
        "what is your emergency fee",
        r"urgent care",
        (
            r"emergency (?:contact|room|fee|rates?|visit|service|services|number|line|calls?|exit"
            r"|dentist hours|hours|brake|plumber cost)"
        ),
        r"(?:do|are) (?:you|yall|u)\b.*\bemergenc\w+",
        r"(?:how much|fee|cost|price|charge|whats?)\b.*\bemergency",
        r"emergency\b.*\b(?:fee|cost|price|rate|how much)",
        r"(?:trabajan|atienden|tienen|hacen|servicio)\b.*\burgencias?",
        r"urgencias\b.*\b(?:domingo|horario|cuanto|precio)|prenez vous (?:les )?urgences",
        r"(?:faites|offrez) vous\b.*\burgence|urgence de l hopital|a l urgence\b",
    ),
    rule(
        "the flood was last year",
        (
            r"(?:flood|fire|leak|burst|inund\w+|incendie|inondation|smoke|sparks?)\b.*\b(?:in (?:19"
            r"|20)\d\d|last (?:year|month|winter|summer|spring|fall)|years ago|stopped by itself"
            r"|already fixed|ano pasado|l an passe|annee derniere|mes pasado)"
        ),
        r"(?:last year|en \d{4}|in (?:19|20)\d\d|el ano pasado|l an passe|depuis \d{4})\b.*",
        r"(?:insurance|seguro|assurance)\b.*\b(?:cover|flood|claim|cubre)|flood (?:insurance|zone|light)",
        r"fire (?:place|pit|hydrant|alarm test|hazard|extinguisher|inspection)",
        r"gas (?:station|grill|line|fireplace|stove install)|prevent|prevenir",
    ),
)


@lru_cache(maxsize=KEPT)
def is_urgent(body: str) -> bool:
    """Whether somebody is needed now. A sentence that calms takes back what it says, not what another says."""
    plain = spelled(body)
    return any(one.finds(words_of(body)) for one in ACROSS_SENTENCES) or any(
        any(one.finds(sentence) for one in URGENT) and not any(one.finds(sentence) for one in CALM)
        for sentence in sentences(plain)
    )
