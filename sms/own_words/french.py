"""How French asks not to be texted: arrêtez d'écrire, enlevez-moi de votre liste, ne m'écrivez plus, plus de textos."""

from sms.wording import any_of, rule, words

TEXTS = any_of("textos?|sms|messages?|messagerie|notifications?|rappels|te?xts?|pourriels?|communications?")
ECRIRE = any_of(
    r"(?:re)?ecri(?:re|vez|s|ve)|(?:r)?envoy(?:er|ez|e|es)|text(?:er|ez|e)|(?:re)?contact(?:er|ez|e)",
    r"derang(?:er|ez|e)|harcel\w+|importun\w+",
    r"achal\w+|embet\w+|ecoeur\w+|sollicit\w+|joindre|relanc\w+|spamm\w+|communiqu\w+|envoi\w*|texto(?:er|ez|e)",
)
LISTES = any_of(
    "listes?|numero|fichiers?|systeme|base|dossiers?|contacts?|registres?|coordonnees|nom|donnees",
    "messages?|textos?|sms|abonnement|number|cell|cellulaire|telephone",
)
AUTRE = any_of(
    "cours|classe|chauffe eau|rendez vous|neige|lavabo|contrat|liste d attente|compte|pneus?|arbre|tapis|dent"
)
NE = "(?:ne|n)"

ABOUT_ELSEWHERE = rf"^(?!.*\b{TEXTS}\b).*\b{AUTRE}\b"

PLUSIEURS = any_of("textos?|sms|messages?|pourriels|rappels|notifications|messages textes?|messages automatiques")
DEMANDE = r"\b(?:recu|lu|vu|envoye|ecrivez moi|textez moi|par (?:texto|sms|message)|prefere les)\b"

