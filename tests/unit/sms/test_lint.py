"""What an admin is told about a message: what forbids it, what makes it dear, what gets it filtered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.body import Values
from sms.lint import SALES_WORDS, SHORTENERS, Code, Finding, Severity, lint

ACME = Values(business="Acme Plumbing", line="Main", first_name="Robert", caller_name="Robert Smith")
GOOD = (
    "Hi {first_name|there}, this is {business}. Sorry we missed your call."
    " Reply with a good time to call back. Reply STOP to opt out."
)
WAY_OUT = " Reply STOP to opt out."


def codes(source: str, values: Values = ACME) -> list[Code]:
    return [finding.code for finding in lint(source, values)]


def only(source: str, code: Code, values: Values = ACME) -> Finding:
    """The one finding of this kind about a message."""
    (finding,) = [finding for finding in lint(source, values) if finding.code is code]
    return finding


def test_a_good_message_has_no_finding() -> None:
    assert lint(GOOD, ACME) == []


def test_an_unknown_placeholder_is_an_error_with_its_place() -> None:
    finding = only("Hi {name}" + WAY_OUT, Code.TEMPLATE)
    assert finding.severity is Severity.ERROR
    assert finding.position == 3
    assert finding.sentence == (
        "The message can't be read: unknown placeholder {name} (at character 4); a message may hold"
        " {business}, {line}, {first_name}, {caller_name}, {callback_in}, {booking_url}, {if_urgent}."
    )


def test_a_first_text_without_a_way_out_is_an_error_that_shows_how_to_write_one() -> None:
    finding = only("{business} here, we missed your call.", Code.NO_OPT_OUT)
    assert finding.severity is Severity.ERROR
    assert '"Reply STOP to opt out."' in finding.sentence
    assert codes("{business} here. " + '"Reply STOP to opt out."') == []
    assert codes("{business}. Responda STOP para cancelar.") == []
    assert Code.NO_OPT_OUT not in codes("{business}. Répondez STOP pour ne plus recevoir de messages.")


def test_a_way_out_only_in_a_fallback_or_a_value_is_none() -> None:
    assert Code.NO_OPT_OUT in codes("{business} {first_name|Reply STOP to opt out}")
    assert Code.NO_OPT_OUT in codes("{business}", Values(business="Reply STOP to opt out"))


def test_a_later_text_need_not_tell_the_way_out() -> None:
    assert lint("{business} will call you at 5.", ACME, first_text=False) == []


@pytest.mark.parametrize("empty", ["", "   ", "\n", "{booking_url}"])
def test_an_empty_message_is_an_error(empty: str) -> None:
    assert codes(empty) == [Code.EMPTY]


def test_a_message_no_provider_takes_is_an_error() -> None:
    finding = only("x" * 1601, Code.TOO_LONG)
    assert finding.severity is Severity.ERROR
    assert "1601 characters; a provider takes 1600 at most" in finding.sentence


def test_a_message_that_does_not_say_who_writes_is_warned_of() -> None:
    assert only("Sorry we missed you." + WAY_OUT, Code.NO_BUSINESS).severity is Severity.WARNING
    assert codes("acme plumbing here." + WAY_OUT) == []
    assert codes("{line} here." + WAY_OUT, Values(business="Acme", line="Acme Main")) == []


def test_a_placeholder_that_may_leave_a_gap_is_warned_of_once_each() -> None:
    assert only("Hi {first_name}, {business}." + WAY_OUT, Code.NO_VALUE).position == 3
    assert "{first_name|there}" in only("Hi {first_name}, {business}." + WAY_OUT, Code.NO_VALUE).sentence
    assert "set booking_url" in only("{business}: {booking_url}" + WAY_OUT, Code.NO_VALUE).sentence
    assert codes("{business}: {booking_url|}" + WAY_OUT) == []


def test_more_than_one_segment_is_warned_of_with_figures() -> None:
    finding = only("{business}: " + "x" * 150 + WAY_OUT, Code.SEGMENTS)
    assert finding.severity is Severity.WARNING
    assert finding.sentence == (
        "The text is billed as 2 texts: it has 188 characters in GSM-7, one segment takes 160, each of several 153."
    )


def test_characters_that_force_ucs2_are_named_with_the_plain_one() -> None:
    sentence = only("{business}: it’s open – call… 😀 ç í\u00a0\u200b\t" + WAY_OUT, Code.UCS2).sentence
    for advice in (
        "write ' for ’ (right single quotation mark)",
        "write - for – (en dash)",
        "write ... for … (horizontal ellipsis)",
        "leave out 😀 (grinning face)",
        "write c for ç",
        "write i for í",
        "write a common space for no-break space",
        "leave out zero width space, nobody sees it",
        "write a common space for U+0009",
    ):
        assert advice in sentence


def test_a_text_in_another_alphabet_is_not_spelled_out_letter_by_letter() -> None:
    assert "; and 5 more." in only("{business}: абвгдежзиклмнопрст"[:27] + WAY_OUT, Code.UCS2).sentence


@pytest.mark.parametrize("word", SALES_WORDS)
def test_every_word_of_the_sales_list_is_warned_of(word: str) -> None:
    for spelled in (word, word.upper(), f"({word})"):
        assert word in only("{business}: 20 " + spelled + "!" + WAY_OUT, Code.SALES_PITCH).sentence


def test_a_sales_pitch_is_warned_of_with_its_words() -> None:
    sentence = only("{business}: 20% off and a free estimate!" + WAY_OUT, Code.SALES_PITCH).sentence
    assert "free, % off" in sentence


@pytest.mark.parametrize(
    "harmless",
    [
        "Feel free to text us.",
        "Call toll-free.",
        "We fix windows and freezers.",
        "Our sales team will call.",
        "We'll be free to talk at 5.",
    ],
)
def test_harmless_words_are_no_sales_pitch(harmless: str) -> None:
    assert codes("{business}: " + harmless + WAY_OUT) == []


def test_a_business_may_be_called_what_it_is() -> None:
    assert codes("{business} here." + WAY_OUT, Values(business="Discount Deals")) == []


@pytest.mark.parametrize("host", SHORTENERS)
def test_every_public_shortener_is_warned_of(host: str) -> None:
    for link in (host, f"https://{host}/x1", f"www.{host}/x", f"({host})", f"{host.upper()}/Y."):
        assert host in only("{business}: " + link + WAY_OUT, Code.SHORT_LINK).sentence


def test_a_shortener_in_the_booking_link_is_seen_too() -> None:
    assert "bit.ly" in only("{business} {booking_url}" + WAY_OUT, Code.SHORT_LINK, booking("https://bit.ly/a")).sentence


@pytest.mark.parametrize("url", ["https://acme.example/book", "https://rabbit.ly.example", "https://notbit.ly/a"])
def test_a_site_of_ones_own_is_no_shortener(url: str) -> None:
    assert codes("{business} {booking_url}" + WAY_OUT, booking(url)) == []


def booking(url: str) -> Values:
    return Values(business="Acme", booking_url=url)


def test_shouting_is_warned_of() -> None:
    assert codes("SORRY WE MISSED YOUR CALL, {business}. REPLY STOP TO OPT OUT") == [Code.ALL_CAPS]
    assert codes("Sorry. HVAC at {business}. Reply STOP, END or UNSUBSCRIBE to opt out.") == []


def test_errors_come_before_warnings() -> None:
    findings = lint("We missed you — buy now at bit.ly/x", ACME)
    assert [finding.severity for finding in findings] == [Severity.ERROR] + [Severity.WARNING] * 4
    assert {finding.code for finding in findings} == {
        *(Code.NO_OPT_OUT, Code.NO_BUSINESS, Code.UCS2, Code.SALES_PITCH, Code.SHORT_LINK),
    }


@given(st.text(max_size=200), st.text(max_size=60))
def test_any_message_is_judged_in_whole_sentences(source: str, name: str) -> None:
    for finding in lint(source, Values(business="Acme", first_name=name)):
        assert finding.sentence.endswith((".", '")'))
        assert finding.position is None or 0 <= finding.position < len(source)
        # A message may hold terminal control characters; what the admin is told never does.
        assert finding.sentence.isprintable()
