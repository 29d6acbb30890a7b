"""What a reply is mainly about: the first of these that holds."""

from agent.conversations.urgency import is_urgent
from sms.keywords import Keyword, bare_keyword
from sms.own_words.machines import is_machine_made
from sms.own_words.reading import OptOut, opts_out, says
from sms.own_words.weights import Question
from sms.plain_words import words_of
from sms.wording import rule
from storage.vocabulary import Intent

QUESTIONS = (
    rule(
        "how much for a brake job",
        (
            r"^(?:hi |hello |hey |ok |so |and |also |pls |please |um |quick q |just wondering )*(?:how"
            r"|what|whats|when|where|which|who|why|do|does|did|can|could|would|will|is|are|am|should|has"
            r"|have|may|wondering|any)\b"
        ),
        (
            r"^(?:hola |buenas |oye |disculpe )*(?:cuanto|cuanta|como|que|cual|cuando|donde|quien|por que"
            r"|tienen|hacen|puede|pueden|podria|hablan|es|esta|hay|aceptan)\b"
        ),
        (
            r"^(?:bonjour |allo |salut )*(?:combien|comment|quand|ou|quel\w*|qui|pourquoi|est ce|avez vous"
            r"|pouvez|faites|prenez|acceptez|y a t il|puis je|faudrait)\b"
        ),
        r"how much|cuanto cuesta|combien ca coute|do you (?:guys )?(?:do|take|have|offer|service|work)",
    ),
)
THANKS = rule(
    "ok thanks",
    (
        r"^(?:(?:ok|okay|k|kk|thanks?|thank you|thx|ty|tks|tysm|so much|a lot|much|great|perfect"
        r"|awesome|cool|sounds good|got it|will do|yes|yep|sure|no problem|np|you|the|for|info|it"
        r"|appreciate|welcome|gracias|muchas|mil|ok|vale|listo|perfecto|de acuerdo|merci|beaucoup"
        r"|parfait|d accord|super|bien|bonne journee) ?)+$"
    ),
)
THUMBS = "👍👌🙏😊❤👏🙂"


def intent_of(body: str) -> Intent:
    """What the reply is mainly about."""
    keyword = bare_keyword(body)
    if is_machine_made(body):
        return Intent.AUTO_REPLY
    if opts_out(body) is OptOut.YES:
        return Intent.OPT_OUT
    if is_urgent(body):
        return Intent.URGENT
    if keyword is Keyword.HELP:
        return Intent.HELP
    if keyword is Keyword.OPT_IN:
        return Intent.OPT_IN
    if says(body, Question.SAYS_WHEN):
        return Intent.CALLBACK_TIME
    if says(body, Question.WRONG_NUMBER):
        return Intent.WRONG_NUMBER
    words = words_of(body)
    if "?" in body or "¿" in body or any(one.finds(words) for one in QUESTIONS):
        return Intent.QUESTION
    if THANKS.finds(words) or (not words and any(sign in body for sign in THUMBS)):
        return Intent.THANKS
    return Intent.OTHER


def needs_somebody_now(body: str) -> bool:
    """Whether the reply is urgent, whatever else it says; a machine's answer never is."""
    return not is_machine_made(body) and is_urgent(body)
