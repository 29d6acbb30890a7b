"""How Spanish asks not to be texted: deje de escribir, quítenme de su lista, ya no me manden mensajes."""

from sms.wording import any_of, rule, words

TEXTS = any_of(
    "mensajes?|mensajitos?|textos?|sms|mensajeria|whats ?apps?|te?xts?|tex?tos|avisos|notificaciones",
    "recordatorios|contacto",
)
ESCRIBIR = any_of(
    r"escrib\w+|te[xk]\w*r(?:me|nos)?|te[xk]\w*(?:een?|ando)\w*|contact(?:en|es?|ar\w*|ando\w*)",
    r"molest(?:en|es?|ar\w*|ando\w*)",
    r"comuniqu\w+|busquen?|mensaje(?:en|ar|ando)|acos\w+|fastidi\w+",
    (
        r"(?:mand|envi)(?:e|en|es|ar|ando)(?:me|nos|nme|nnos|le)? ?(?:mas|mensajes?|textos?|tantos?"
        r"|tanto|nada|sms|esto|estos|cosas|esas?)"
    ),
    r"(?:mand|envi)(?:arme|arnos|andome|andonos|arle)",
    r"(?:me|nos|le|les) (?:mand|envi)(?:e|en|es)",
    r"lleg(?:uen|ue|ar|ando|an)",
)
NO = "(?:no|ni|ya no|nunca|jamas|tampoco)"
LISTAS = any_of(
    "numero|numeros|lista|listas|datos|telefono|celular|registros?|sistema|base|mensajes|textos",
    "contactos?|agenda|nombre|suscripcion",
)
OTRA = any_of(
    "servicio|mantenimiento|boiler|calentador|cita|contrato|lista de espera|cuenta|seguro|pago|reservacion|orden|plan"
)

ABOUT_ELSEWHERE = rf"^(?!.*\b{TEXTS}\b).*\b{OTRA}\b"

MUCHOS = any_of("mensajes|mensajitos|textos|sms|notificaciones|recordatorios")
PEDIDO = (
    r"\b(?:recib\w+|llego|llegaron|vi|veo|leo|mandaron|enviaron|tengo|puedo|mejor"
    r"|prefiero (?:los )?(?:mensajes|textos)|por (?:mensaje|texto))\b"
)

DEMANDS = (
    rule(
        "los voy a demandar si siguen",
        r"(?:demandar|denunciar|profeco|abogado|reportar|bloquear)",
        unless=r"^(?!.*(?:mensaj|text|escrib|mand[ae]n|vuelv|envi|sigu?e)).*$",
    ),
    rule(
        "dejen de escribir",
        (
            rf"(?:deje(?:n|s)?|deja|dejar|dejarme|dejarnos|pare(?:n)?(?:le)?|para(?:r|le)?|basta|alto"
            rf"|cese(?:n)?|suspenda(?:n)?|termine(?:n)?|evite(?:n)?|cancel(?:e|en|ar)|stop)(?: (?:ya|de|con"
            rf"|el|los|las|a|tanto\w*|estos|esos|mas|me|por favor|favor|sus|todos|estar"
            rf"|mandando\w*)){{0,5}} (?:{ESCRIBIR}|{TEXTS})"
        ),
    ),
    rule(
        "borren mi número",
        (
            rf"(?:quit|borr|elimin|sac|saqu|retir|remuev|remov|tach|desactiv|bloque|bloqu)(?:e|en|a|ar|arme|ame"
            rf"|eme|enme|enos|ennos|er|ue|uen)(?: \w+){{0,4}} {LISTAS}"
        ),
        (
            r"(?:quitenme|saquenme|borrenme|eliminenme|quiteme|saqueme|bajenme|borrame|borreme|quitame"
            r"|sacame|borradme|quitadme|eliminame|desuscrib\w+"
            r"|desapunt\w+)(?!.*\b(?:muela|diente|cita)\b)"
        ),
        r"(?:denme|deme|dame|darse|dar|darme|me doy|quiero la|solicito la|quiero dar) (?:de )?baja(?! del curso)",
        r"baja de (?:la|su|esta|los|estos|sus) (?:lista|mensajes|textos|servicio)",
        r"remove ?me",
        unless=ABOUT_ELSEWHERE,
    ),
    rule(
        "déjenme en paz",
        r"(?:dejen?me|dejeme|dejame|dejadme|dejennos|dejenos)(?: ya)? (?:en paz|tranquil[ao]|de molestar)",
    ),
    rule("no molesten", rf"{NO} (?:me |nos )?molest(?:en|es?)", r"dejen de (?:chingar|joder|fregar)|ya estuvo bueno"),
    rule(
        "olvídense de mi número",
        r"olvid\w+ (?:de )?(?:mi|este|que tienen|que existe)(?: \w+){0,2}(?:numero|telefono|celular)?",
    ),
    rule(
        "revoco mi consentimiento", r"(?:revoc|retir|cancel)\w* (?:mi|el|todo) (?:consentimiento|permiso|autorizacion)"
    ),
    rule(
        "alto, ya encontré otro",
        r"^(?:stop|alto|basta),? (?:ya|por favor|porfa|no|me|encontr\w+|tengo|porque|gracias)\b",
    ),
    rule("les dije que pararan", r"dij\w+ que (?:ya )?(?:no|par\w+|dej\w+)", r"sigu?en (?:mand|envi|escrib|text)\w+"),
    rule(
        "que este sea el último que me llegue",
        r"(?:este|esto|ese|que) sea el ultimo",
        (
            r"no (?:hace falta|es necesario|hay necesidad) (?:de )?(?:que )?(?:me |nos )?(?:sigan|siga"
            r"|escrib|mand|envi|text)\w*"
        ),
    ),
    rule(
        "cesen toda comunicación",
        r"ces\w+ (?:toda|cualquier|su|la|con) ?(?:\w+ )?(?:comunicacion|mensaj\w+|contacto)",
        r"(?:retirenme|sacadme|eliminadme|quitadme|borradme|retireme)",
    ),
    rule(
        "no di permiso",
        r"(?:nunca|no) autori\w+\b.*\b(?:mensaj|text|escrib|envi|contact)\w*",
        r"(?:no|nunca)(?: \w+){0,2} (?:permiso|consentimiento|autorizacion|autorizo)",
    ),
    rule(
        "ni uno más",
        r"ni un(?:o|a)? (?:mensaje |texto |solo )?mas",
        r"(?:que|no) (?:me |le |nos )?(?:ya )?(?:no )?(?:me |le |nos )?vuelvan? a (?!llamar)\w+",
        r"que (?:ya )?no (?:me |le |nos )?(?:llegue|escriban|manden|envien|contacten|lleguen)\w*",
    ),
)

