"""What a caller ID or a DID means. Callers write what they like into it; only one plain number may come out."""

import re
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sms.numbers import COUNTRIES, Untextable, mask, match_line, read_number

ALICE = "+12025550143"


@pytest.mark.parametrize(
    "raw",
    [
        "+12025550143",
        "12025550143",
        "2025550143",
        "(202) 555-0143",
        "202.555.0143",
        "+1 202‑555‑0143",
        "0012025550143",
        "+0012025550143",
        "01112025550143",
        "tel:+12025550143",
        "sip:+12025550143@192.0.2.1",
        "<+12025550143>",
        "+12025550143;verstat=TN-Validation-Passed",
        "\u202a+12025550143\u202c",
        "\u200e2025550143",
        "٢٠٢٥٥٥٠١٤٣",
        "+١٢٠٢٥٥٥٠١٤٣",
        "＋１２０２５５５０１４３",
    ],
)
def test_one_caller_however_the_trunk_writes_him(raw: str) -> None:
    number = read_number(raw, "US")
    assert (number.e164, number.region, number.why_not) == (ALICE, "US", None)
    assert number.textable
    assert number.raw == raw


@pytest.mark.parametrize(
    "raw",
    [
        *("", "   ", "<unknown>", "anonymous", "Anonymous", "RESTRICTED", "private", "Unavailable", "unknown"),
        *("blocked", "withheld", "asterisk", "s", "i", "P", "O", "No Caller ID", "Private Number", "out of area"),
        *("sip:anonymous@anonymous.invalid", "anonymous;phone-context=x", '"Anonymous"', "ａｎｏｎｙｍｏｕｓ"),
    ],
)
def test_no_number_is_a_withheld_number(raw: str) -> None:
    number = read_number(raw, "US")
    assert number.withheld
    assert (number.e164, number.region) == (None, None)


@pytest.mark.parametrize("word", ["266696687", "7378742833", "8656696", "86282452253", "2562533", "7748283"])
@pytest.mark.parametrize("before", ["", "+", "1", "+1", "001", "00", "011"])
@pytest.mark.parametrize("country", ["US", "CA", "GB", "FR"])
def test_a_word_spelled_on_the_keypad_is_withheld(word: str, before: str, country: str) -> None:
    assert read_number(before + word, country).withheld


def test_a_keypad_word_is_seen_through_its_separators() -> None:
    assert read_number("+1 (737) 874-2833", "US").withheld
    assert read_number("737-874-2833", "US").withheld


def test_anonymous_padded_to_ten_digits_is_withheld() -> None:
    assert read_number("+12666966870", "US").withheld
    assert read_number("2666966877", "US").withheld


def test_a_neighbour_of_a_keypad_word_is_a_caller_like_any_other() -> None:
    assert read_number("+17378742834", "US").textable


@pytest.mark.parametrize(
    "raw",
    [
        "+12025550143\r",
        "\n+12025550143",
        "+1202555\x000143",
        "+12025550143\r\nEvent: Hangup\r\nUniqueid: 1.1",
        "2025550143\t",
        "2025550143\u2028",
        "+12025550143\x85",
        "anonymous\r\n",
        "+1202555014\ud8353",
    ],
)
def test_a_control_character_makes_no_number(raw: str) -> None:
    assert read_number(raw, "US").why_not is Untextable.CONTROL_CHARACTER
    assert read_number(raw, "US").e164 is None


@pytest.mark.parametrize(
    "raw",
    [
        "+12025550143x99",
        "+12025550143;ext=99",
        "tel:+12025550143;ext=5",
        "2025550143 ext. 9",
        "2025550143 extension 9",
        "(202) 555-0143 #9",
        "2025550143,9",
        "2025550143p12",
        "2025550143;12",
        "+12025550143;isub=7",
    ],
)
def test_an_extension_is_not_texted(raw: str) -> None:
    assert read_number(raw, "US").why_not is Untextable.EXTENSION
    assert read_number(raw, "US").e164 is None


