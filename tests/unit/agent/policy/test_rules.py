"""Every rule with an example in which it holds and one in which it just doesn't, and their order."""

from dataclasses import replace

import pytest

from agent.policy.facts import Facts, Limits, LineFacts, Presentation
from agent.policy.rules import BY_NAME, LOOKED_AT_AGAIN, RULES, TEXT, UNDECIDED, decide
from sms.numbers import read_number
from storage.vocabulary import Decision, Direction, Reason

NOON = 1_773_075_600.0
LINE = LineFacts(
    enabled=True,
    text_on=frozenset(set(Reason) - {Reason.MENU_ABANDONED, Reason.OTHER}),
    min_ring=3.0,
    countries=frozenset({"US"}),
)
LIMITS = Limits(cooldown=14_400.0, freshness=900.0, per_hour=60, per_day=300)

PLAIN = Facts(
    direction=Direction.INBOUND,
    line=LINE,
    limits=LIMITS,
    answered=False,
    reason=Reason.ABANDONED,
    presentation=Presentation.SHOWN,
    number=read_number("+12025550143", "US"),
    now=NOON,
    age=0.0,
    waited=5.0,
)
"""A caller who hung up after 5 s of ringing: nothing speaks against a text."""


def number(text: str) -> Facts:
    return replace(PLAIN, number=read_number(text, "US"))


def limits(*, trust_numbers: bool = False, attestation: str | None = None, defer_quiet: bool = False) -> Facts:
    changed = replace(LIMITS, trust_numbers=trust_numbers, attestation=attestation, defer_quiet=defer_quiet)
    return replace(PLAIN, limits=changed)


def line(*, enabled: bool = True, text_on: frozenset[Reason] = LINE.text_on) -> Facts:
    return replace(PLAIN, line=replace(LINE, enabled=enabled, text_on=text_on))


HOLDS: list[tuple[str, Facts]] = [
    ("not_inbound", replace(PLAIN, direction=Direction.OUTBOUND)),
    ("not_inbound", replace(PLAIN, direction=Direction.INTERNAL)),
    ("line_off", line(enabled=False)),
    ("line_off", replace(PLAIN, paused="paused by a person")),
    ("answered", replace(PLAIN, answered=True)),
    ("reason_off", replace(PLAIN, reason=Reason.MENU_ABANDONED)),
    ("reason_off", replace(PLAIN, reason=Reason.OTHER)),
    ("reason_off", line(text_on=frozenset({Reason.VOICEMAIL}))),
    ("short_ring", replace(PLAIN, waited=2.999)),
    ("short_ring", replace(PLAIN, reason=Reason.QUEUE_ABANDONED, waited=0.0)),
    ("withheld", replace(PLAIN, presentation=Presentation.WITHHELD)),
    ("withheld", number("anonymous")),
    ("withheld", number("")),
    ("withheld", number("7378742833")),
    ("withheld", number("+17378742833")),
    ("presentation_unknown", replace(PLAIN, presentation=Presentation.UNKNOWN)),
    ("not_textable", number("101")),
    ("not_textable", number("911")),
    ("not_textable", number("+18005550143")),
    ("not_textable", number("+12025550143\r\n")),
    ("not_textable", number("+12025550143;ext=5")),
    ("country", number("+18095550143")),
    ("country", number("+442079460143")),
    ("blocked", replace(PLAIN, blocked="blocked by a person: rude")),
    ("opted_out", replace(PLAIN, opted_out="by keyword: STOP")),
    ("in_doubt", replace(PLAIN, in_doubt="wrong number")),
    ("in_touch", replace(PLAIN, in_touch="talking to 101 now")),
    ("cooldown", replace(PLAIN, last_text_at=NOON - 14_399.9)),
    ("cooldown", replace(PLAIN, text_waiting=True)),
    ("no_texts", replace(PLAIN, no_texts="a landline")),
    ("attestation", replace(limits(attestation="B"), attested="C")),
    ("attestation", limits(attestation="C")),
    ("sending_stopped", replace(PLAIN, stopped="wrong credentials")),
    ("cap", replace(PLAIN, texts_last_hour=60)),
    ("cap", replace(PLAIN, texts_last_day=300)),
    ("cap", replace(PLAIN, texts_to_number_last_day=3)),
    ("stale", replace(PLAIN, age=900.1)),
    ("quiet_hours", replace(PLAIN, quiet=True)),
]

JUST_NOT: list[tuple[str, Facts]] = [
    ("reason_off", line(text_on=frozenset({Reason.ABANDONED}))),
    ("short_ring", replace(PLAIN, waited=3.0)),
    ("short_ring", replace(PLAIN, reason=Reason.NO_ANSWER, waited=1.0)),
    ("short_ring", replace(PLAIN, waited=None)),
    ("withheld", number("+17378742834")),
    ("presentation_unknown", replace(limits(trust_numbers=True), presentation=Presentation.UNKNOWN)),
    ("presentation_unknown", replace(PLAIN, presentation=Presentation.UNASKABLE)),
    ("not_textable", number("2025550143")),
    ("country", replace(number("+18095550143"), line=replace(LINE, countries=frozenset({"DO"})))),
    ("cooldown", replace(PLAIN, last_text_at=NOON - 14_400.0)),
    ("attestation", replace(limits(attestation="B"), attested="B")),
    ("attestation", replace(limits(attestation="B"), attested="A")),
    ("attestation", replace(PLAIN, attested=None)),
    ("cap", replace(PLAIN, texts_last_hour=59, texts_last_day=299, texts_to_number_last_day=2)),
    ("stale", replace(PLAIN, age=900.0)),
]