REFUSALS = (
    rule(
        "ya no manden",
        (
            r"(?:ya )?no (?:me |nos )?(?:los |las |lo )?(?:manden|mandes?|envien|envies?|escriban"
            r"|escribas?|escribais|mandeis|envieis|textee?n?)(?! (?:al|el"
            r"|la|a|un|una|otra|otro) )"
        ),
    ),
    rule(
        "textos no, por favor",
        rf"(?:no|ya no|basta|alto|dejen|pare[n]?|sin|nada de|cancel\w+|harto|harta|cobran?)\b.*\b{MUCHOS}",
        rf"{MUCHOS}\b(?: \w+){{0,3}} no\b",
        r"ultimo (?:mensaje|texto)|(?:mensaje|texto)s?\b.*\b(?:ya no|cobran)",
        unless=PEDIDO,
    ),
    rule(
        "no me escriban más",
        rf"(?:no quiere|no queremos|no quieren)(?: \w+){{0,2}} (?:{ESCRIBIR}|recibir|{TEXTS})",
        (
            rf"{NO}(?: (?:me|se|nos|le|les|quiero|quisiera|deseo|necesito|que|vuelvan? a|sigan?|siga|estar"
            rf"|este|esten|mas|mis|ya|por favor|deben|pueden|a)){{0,6}} {ESCRIBIR}"
        ),
    ),
    rule(
        "no quiero recibir mensajes",
        (
            rf"(?:no|ya no|nunca)(?: (?:me|nos|le|quiero|quisiera|deseo|necesito|queremos|gustan?|recibir"
            rf"|que|mas|sus|los|estos|esos|ningun|tener|tantos|acepto|pedi|solicite|lleguen|mande[ns]?"
            rf"|envie[ns]?)){{1,6}} {TEXTS}"
        ),
        r"no (?:quiero|quisiera|deseo) que (?:me |nos )?(?:escrib|mand|envi|text|contact)\w*",
        r"no quiero (?:sus|recibir|estos|ningun|mas) (?:texts?|mensajes?|textos?|sms)",
    ),
    rule(
        "no más mensajes",
        r"no (?:deseo|quiero|quisiera|necesito) (?:seguir|continuar|estar)? ?recib\w+",
        r"no (?:deseo|quiero|quisiera) (?:recibir|saber) nada",
        rf"no mas {TEXTS}",
        r"sin (?:mas )?(?:mensajes|textos)",
        r"nada de (?:mensajes|textos)",
    ),
)

_HORA = r"(?:antes|despues|hasta|noches?|madrugada|mientras|durante|tan tarde|tan temprano|domingos?|fines? de semana)"
LIMITED = words(_HORA)
FOR_GOOD = words("nunca|jamas|ya no|no mas|mas nunca")

