"""Templates: what the admin writes becomes the caller's text, and what can't is refused with its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.body import LONGEST_BODY, Placeholder, Slot, TemplateError, TextTooLong, Values, parse, render

ACME = Values(business="Acme Plumbing", line="Main")
FIRST_TEXT = (
    "Hi {first_name|there}, this is {business}. Sorry we missed your call."
    " Reply with a good time to call back. Reply STOP to opt out."
)


def with_name(name: str | None) -> Values:
    return Values(business="Acme Plumbing", line="Main", first_name=name, caller_name=name)


def test_a_caller_is_greeted_by_name_or_by_the_fallback() -> None:
    template = parse(FIRST_TEXT)
    assert render(template, with_name("John")).startswith("Hi John, this is Acme Plumbing. Sorry")
    assert render(template, with_name(None)).startswith("Hi there, this is Acme Plumbing. Sorry")


def test_every_placeholder_has_its_value() -> None:
    values = Values("Acme", "Main", "John", "John Smith", "10 minutes", "https://acme.example/book")
    template = parse("{business}/{line}/{first_name}/{caller_name}/{callback_in}/{booking_url}")
    assert render(template, values) == "Acme/Main/John/John Smith/10 minutes/https://acme.example/book"


def test_an_unknown_value_is_empty_or_the_fallback() -> None:
    assert render(parse("[{booking_url}][{callback_in|soon}][{first_name|}]"), ACME) == "[][soon][]"
    assert render(parse("{line|our office}"), Values("Acme", line="")) == "our office"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{business}}", "{business}"),
        ("{{{business}}}", "{Acme Plumbing}"),
        ("}} {{", "} {"),
        ("{first_name|a|b}", "a|b"),
        ("{first_name|  dear caller }", "  dear caller "),
        ("no placeholder", "no placeholder"),
        ("", ""),
        ("line one\nline two", "line one\nline two"),
    ],
)
def test_braces_and_bars_are_read_as_written(source: str, text: str) -> None:
    assert render(parse(source), ACME) == text


@pytest.mark.parametrize(
    ("source", "position", "says"),
    [
        ("Hi {name}", 3, "unknown placeholder {name}"),
        ("Hi {firstname|there}", 3, "did you mean {first_name}?"),
        ("Hi {First_Name}", 3, "did you mean {first_name}?"),
        ("Hi { business }", 3, "did you mean {business}?"),
        ("{}", 0, "unknown placeholder {}"),
        ("{\x1b[31m}", 0, "unknown placeholder {?[31m}"),
        ("{" + "x" * 99 + "}", 0, "unknown placeholder {" + "x" * 40 + "…}"),
        ("{|there}", 0, "unknown placeholder {}"),
        ("Hi {business", 3, "never closed"),
        ("Hi {business and {line}", 3, "before the next one"),
        ("Hi {first_name|{business}}", 3, "before the next one"),
        ("{", 0, "never closed"),
        ("{{{", 2, "never closed"),
        ("Hi }", 3, "without its {"),
        ("{business}}", 10, "without its {"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_is_allowed(source: str, position: int, says: str) -> None:
    with pytest.raises(TemplateError) as caught:
        parse(source)
    assert caught.value.position == position
    assert says in str(caught.value)
    assert f"(at character {position + 1})" in str(caught.value)
    assert "{business}, {line}, {first_name}, {caller_name}, {callback_in}, {booking_url}" in str(caught.value)


def test_a_template_tells_its_slots() -> None:
    template = parse("Hi {first_name|there}, {business}")
    assert template.slots == (Slot(Placeholder.FIRST_NAME, "there", 3), Slot(Placeholder.BUSINESS, None, 23))
    assert template.literal == "Hi  ,  "


@pytest.mark.parametrize(
    "hostile",
    [
        "http://evil.example",
        "evil.com",
        "John\r\nReply YES",
        "John 2025550199",
        "{business}",
        "J" * 41,
        "J" * 100_000,
        "John\u202e",
        "📞",
    ],
)
def test_a_name_that_is_no_name_gives_way_to_the_fallback(hostile: str) -> None:
    assert render(parse("Hi {first_name|there}"), with_name(hostile)) == "Hi there"
    assert render(parse("Hi {caller_name|there}"), with_name(hostile)) == "Hi there"


def test_a_value_is_never_read_as_a_template() -> None:
    values = Values(business="{first_name} {{x}}", line="{line}")
    assert render(parse("{business}{line}"), values) == "{first_name} {{x}}{line}"


def test_no_value_brings_control_characters() -> None:
    assert render(parse("{business}"), Values(business="Acme\r\n\x00\u202e\u00a0Plumbing ")) == "Acme Plumbing"


def test_a_text_too_long_with_the_name_goes_without_it() -> None:
    template = parse("x" * (LONGEST_BODY - 5) + "{first_name|there}")
    assert render(template, with_name("Bartholomew")).endswith("xthere")
    assert render(template, with_name("Bob")).endswith("xBob")


def test_a_text_no_provider_takes_is_refused() -> None:
    assert len(render(parse("x" * LONGEST_BODY), ACME)) == LONGEST_BODY
    with pytest.raises(TextTooLong, match="1601 characters"):
        render(parse("x" * (LONGEST_BODY + 1)), ACME)
    with pytest.raises(TextTooLong, match="1602 characters"):
        render(parse("😀" * 801), ACME)


@given(st.text(st.one_of(st.sampled_from("{}|"), st.sampled_from("abusinessline_ "), st.characters()), max_size=60))
def test_any_source_is_parsed_or_refused_with_a_place_inside_it(source: str) -> None:
    try:
        template = parse(source)
    except TemplateError as error:
        assert 0 <= error.position < len(source)
    else:
        assert template.source == source
        render(template, ACME)


@given(st.text(max_size=80))
def test_any_text_can_be_written_with_doubled_braces(text: str) -> None:
    assert render(parse(text.replace("{", "{{").replace("}", "}}")), ACME) == text


@given(st.text(max_size=80))
def test_whatever_the_caller_is_called_the_rest_of_the_text_stands(name: str) -> None:
    text = render(parse("Hi {first_name|there}, this is {business}."), with_name(name))
    assert text.startswith("Hi ")
    assert text.endswith(", this is Acme Plumbing.")
    assert all(c.isalpha() or c in " '-." for c in text.removeprefix("Hi ").removesuffix(", this is Acme Plumbing."))
