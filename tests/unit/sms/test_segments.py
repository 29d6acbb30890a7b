"""Segments as the carrier bills them. The oracle is Twilio's own calculator and 3GPP TS 23.038."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.segments import (
    GSM_BASIC,
    GSM_EXTENSION,
    Encoding,
    Offender,
    graphemes,
    measure,
    smart,
    utf16_units,
)

GSM_TEXT = st.text(st.sampled_from(sorted(GSM_BASIC | GSM_EXTENSION)), max_size=700)
ANY_TEXT = st.text(max_size=300)
RAINBOW_FLAG = "\U0001f3f3\ufe0f\u200d\U0001f308"  # 6 units
ITALY = "\U0001f1ee\U0001f1f9"  # 4 units
WINK = "\U0001f61c"  # 2 units
THREE_ACCENTS = "e\u0301\u0301\u0301"  # 4 units


def digits(count: int) -> str:
    return ("1234567890" * (count // 10 + 1))[:count]


@pytest.mark.parametrize(
    ("body", "encoding", "units", "segments", "capacity"),
    [
        ("", Encoding.GSM7, 0, 1, 160),
        (digits(160), Encoding.GSM7, 160, 1, 160),
        (digits(161), Encoding.GSM7, 161, 2, 153),
        (digits(306), Encoding.GSM7, 306, 2, 153),
        (digits(307), Encoding.GSM7, 307, 3, 153),
        ("{" + digits(158), Encoding.GSM7, 160, 1, 160),
        ("{" + digits(159), Encoding.GSM7, 161, 2, 153),
        ("€" * 80, Encoding.GSM7, 160, 1, 160),
        ("ÇéèàùìòñüäöåæøßÄÖÑÜ§¿¡£¥ΔΦΓΛΩΠΨΣΘΞ", Encoding.GSM7, 34, 1, 160),
        ("ç", Encoding.UCS2, 1, 1, 70),
        ("ú" * 70, Encoding.UCS2, 70, 1, 70),
        ("ú" * 71, Encoding.UCS2, 71, 2, 67),
        ("ú" * 134, Encoding.UCS2, 134, 2, 67),
        ("ú" * 135, Encoding.UCS2, 135, 3, 67),
        (WINK + digits(68), Encoding.UCS2, 70, 1, 70),
        (WINK + digits(69), Encoding.UCS2, 71, 2, 67),
        (WINK + digits(133), Encoding.UCS2, 135, 3, 67),
        (WINK + "]" * 68, Encoding.UCS2, 70, 1, 70),
        (WINK + "]" * 69, Encoding.UCS2, 71, 2, 67),
        (ITALY + digits(66), Encoding.UCS2, 70, 1, 70),
        (ITALY + digits(67), Encoding.UCS2, 71, 2, 67),
        (RAINBOW_FLAG + digits(64), Encoding.UCS2, 70, 1, 70),
        (RAINBOW_FLAG + digits(65), Encoding.UCS2, 71, 2, 67),
        (THREE_ACCENTS + "a" * 66, Encoding.UCS2, 70, 1, 70),
        (THREE_ACCENTS + "a" * 67, Encoding.UCS2, 71, 2, 67),
    ],
)
def test_known_texts_cost_what_twilio_says(
    body: str, encoding: Encoding, units: int, segments: int, capacity: int
) -> None:
    measured = measure(body)
    assert (measured.encoding, measured.units, measured.segments, measured.capacity) == (
        encoding,
        units,
        segments,
        capacity,
    )


def test_a_line_break_of_windows_counts_two() -> None:
    assert measure("\rabcde\r\n123").units == 11
    assert measure("ú\r\n").units == 3
    assert measure("\nabcde\n\n123\n").units == 12


def test_an_extension_character_is_never_cut_in_two() -> None:
    # 152 + "{" would end at 154: the pair moves on, so 306 units don't fit two segments.
    assert measure("a" * 152 + "{" + "a" * 152).units == 306
    assert measure("a" * 152 + "{" + "a" * 152).segments == 3
    assert measure("a" * 151 + "{" + "a" * 153).segments == 2


def test_a_surrogate_pair_is_never_cut_in_two() -> None:
    assert measure("a" * 66 + WINK + "a" * 66).units == 134
    assert measure("a" * 66 + WINK + "a" * 66).segments == 3
    assert measure("a" * 65 + WINK + "a" * 67).segments == 2


@pytest.mark.parametrize("whole", [RAINBOW_FLAG, ITALY, THREE_ACCENTS, "\U0001f44d\U0001f3fd"])
def test_in_ucs2_what_people_see_as_one_character_stays_whole(whole: str) -> None:
    body = "a" * 66 + whole + "a" * (68 - utf16_units(whole))
    assert measure(body).units == 134
    assert measure(body).segments == 3


def test_a_grapheme_too_long_for_any_segment_is_still_counted() -> None:
    assert measure("e" + "\u0301" * 200).segments == 3


def test_the_characters_that_force_ucs2_are_named_with_their_place() -> None:
    measured = measure("It’s us – call back")
    assert measured.encoding is Encoding.UCS2
    assert measured.offenders == (Offender(2, "’"), Offender(8, "–"))


def test_escape_is_no_character_of_gsm() -> None:
    assert measure("a\x1bb").offenders == (Offender(1, "\x1b"),)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("ab", ["a", "b"]),
        ("\r\n", ["\r", "\n"]),
        (ITALY + ITALY + ITALY[0], [ITALY, ITALY, ITALY[0]]),
        ("a" + ITALY, ["a", ITALY]),
        ("👨‍👩‍👧‍👦!", ["👨‍👩‍👧‍👦", "!"]),
        ("1️⃣2", ["1️⃣", "2"]),
        ("한국", ["한", "국"]),
        ("\u1112\u1161\u11ab\u1100", ["\u1112\u1161\u11ab", "\u1100"]),
        ("नमस्ते", ["न", "म", "स्", "ते"]),
        ("\U0001f3f4\U000e0067\U000e0062\U000e007f.", ["\U0001f3f4\U000e0067\U000e0062\U000e007f", "."]),
    ],
)
def test_graphemes_are_what_people_see_as_one_character(text: str, pieces: list[str]) -> None:
    assert list(graphemes(text)) == pieces


@pytest.mark.parametrize(
    ("fancy", "plain"),
    [
        ("“It’s” – or — ‘so’…", "\"It's\" - or - 'so'..."),
        ("½ price „now‟", '1/2 price "now"'),
        ("Ａ１！", "A1!"),
        ("\u200bhi\ufeff", "hi"),
        ("a\u00a0b", "a  b"),
        ("• one", "- one"),
        ("á 😀", "á 😀"),
    ],
)
def test_smart_encoding_replaces_as_twilio_does(fancy: str, plain: str) -> None:
    assert smart(fancy) == plain


@given(GSM_TEXT)
def test_smart_encoding_leaves_gsm_text_alone(text: str) -> None:
    assert smart(text) == text
    assert measure(text).encoding is Encoding.GSM7


@given(ANY_TEXT)
def test_smart_encoding_never_adds_a_character_outside_gsm(text: str) -> None:
    outside = {o.character for o in measure(text).offenders}
    assert {o.character for o in measure(smart(text)).offenders} <= outside
    assert smart(smart(text)) == smart(text)


@given(st.one_of(ANY_TEXT, GSM_TEXT))
def test_segments_hold_the_text_and_waste_little(text: str) -> None:
    measured = measure(text)
    assert measured.units <= measured.segments * measured.capacity
    # A piece that moves on leaves a hole shorter than itself: at worst a segment is just over half full.
    assert measured.segments <= max(1, 2 * measured.units // measured.capacity + 1)


@given(ANY_TEXT, ANY_TEXT)
def test_a_longer_text_never_costs_less(one: str, two: str) -> None:
    assert measure(one + two).segments >= measure(one).segments


@given(ANY_TEXT)
def test_graphemes_lose_nothing(text: str) -> None:
    assert "".join(graphemes(text)) == text


@given(st.text(st.sampled_from([*RAINBOW_FLAG, *ITALY, *THREE_ACCENTS, "a", "\r", "\n"]), max_size=40))
def test_a_grapheme_is_one_again_when_split_alone(text: str) -> None:
    for grapheme in graphemes(text):
        assert list(graphemes(grapheme)) == [grapheme]


@given(ANY_TEXT)
def test_gsm_exactly_when_nothing_offends(text: str) -> None:
    measured = measure(text)
    assert (measured.encoding is Encoding.GSM7) == (measured.offenders == ())
    assert all(text[o.position] == o.character for o in measured.offenders)