DOUBTS = (
    rule(
        "número equivocado",
        r"(?<!deje estaba )(?:numero|persona) equivocad[oa](?!.*\bes \d)",
        r"se equivoc\w+ de numero|equivocad[oa] de numero",
        r"(?:yo )?(?:no|nunca|jamas)(?: los| les| le| he)* llam(?:e|ado|amos)(?: a (?:nadie|ustedes)| yo| nunca|$)",
        r"se equivoc\w+, (?:aqui|no)|(?:aqui )?no vive|no les? habl\w+|no soy (?:esa|ese) persona",
        r"no es (?:mi|su) numero",
    ),
    rule(
        "no me llamen",
        (
            r"no (?:me )?(?:llame(?:n|s)?|marque(?:n|s)?|hable(?:n|s)?|telefonee\w*)(?! antes| despues"
            r"| hasta)(?!.*\b(?:escrib\w*|textos?|mensajes?|antes|despues|hasta|manana|mejor))"
        ),
    ),
    rule("no me interesa", r"(?:no|ya no) (?:me )?interesa\w*", r"no estoy interesad[oa]"),
    rule(
        "¿quién es?",
        r"quien(?:es)? (?:es|son|eres|habla|me|escribe|manda|demonios)(?!.*\b(?:viene|tecnico|plomero)\b)",
        r"de donde (?:sacaron|sacaste|tienen|consigui\w+|obtuvi\w+)",
        r"por ?que (?:me|nos) (?:escrib|mand|llega|text|contact|envi)\w*",
        r"no (?:los|lo|la|te) conozco",
    ),
    rule(
        "¿cómo hago para que no me lleguen?",
        r"(?:como|que) (?:le )?(?:hago|puedo|debo|tengo que|se hace)\b.*\b(?:mensajes?|textos?|baja|lista|lleguen)",
    ),
    rule(
        "aquí nadie ha llamado",
        r"(?:aqui )?nadie (?:ha |los )?llam\w+",
        r"se puede quitar (?:uno )?de (?:esta|la|su) lista",
    ),
    rule("váyanse", r"vayan?se|larguen?se|vete a|chinguen?|metanse|estafa|fraude"),
    rule(
        "no manden nada en la noche",
        rf"(?:no|nada)(?: \w+){{0,4}} (?:{ESCRIBIR}|mensajes?|textos?|nada)\b.*\b{_HORA}",
        r"no manden nada",
    ),
)

SHORT_DOUBTS = (
    rule("no gracias", r"^(?:no gracias|no quiero nada|nada gracias|no necesito nada|no quiero|equivocado|basura)$"),
)

SPARED = (
    rule("no, sigan mandando mensajes", r"^(?:no,? )?(?:sigan|siga|sigue) (?:mand|envi|escrib)\w+(?: mensajes)?"),
    rule(
        "no deja de gotear",
        r"(?:mi|su|el|la) (?:casero|ex|jefe|vecin\w+|espos\w+|marido|suegra|herman\w+) no (?:dej\w+|par\w+) de.*",
        r"no dej\w+ de",
        r"no par\w+ de",
        r"no dejen? de (?:escribir|mandar)\w*",
    ),
    rule(
        "mejor escríbame",
        (
            r"(?:mejor|pero|solo|favor de|por favor|prefiero que) (?:me )?(?:escrib(?:a|an|eme|ame|anme)"
            r"|mand(?:e|eme|en|enme))(?: por aqui| un| el| la| los| mensaje)*(?! mas)"
        ),
    ),
    rule(
        "planta baja",
        r"(?:planta|presion|alta|muy|mas|tan|parte) (?:baja|alta|alto|bajo)",
        r"en alta mar",
        r"es (?:muy )?(?:alto|baja)",
        r"parada",
    ),
    rule("para la casa", r"parar? (?:en|la|el|un|una|que|las|los)(?! (?:mensajes|textos|sms))"),
)

MACHINES = (rule("estoy conduciendo", r"estoy (?:conduciendo|manejando)", r"^(?:respuesta|mensaje) automatic[ao]\b.*"),)

STOP = words(
    r"(?:(?:por favor|ya|yo|no|favor|porfa) )*(?:alto|basta|ya basta|parele|paren(?:le)?|no mas"
    r"|ya no mas|stop|cancelar|desuscrib\w+|darme de baja|dar[sm]e de baja|dame de baja)"
    r"(?: (?:ya|por favor|porfa|gracias|stop|ahora|mas|con esto))*"
)
MISTYPED = words("atlo|alot|bsata|patar")
ASKS_HOW = words(r"(?:\w+ )?(?:como|donde|se puede|hay forma)")
