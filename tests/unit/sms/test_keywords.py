"""Bare keywords: none is missed however it is dressed, and nothing that says more is taken for one."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.keywords import Keyword, bare_keyword, is_opt_out_word

OPT_OUT = [
    *("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "opt out", "opt-out"),
    *("remove", "unsub", "stop all", "arrêt", "arret", "arrete", "arrêter", "arrêtez", "ARRETT", "alto", "parar"),
    *("basta", "no más", "no mas", "cancelar", "baja"),
]
OPT_IN = ["START", "UNSTOP"]
HELP = ["HELP", "INFO", "ayuda", "aide"]
EVERY = [
    *((word, Keyword.OPT_OUT) for word in OPT_OUT),
    *((word, Keyword.OPT_IN) for word in OPT_IN),
    *((word, Keyword.HELP) for word in HELP),
]
DRESSINGS = [
    "{}",
    " {} ",
    "{}.",
    "{}!!!",
    "{}?",
    "({})",
    '"{}"',
    "“{}”",
    "«{}»",
    "'{}'",
    "‘{}’",
    "`{}`",
    "*{}*",
    "_{}_",
    "<{}>",
    "[{}]",
    "#{}",
    "- {} -",
    "{}\n",
    "\r\n{}\r\n\r\n",
    "\t{}\t",
    "\u00a0{}\u3000",
    "\ufeff{}",
    "\u200e{}\u200f",
    "\u202a{}\u202c",
    "🛑 {} 🛑",
    "🛑{}",
    "{}😡😡",
    "{} 🙏🏽",
    "{}👨‍👩‍👧",
    "{}❤️",
    "{} 1️⃣",
    "{}™",
    "ℹ️ {}",
    "Please {}",
    "please, {}",
    "PLEASE {}!",
    "pls {}",
    "{} please",
    "{}, please.",
    "{} thanks",
    "{} thank you!",
    "{} now",
    "{} NOW!!!",
    "{} now please, thanks",
    "Please {} now. Thanks!",
    "please please {}",
    "Thanks. {}",
    "{} por favor",
    "por favor, {}",
    "{} gracias",
    "{} ya",
    "{} ahora",
    "{} s'il vous plaît",
    "{} s’il te plaît",
    "{} svp",
    "{} merci",
    "{}\n{}",
    "{} {} {}",
    "{}. {}! {}!!",
]


@pytest.mark.parametrize(("word", "meaning"), EVERY)
def test_no_keyword_is_missed_in_any_dressing(word: str, meaning: Keyword) -> None:
    for dressing in DRESSINGS:
        for spelled in (word, word.upper(), word.lower(), word.title(), word.swapcase()):
            body = dressing.replace("{}", spelled)
            assert bare_keyword(body) is meaning, body


@pytest.mark.parametrize(("word", "meaning"), EVERY)
def test_no_keyword_is_missed_in_another_script_or_with_hidden_characters(word: str, meaning: Keyword) -> None:
    full_width = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word)
    bold = "".join(chr(0x1D400 + ord(c) - ord("A")) if "A" <= c <= "Z" else c for c in word.upper())
    circled = "".join(chr(0x24B6 + ord(c) - ord("A")) if "A" <= c <= "Z" else c for c in word.upper())
    for spelled in (
        full_width,
        bold,
        circled,
        " ".join(word),
        "please " + " ".join(word) + " now, thanks",
        "-".join(word) + " please",
        ".".join(word) + ".",
        "-".join(word),
        "\u200b".join(word),
        "\u00ad".join(word),
        "\u2060".join(word),
        "\x00".join(word),
        "".join(c + "\u0336" for c in word),
        word.replace("i", "ı").replace("I", "İ"),
    ):
        assert bare_keyword(spelled) is meaning, ascii(spelled)


@pytest.mark.parametrize(
    "body",
    [
        "cancel my appointment",
        "can you stop by at 5?",
        "end of the day",
        "Stop by at 5 please",
        "Please cancel my 3pm",
        "the end",
        "it won't stop leaking",
        "don't stop",
        "non stop",
        "bus stop",
        "weekend",
        "I quit my job, call me later",
        "remove the stain please",
        "cancelled",
        "ended",
        "stopping",
        "help me with my sink",
        "more info please",
        "need help",
        "start tomorrow",
        "can you start now?",
        "information",
        "alto garcia",
        "el arte",
        "no",
        "mas",
        "no thanks",
        "yes",
        "Yes please",
        "ok",
        "now",
        "please",
        "thanks",
        "Thank you now please",
        "1",
        "STOP 1",
        "STOP2END",
        "opt",
        "out",
        "",
        "   ",
        "👍",
        "🛑",
        "?!",
        "unsubscribed",
        "wrong number",
        "not interested",
        "who is this",
        "baja california",
        "fin de semana",
        "stop-motion",
    ],
)
def test_what_says_more_or_else_is_no_bare_keyword(body: str) -> None:
    assert bare_keyword(body) is None


def test_of_several_keywords_the_most_careful_wins() -> None:
    assert bare_keyword("START STOP") is Keyword.OPT_OUT
    assert bare_keyword("stop help") is Keyword.OPT_OUT
    assert bare_keyword("Stop. Unsubscribe. End.") is Keyword.OPT_OUT
    assert bare_keyword("start, help") is Keyword.HELP


def test_yes_lifts_no_opt_out() -> None:
    assert bare_keyword("YES") is None


def test_only_an_opt_out_word_is_one() -> None:
    assert is_opt_out_word("STOP")
    assert is_opt_out_word("opt-out")
    assert not is_opt_out_word("START")
    assert not is_opt_out_word("a good time")


def is_letter(sign: str) -> bool:
    spelled = normalize("NFKC", sign)
    return len(spelled) == 1 and spelled.isascii() and spelled.isalpha()


# Circled letters are signs to Unicode and letters to people.
SIGNS = st.text(st.characters(categories=["P", "S", "Z", "Cc", "Cf"]).filter(lambda c: not is_letter(c)), max_size=12)


@given(st.sampled_from(EVERY), SIGNS, SIGNS)
def test_no_sign_before_or_after_hides_a_keyword(keyword: tuple[str, Keyword], before: str, after: str) -> None:
    word, meaning = keyword
    assert bare_keyword(f"{before}{word}{after}") is meaning


@given(st.text(max_size=200))
def test_a_keyword_read_in_any_text_is_still_read_when_it_is_said_twice(body: str) -> None:
    assert bare_keyword(f"{body} {body}") is bare_keyword(body)


@given(st.sampled_from(EVERY), st.data())
def test_a_keyword_may_be_torn_apart_anywhere(keyword: tuple[str, Keyword], data: st.DataObject) -> None:
    word, meaning = keyword
    at = data.draw(st.integers(0, len(word)))
    assert bare_keyword(f"{word[:at]} {word[at:]} please") is meaning


@given(st.sampled_from(EVERY), st.sampled_from(["tomorrow", "my appointment", "by at 5", "of the day", "working"]))
def test_a_keyword_within_a_sentence_is_none(keyword: tuple[str, Keyword], more: str) -> None:
    assert bare_keyword(f"{keyword[0]} {more}") is None
    assert bare_keyword(f"{more} {keyword[0]}") is None
