"""A first text must tell how to opt out, with a word that works. What only looks like it doesn't count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.opt_out_wording import names_opt_out


@pytest.mark.parametrize(
    "text",
    [
        "Sorry we missed your call. Reply STOP to opt out.",
        "Reply STOP to opt out",
        "reply stop to unsubscribe",
        "Reply 'STOP' to end.",
        'Text "Stop" to quit',
        "Text back STOP any time",
        "Reply with STOP if you don't want texts",
        "Reply with the word STOP to end texts.",
        "To opt out, reply STOP.",
        "To stop these texts reply STOP",
        "Reply with a good time to call back. Reply STOP to opt out.",
        "Reply or text STOP",
        "Reply YES to book, STOP to opt out",
        "Reply YES to book or STOP to cancel",
        "HELP for help, STOP to end",
        "STOP=end",
        "STOP = opt-out",
        "STOP2END",
        "Txt STOP 2 end",
        "STOP to be removed",
        "Opt out: STOP",
        "Opt-out with STOP",
        "Reply UNSUBSCRIBE to opt out",
        "Reply END.",
        "Send QUIT to leave",
        "REPLY STOP TO OPT OUT",
        "Responda STOP para cancelar",
        "Responde ALTO para no recibir más mensajes.",
        "Envíe BAJA para darse de baja",
        "Envía PARAR.",
        "Para no recibir mensajes: ALTO",
        "Répondez ARRÊT pour ne plus recevoir de messages",
        "Répondez STOP pour vous désabonner",
        "Envoyez ARRET.",
        "ARRÊT pour arrêter",
        "STOP au 36111",
        "Textez ARRET pour vous désinscrire",
    ],
)
def test_a_way_out_is_seen_in_three_languages(text: str) -> None:
    assert names_opt_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sorry we missed your call. Reply with a good time to call back.",
        "You can stop by at 5.",
        "Text us, or stop by our shop.",
        "Text us to stop by.",
        "Reply by end of day and we call back.",
        "Reply before the end of the week.",
        "Please send an end date.",
        "We're at the bus stop. Reply with your address.",
        "Reply NOPE to opt out.",
        "Reply HELP for help.",
        "Reply START to opt in.",
        "Reply 9 to opt out.",
        "Click here to unsubscribe.",
        "To cancel your appointment, call us.",
        "We never stop working. Reply with your name.",
        "The leak won't stop? Reply with your address.",
        "Responda con su nombre.",
        "Répondez avec votre nom.",
        "Nous sommes fermés. Fin de journée.",
        "Baja California Plumbing here. Reply with a time.",
        "Non-stop service! Text us.",
    ],
)
def test_what_only_looks_like_a_way_out_is_none(text: str) -> None:
    assert not names_opt_out(text)


@given(st.text(max_size=120), st.text(max_size=40))
def test_the_usual_sentence_is_seen_wherever_it_stands(before: str, after: str) -> None:
    assert names_opt_out(f"{before}\nReply STOP to opt out.\n{after}")


def test_a_long_hostile_text_is_read_quickly_enough_to_finish() -> None:
    assert not names_opt_out("reply " * 5000)
    assert not names_opt_out("opt out " * 5000)
    assert not names_opt_out("reply with the " * 3000)