DEMANDS = (
    rule(
        "ne plus rien envoyer ici",
        r"(?:plus|pus?|jamais) (?:rien )?(?:ne |m |me |nous |m en )*(?:envoyer|ecrire|texter|contacter|recevoir)",
        r"envoyez (?:moi |m )?(?:en )?(?:plus|pus?|rien)",
    ),
    rule(
        "arrêtez de m'écrire",
        (
            rf"(?:arretez?|arreter|cessez?|cesser|stop+(?:ez|er)?|finissez|suspendez|halte|fini"
            rf"|finis)(?: (?:de|d|m|me|nous|moi|vos|les|aux|avec|ces|tous|toutes|donc|svp|immediatement"
            rf"|tout|la|ca|a|l|tout de suite|envoyer|tes)){{0,6}} (?:{ECRIRE}|{TEXTS})"
        ),
    ),
    rule(
        "enlevez-moi de votre liste",
        r"supprim\w+ (?:mon|ce|le) num\w*",
        rf"(?:enlev|supprim|retir|effac|ray|ot|oubli|bloqu|desactiv|annul|radi)(?:ez|er|e)(?: \w+){{0,5}} {LISTES}",
        r"(?:enlevez|retirez|otez|sortez|rayez|supprimez|effacez|desabonn\w*|desinscri\w*)[ -]?(?:moi|nous)",
        r"me (?:desabonner|desinscrire|retirer|enlever)",
        r"desabonnement|desinscription|me desabonne|me desinscris",
        r"oppose\b.*\b(?:communications?|messages?|textos?|sms|contact\w*|utilisation)",
        r"refuse\b.*\b(?:contact\w*|textos?|sms|messages?|recevoir)",
        r"pas (?:besoin|la peine|necessaire) de (?:continuer a |encore )?(?:me |m )?(?:text|ecri|contact|relanc)\w*",
        r"suppression de (?:m\w+|mon|ce) (?:donnees|numero|coordonnees|nom)",
        r"fin (?:de|a) (?:vos|ces|tes|tous) (?:sms|textos?|messages?)",
        r"(?:numero|nom)\b.*\b(?:efface|enleve|retire|supprime)e?",
        unless=ABOUT_ELSEWHERE,
    ),
    rule(
        "laissez-moi tranquille",
        (
            r"(?:laissez|laisse|foutez|fichez|fous|lachez|crissez)[ -]?(?:moi|nous)(?= .*\b(?:tranquilles?"
            r"|paix|patience|seule?)\b|$)"
        ),
    ),
    rule(
        "plus de textos",
        (
            r"(?:plus|pas|jamais|aucune?|assez|marre) (?:de|des|d|de vos|de tes|de ces) (?:textos?|sms"
            r"|messages?)(?!.*\b(?:nuit|soir|soiree|matin|avant|apres|pendant|fin de semaine|week end|dimanche)\b)"
        ),
        r"plus (?:aucun|un seul)",
    ),
    rule(
        "je retire mon accord",
        r"retire(?:r)? mon (?:consentement|accord)",
        r"sans mon (?:accord|consentement|autorisation)",
    ),
    rule(
        "une plainte si vous continuez à m'écrire",
        (
            r"(?:plainte|crtc|cnil|avocat|poursui\w+|signal\w+|bloqu\w+)\b.*\b(?:si|continu\w+)\b.*(?:text"
            r"|ecri|message|sms|envoy|contact|harcel)\w*"
        ),
    ),
    rule(
        "cesser toute communication",
        (
            r"cess\w+ (?:toutes? |tous |vos |les |ces )+(?:communications?|messages?|envois?|textos?|sms"
            r"|contacts?)"
        ),
    ),
    rule(
        "arrêt svp, j'ai trouvé quelqu'un",
        r"^(?:arret|arretez|stop) (?:svp|s il vous|j|je|on|c|merci|maintenant|la)\b",
        r"(?:deja|encore)? ?(?:ecrit|dit|envoye|repondu) (?:arret\w*|stop)",
    ),
    rule(
        "encore un message et je porte plainte",
        (
            r"(?:encore un|un autre|prochain|un seul) (?:autre )?(?:message|texto|sms)\b.*\b(?:plainte"
            r"|crtc|cnil|bloqu\w+|avocat|police)"
        ),
    ),
    rule(
        "l'obligeance de ne plus en envoyer",
        (
            r"ne plus (?:m |me |nous |en |m en |nous en |rien )*(?:envoyer|ecrire|texter|contacter"
            r"|recevoir|adresser|deranger)"
        ),
        r"vous allez arreter|ras le bol de (?:vos|ces|tes)|plein le dos de (?:vos|ces)",
    ),
    rule("ça suffit les textos", r"(?:ca|sa) suffit\b.*\b(?:textos?|messages?|sms)"),
    rule(
        "faites en sorte que je n'en reçoive plus",
        r"faites en sorte\b.*\b(?:plus|pas|ne)",
        r"je n (?:en )?re[cs]oive plus",
        r"pas la peine de continuer a m ecrire",
    ),
)

REFUSALS = (
    rule(
        "plus de vos messages",
        (
            rf"(?:plus|pus?|pas|jamais|arret\w*|cess\w*|stop\w*|assez|marre|tanne\w*|lach\w+|fini\w*|rien"
            rf"|aucun|accord|paye|deranger?)\b.*\b{PLUSIEURS}"
        ),
        rf"{PLUSIEURS}\b.*\b(?:cess\w+|arret\w+|stop|assez|derang\w+|non)",
        r"dernier (?:message|texto|sms)",
        unless=DEMANDE,
    ),
    rule(
        "ne m'écrivez plus",
        (
            rf"{NE}(?: (?:me|m|nous|veux|souhaite|desire|voulons|voudrais|veut|devez|plus|pas"
            rf"|jamais)){{1,5}} (?:{ECRIRE}|recevoir)"
        ),
        rf"(?:{ECRIRE})(?: (?:moi|nous|le|la|les|lui))?(?: plus| pus?| jamais| rien)",
        rf"(?:plus|jamais) (?:me |m |nous )(?:{ECRIRE})",
        r"ne plus (?:etre |me |m )?(?:contact|ecri|text|recevoir)\w*",
        r"(?:ecrivez|textez|contactez|envoyez)(?: moi)? pas",
    ),
    rule(
        "je veux plus recevoir de messages",
        (
            rf"(?:veux|souhaite|desire|veut|voulons|voudrais)(?: \w+){{0,2}} (?:plus"
            rf"|pas)(?: \w+){{0,4}} (?:{TEXTS}|recevoir|contact\w*)"
        ),
    ),
)