@pytest.mark.parametrize("raw", ["911", "411", "611", "311", "+1911", "1911", "101", "12345", "0", "40123"])
@pytest.mark.parametrize("country", ["US", "DE"])
def test_short_codes_and_extensions_are_not_texted(raw: str, country: str) -> None:
    assert read_number(raw, country).why_not is Untextable.SHORT_CODE


def test_a_short_code_of_six_digits_is_not_texted() -> None:
    assert read_number("741741", "US").why_not is Untextable.SHORT_CODE


@pytest.mark.parametrize(
    "raw", ["1111111111", "0000000000", "5555555555", "+15555555555", "11111111111", "+10000000000", "9999999"]
)
def test_one_digit_over_and_over_is_nobody(raw: str) -> None:
    assert read_number(raw, "US").why_not is Untextable.PLACEHOLDER


def test_equal_digits_are_nobody_even_where_they_would_be_valid() -> None:
    assert read_number("22222222", "DK").why_not is Untextable.PLACEHOLDER


@pytest.mark.parametrize(
    "raw",
    [
        *("212-FLOWERS", "1-800-FLOWERS", "alice", "+1202555O143", "FMGL-+12025550177#", "*672025550143", "*97"),
        *("+12025550143#", "+1+2025550143", "2025550143 or 2025550144", "+", "()", "+12025550143%0D%0A"),
        *("२०२५५५०१४३a", "\U0001f4de", "1²02555014³", "sip:alice@192.0.2.1", "2" * 81, "\u00ad2025550143"),
    ],
)
def test_what_is_not_written_as_a_number_is_none(raw: str) -> None:
    assert read_number(raw, "US").why_not is Untextable.NOT_A_NUMBER
    assert read_number(raw, "US").e164 is None


@pytest.mark.parametrize("raw", ["5550143", "2025550", "+11234567890", "+441624123456", "20255501", "+999123456789"])
def test_a_number_that_cannot_exist_is_not_texted(raw: str) -> None:
    assert read_number(raw, "US").why_not is Untextable.NOT_VALID


@pytest.mark.parametrize(
    ("raw", "country", "e164", "why"),
    [
        ("+18005550199", "US", "+18005550199", Untextable.TOLL_FREE),
        ("8335550199", "US", "+18335550199", Untextable.TOLL_FREE),
        ("08081570192", "GB", "+448081570192", Untextable.TOLL_FREE),
        ("+19002345678", "US", "+19002345678", Untextable.PREMIUM),
        ("09098790000", "GB", "+449098790000", Untextable.PREMIUM),
        ("+445512345678", "GB", "+445512345678", Untextable.COMPANY),
        ("+447640123456", "GB", "+447640123456", Untextable.PAGER),
    ],
)
def test_numbers_no_text_reaches_keep_their_e164(raw: str, country: str, e164: str, why: Untextable) -> None:
    number = read_number(raw, country)
    assert (number.e164, number.why_not, number.textable) == (e164, why, False)


@pytest.mark.parametrize(
    ("raw", "country", "e164", "region"),
    [
        ("8095550143", "US", "+18095550143", "DO"),
        ("+18765550143", "US", "+18765550143", "JM"),
        ("4165550143", "US", "+14165550143", "CA"),
        ("2025550143", "CA", "+12025550143", "US"),
        ("+447911123456", "GB", "+447911123456", "GG"),
        ("07400123456", "GB", "+447400123456", "GB"),
        ("447400123456", "GB", "+447400123456", "GB"),
        ("011442079460123", "US", "+442079460123", "GB"),
        ("00442079460123", "US", "+442079460123", "GB"),
        ("442079460123", "US", "+442079460123", "GB"),
        ("+44 (0)20 7946 0123", "US", "+442079460123", "GB"),
        ("12025550143", "GB", "+12025550143", "US"),
        ("0612345678", "FR", "+33612345678", "FR"),
        ("0412345678", "AU", "+61412345678", "AU"),
    ],
)
def test_the_region_is_the_numbers_own(raw: str, country: str, e164: str, region: str) -> None:
    number = read_number(raw, country)
    assert (number.e164, number.region, number.textable) == (e164, region, True)