def test_nothing_speaks_against_a_plain_miss() -> None:
    assert decide(PLAIN).decision is Decision.TEXT
    assert decide(PLAIN).rule == "text"


@pytest.mark.parametrize(("name", "facts"), HOLDS, ids=lambda value: value if isinstance(value, str) else "")
def test_the_rule_holds_and_names_the_decision(name: str, facts: Facts) -> None:
    ruling = decide(facts)
    assert (ruling.decision, ruling.rule) == (Decision.SKIP, name)


@pytest.mark.parametrize(("name", "facts"), JUST_NOT, ids=lambda value: value if isinstance(value, str) else "")
def test_the_rule_just_does_not_hold(name: str, facts: Facts) -> None:
    assert not BY_NAME[name].holds(facts)
    assert decide(facts).decision is Decision.TEXT


def test_every_rule_has_an_example() -> None:
    assert {name for name, _ in HOLDS} == {rule.name for rule in RULES}


def test_the_order_is_that_of_the_documentation() -> None:
    assert [rule.name for rule in RULES] == [
        "not_inbound",
        "line_off",
        "answered",
        "reason_off",
        "short_ring",
        "withheld",
        "presentation_unknown",
        "not_textable",
        "country",
        "blocked",
        "opted_out",
        "in_doubt",
        "in_touch",
        "cooldown",
        "no_texts",
        "attestation",
        "sending_stopped",
        "cap",
        "stale",
        "quiet_hours",
    ]


WORST = Facts(
    direction=Direction.OUTBOUND,
    line=replace(LINE, enabled=False, text_on=frozenset()),
    limits=replace(LIMITS, attestation="A"),
    answered=True,
    reason=Reason.ABANDONED,
    presentation=Presentation.WITHHELD,
    number=read_number("101", "US"),
    now=NOON,
    age=9999.0,
    waited=0.0,
    paused="paused",
    blocked="blocked",
    opted_out="stop",
    in_doubt="not interested",
    in_touch="talking",
    last_text_at=NOON,
    no_texts="landline",
    stopped="stopped",
    texts_last_hour=99,
    quiet=True,
)
"""Everything speaks against a text at once; lifted one by one below, in the order of the rules."""

LIFTED: dict[str, dict[str, object]] = {
    "not_inbound": {"direction": Direction.INBOUND},
    "line_off": {"line": replace(LINE, text_on=frozenset()), "paused": ""},
    "answered": {"answered": False},
    "reason_off": {"line": replace(LINE, countries=frozenset())},
    "short_ring": {"waited": 9.0},
    "withheld": {"presentation": Presentation.UNKNOWN},
    "presentation_unknown": {"presentation": Presentation.SHOWN},
    "not_textable": {"number": PLAIN.number},
    "country": {"line": LINE},
    "blocked": {"blocked": ""},
    "opted_out": {"opted_out": ""},
    "in_doubt": {"in_doubt": ""},
    "in_touch": {"in_touch": ""},
    "cooldown": {"last_text_at": None},
    "no_texts": {"no_texts": ""},
    "attestation": {"attested": "A"},
    "sending_stopped": {"stopped": ""},
    "cap": {"texts_last_hour": 0},
    "stale": {"age": 0.0},
    "quiet_hours": {"quiet": False},
}


def test_of_several_that_hold_the_first_names_the_decision() -> None:
    facts, named = WORST, []
    for rule in RULES:
        named.append(decide(facts).rule)
        facts = replace(facts, **LIFTED[rule.name])  # type: ignore[arg-type]
    assert named == [rule.name for rule in RULES]
    assert decide(facts).rule == "text"


def test_a_text_in_quiet_hours_is_held_only_where_the_admin_chose_so() -> None:
    quiet = replace(limits(defer_quiet=True), quiet=True)
    assert decide(quiet).decision is Decision.DEFER
    assert decide(replace(quiet, opted_out="by keyword")).decision is Decision.SKIP


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (replace(PLAIN, waited=1.25), "after 1.2 s"),
        (replace(PLAIN, last_text_at=NOON - 600), "10 minutes"),
        (replace(PLAIN, texts_to_number_last_day=3), "3 texts to this number in 24 hours"),
        (replace(PLAIN, texts_last_hour=61), "61 texts in the last hour"),
        (replace(PLAIN, texts_last_day=301), "301 texts in the last 24 hours"),
        (replace(PLAIN, age=1800.0), "30 minutes later"),
        (replace(PLAIN, reason=Reason.OTHER), "other"),
        (number("+442079460143"), "GB"),
    ],
)
def test_the_ruling_says_what_was_found(facts: Facts, words: str) -> None:
    assert words in decide(facts).because


def test_every_rule_is_a_sentence_and_is_found_by_its_name() -> None:
    for rule in (*RULES, TEXT, UNDECIDED):
        assert rule.sentence.endswith(".")
        assert rule.sentence[0].isupper()
        assert BY_NAME[rule.name] is rule
    assert set(LOOKED_AT_AGAIN) <= set(BY_NAME)