_HEURE = r"(?:quand|avant|apres|jusqu|nuit|soir|soiree|pendant|si tard|si tot|dimanche|fin de semaine|week end|matin)"
LIMITED = words(_HEURE)
FOR_GOOD = words("jamais|plus")

DOUBTS = (
    rule(
        "mauvais numéro",
        r"(?:mauvais|faux|pas le bon) numero",
        r"vous (?:vous )?(?:etes tromp\w+|trompez)",
        r"j(?:e n)? ai (?:pas|jamais) appele",
        r"(?:erreur|trompe|trompes) de numero",
        r"pas (?:a la bonne personne|le numero de)",
    ),
    rule(
        "ne m'appelez pas",
        (
            r"(?:appelez|rappelez|telephonez|appelle)(?: (?:moi|nous))? (?:pas|plus)(?!.*\b(?:avant|apres"
            r"|ecri\w*|text\w*|demain|plutot|midi|\d))"
        ),
        r"pas d appels?(?!.*\d)",
    ),
    rule("pas intéressé", r"pas interess\w+", r"ca (?:ne )?m interesse pas", r"aucun interet"),
    rule(
        "c'est qui?",
        r"c ?(?:est )?qui(?! qui vient)",
        r"qui (?:est ce|etes|es tu|m ecrit|parle)",
        r"pourquoi (?:vous|tu|est ce|je recois|m|ce|ces|cet)\b.*(?:ecri|text|message|contact|envoy|recois)\w*",
        r"(?:d ou|comment) (?:vient|sort|avez vous|vous avez)\b.*\bnumero",
        r"je ne vous connais pas",
    ),
    rule(
        "comment ne plus recevoir?",
        (
            r"comment (?:faire|je|on|puis|se|arreter|ne plus|me)\b.*\b(?:messages?|textos?|sms|desabonn\w*"
            r"|desinscri\w*|liste|recevoir)"
        ),
    ),
    rule("vous avez fait erreur", r"(?:fait|fais) erreur", r"vous etes qui|eu mon numero ou"),
    rule(
        "allez vous faire voir",
        r"allez (?:vous en|voir ailleurs|vous faire)|va te faire|foutez le camp|degagez|decrissez?",
        r"fermez la|ta gueule|arnaque|fraude",
    ),
    rule(
        "pas de messages la nuit",
        rf"(?:pas de (?:messages?|textos?|sms)|(?:ecrivez|envoyez|textez)(?: (?:moi|rien))? pas)\b.*\b{_HEURE}",
    ),
)

SHORT_DOUBTS = (rule("non merci", r"^non(?: merci)?(?: beaucoup)?$", r"pourriel"),)

SPARED = (
    rule("ça n'arrête pas", r"n? ?arret\w+ pas(?: de \w+(?: \w+)?)?", r"s ?arret\w+"),
    rule(
        "écrivez-moi plutôt",
        r"(?:ecrivez|textez|envoyez)(?: moi)? (?:un |des )?(?:sms|textos?|messages?)(?! (?:plus?|pus?|jamais))",
        (
            r"(?:ecrivez|textez|envoyez)(?: moi)? (?:plutot|donc|un|une|le|la|les|ici|quand)(?: (?:sms"
            r"|textos?|messages?)| \w+ (?:sms|textos?|messages?))?(?! (?:plus?|pus?|jamais))"
        ),
    ),
    rule("l'arrêt de bus", r"arret (?:de bus|maladie|d autobus|du bus|de travail)", r"en arret", r"un stop"),
)

MACHINES = (rule("réponse automatique", r"^(?:reponse|message) automatique\b.*", r"je (?:conduis|suis au volant)"),)

STOP = words(
    r"(?:(?:svp|ok|bon|la|merci|non|s il vous plait) )*(?:cessez|arretez?|arret|arreter|stoppez|stop|ca suffit"
    r"|c est assez|assez|desabonn\w+(?: moi)?|desinscri\w+(?: moi)?)"
    r"(?: (?:svp|merci|la|maintenant|tout de suite|ca|stop|svp merci|donc))*"
)
MISTYPED = words("arert|arrte|aret")
ASKS_HOW = words(r"(?:\w+ )?comment")