def test_a_country_without_phone_numbers_is_an_error() -> None:
    for wrong in ("XX", "us", "", "USA"):
        with pytest.raises(ValueError, match="two capital letters"):
            read_number(ALICE, wrong)
    assert {"US", "CA", "GB", "IE", "AU", "NZ", "FR", "ES", "MX", "JP"} <= COUNTRIES


NASTY = st.text(
    st.one_of(st.sampled_from("+0123456789()-. ;x#*extsip:@<>\r\n\x00\u202e٢१"), st.characters()), max_size=90
)


@given(NASTY, st.sampled_from(["US", "CA", "GB", "IE", "FR", "DE", "AU", "DO"]))
def test_whatever_comes_only_a_clean_number_leaves(raw: str, country: str) -> None:
    number = read_number(raw, country)
    assert number.raw == raw
    assert number.e164 is None or re.fullmatch(r"\+[1-9][0-9]{5,14}", number.e164)
    assert (number.e164 is None) == (number.region is None)
    assert not number.textable or number.e164 is not None
    if number.e164 is not None:
        again = read_number(number.e164, country)
        assert (again.e164, again.region, again.why_not) == (number.e164, number.region, number.why_not)


@given(st.from_regex(r"\A[2-9][0-9]{2}[2-9][0-9]{6}\Z"))
@example("2222222222")
def test_the_same_us_number_in_every_spelling(national: str) -> None:
    spellings = ["", "1", "+1", "001", "0111"]
    readings = {(n.e164, n.why_not) for n in (read_number(s + national, "US") for s in spellings)}
    assert len(readings) == 1


@pytest.mark.parametrize(
    ("configured", "received", "same"),
    [
        ("+12025550101", "+12025550101", True),
        ("+12025550101", "12025550101", True),
        ("+12025550101", "2025550101", True),
        ("(202) 555-0101", "12025550101", True),
        ("+12025550101", "025550101", False),
        ("+12025550101", "5550101", False),
        ("+12025550101", "0101", False),
        ("+12025550101", "+12025550102", False),
        ("+12025550101", "s", False),
        ("+12025550101", "", False),
        ("+12025550101", "+12025550101\r\n", False),
        ("+18005550100", "8005550100", True),
        ("+12345678901", "2345678901", True),
        ("0101", "0101", True),
        ("reception", "reception", True),
        ("s", "s", False),
        ("", "", False),
        ("*", "s", True),
        ("*", "", True),
        ("*", "anything at all", True),
        ("+12025550101", "1" * 100_000, False),
    ],
)
def test_a_did_means_the_line_or_not(configured: str, received: str, same: bool) -> None:
    assert match_line(configured, received, "US") is same


def test_a_british_did_is_known_however_it_comes() -> None:
    for received in ("+442079460123", "442079460123", "02079460123", "2079460123", "00442079460123"):
        assert match_line("+442079460123", received, "GB")


def test_logs_show_the_last_four_digits_and_nothing_else() -> None:
    assert mask(ALICE) == "…0143"
    assert mask("101") == "…101"
    assert mask("anonymous") == "…"
    assert mask("+12025550143\r\nFAKE LOG LINE") == "…0143"


@given(NASTY)
def test_a_masked_number_carries_nothing_else(raw: str) -> None:
    assert re.fullmatch(r"…[0-9]{0,4}", mask(raw))


def test_the_geocoder_of_100_megabytes_is_never_loaded() -> None:
    code = (
        "import sys; from sms.numbers import read_number; read_number('+12025550143', 'US');"
        "print([m for m in sys.modules if 'geo' in m or 'carrierdata' in m or 'tzdata' in m])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
