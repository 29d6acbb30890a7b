"""The story of one call, as `explain` tells it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent.policy.rules import BY_NAME
from agent.policy.story import Case, Decided, OtherCall, Step, ToldText, Written, tell
from storage.records import CallRecord, PhoneRecord
from storage.vocabulary import Decision, Direction, Reason, ReplyMeaning, TextKind, TextState

NOON = 1_773_075_600.0

CALL = CallRecord(
    pbx_call="1773075600.1",
    direction=Direction.INBOUND,
    caller="+12025550143",
    peer="+12025550143",
    caller_name="DANA SMITH",
    line="+13125550100",
    line_name="Main",
    trunk="trunk",
    started_at=NOON,
    first_ringing_at=NOON + 0.5,
    answered_at=None,
    answered_by=None,
    answered_late=False,
    transfer_unanswered=False,
    ended_at=NOON + 24.5,
    reason=Reason.NO_ANSWER,
    known_at=NOON + 24.5,
    phones=(
        PhoneRecord("101", NOON + 0.5, None, "no_answer"),
        PhoneRecord("102", NOON + 0.6, None, "no_answer"),
    ),
)
ANSWERED = replace(
    CALL,
    answered_at=NOON + 6,
    answered_by="102",
    reason=None,
    known_at=None,
    phones=(PhoneRecord("101", NOON + 0.5, None, "cancelled"), PhoneRecord("102", NOON + 0.5, NOON + 6, "answered")),
)
TEXTED = Decided(Decision.TEXT, "text", NOON + 24.5)
TEXT = ToldText(7, TextKind.FIRST, "Hi Dana", 1, NOON + 24.5, "SM1", (Step(NOON + 24.5, TextState.QUEUED),))


def clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M")


def words(case: Case) -> list[str]:
    return [moment.words for moment in tell(case, clock)]


def text_that(*steps: tuple[float, TextState, str]) -> ToldText:
    return replace(TEXT, steps=(*TEXT.steps, *(Step(NOON + 24.5 + after, state, note) for after, state, note in steps)))


def test_a_missed_call_that_was_texted_and_replied_to_is_told_from_beginning_to_end() -> None:
    text = text_that(
        (0.001, TextState.SENDING, ""), (0.2, TextState.ACCEPTED, ""), (1, TextState.SENT, ""),
        (2, TextState.DELIVERED, ""),
    )  # fmt: skip
    reply = Written(NOON + 300, "9am is fine", ReplyMeaning.OTHER)
    back = OtherCall(12, Direction.OUTBOUND, NOON + 600, NOON + 610, "101", NOON + 700)
    assert words(Case(CALL, TEXTED, (text,), (reply,), (back,))) == [
        "DANA SMITH, +12025550143, called Main (+13125550100).",
        "101 and 102 rang.",
        "Missed 24.0 s after the first ring (`no_answer`): it rang, and nobody took it.",
        "The caller is texted, by rule `text`: A human didn't answer, and nothing speaks against a text.",
        'Text no. 7 was written down to be sent: "Hi Dana", 1 segment.',
        "The call was over, 24.5 s after it came in.",
        "Text no. 7 was taken by the provider as SM1.",
        "Text no. 7 was passed on to the carrier.",
        "Text no. 7 is on the caller's handset.",
        'The caller wrote: "9am is fine".',
        "The office called back (call 12, answered).",
    ]


def test_an_answered_call_names_who_took_it() -> None:
    story = words(Case(ANSWERED, Decided(Decision.SKIP, "answered", NOON + 6)))
    assert story[2:] == [
        "102 answered, after 6.0 s.",
        "No text, by rule `answered`: A human answered.",
        "The call was over, 24.5 s after it came in.",
    ]


def test_somebody_who_answers_after_the_ring_limit_is_told_to_have_been_late() -> None:
    late = replace(CALL, answered_at=NOON + 26, answered_by="101", answered_late=True, ended_at=NOON + 90)
    text = text_that((1.5, TextState.CANCELLED, "a human answered before it left"))
    story = words(Case(late, TEXTED, (text,)))
    assert "101 answered, after 26.0 s: too late, it counted as missed by then." in story
    assert "Text no. 7 was cancelled before it left (a human answered before it left)." in story


def test_the_details_of_the_rule_are_told_with_its_sentence() -> None:
    decided = Decided(Decision.SKIP, "cooldown", NOON + 24.5, "35 minutes ago, text no. 3")
    sentence = BY_NAME["cooldown"].sentence
    told = f"No text, by rule `cooldown`: {sentence} Here: 35 minutes ago, text no. 3."
    assert told in words(Case(CALL, decided))


def test_a_decision_long_after_the_miss_says_so() -> None:
    stale = Decided(Decision.SKIP, "stale", NOON + 24.5 + 1800, "30 minutes later")
    assert any("It was decided 30 minutes later." in sentence for sentence in words(Case(CALL, stale)))


def test_a_withheld_number_is_told_without_one() -> None:
    story = words(Case(replace(CALL, caller=None, peer=None, caller_name=None)))
    assert story[0] == "A caller who withheld the number, or sent none, called Main (+13125550100)."


def test_phones_that_were_busy_or_refused_are_named() -> None:
    phones = (
        PhoneRecord("101", None, None, "busy"),
        PhoneRecord("102", NOON + 1, None, "declined"),
        PhoneRecord("103", None, None, "unreachable"),
    )
    story = words(Case(replace(CALL, phones=phones, reason=Reason.DECLINED)))
    assert "101 and 103 could not be made to ring. 101 was busy. 103 was unreachable." in story
    assert "102 rang. 102 rejected the call." in story


def test_a_phone_that_a_queue_rings_again_and_again_is_told_once_with_the_count() -> None:
    phones = tuple(PhoneRecord("101", NOON + 1 + 10 * n, None, "no_answer") for n in range(5))
    assert words(Case(replace(CALL, phones=phones))).count("101 (5 times) rang.") == 1


def test_a_hunt_is_told_phone_by_phone() -> None:
    phones = (PhoneRecord("101", NOON + 1, None, "no_answer"), PhoneRecord("102", NOON + 9, None, "no_answer"))
    moments = tell(Case(replace(CALL, phones=phones)), clock)
    assert [(m.at, m.words) for m in moments if "rang." in m.words] == [
        (NOON + 1, "101 rang."),
        (NOON + 9, "102 rang."),
    ]


@pytest.mark.parametrize(
    ("last", "told"),
    [
        ((TextState.FAILED, "the handset couldn't be reached (code 30003)"), "failed (the handset couldn't be reached"),
        ((TextState.EXPIRED, "it was no longer fresh"), "expired (it was no longer fresh)."),
        ((TextState.UNKNOWN, "the connection broke"), "it is not sent again (the connection broke)."),
        ((TextState.SENDING, ""), "was handed to the provider; the answer is still out."),
    ],
)
def test_what_became_of_the_text_is_told(last: tuple[TextState, str], told: str) -> None:
    story = words(Case(CALL, TEXTED, (text_that((1, *last)),)))
    assert any(sentence.startswith("Text no. 7") and told in sentence for sentence in story)


def test_a_text_in_shadow_mode_would_have_been_sent() -> None:
    shadow = replace(TEXT, steps=(Step(NOON + 24.5, TextState.SHADOW),))
    assert 'Text no. 7 would have been sent, but shadow mode is on: "Hi Dana", 1 segment.' in words(
        Case(CALL, TEXTED, (shadow,))
    )


def test_a_deferred_text_says_until_when_it_is_held() -> None:
    held = replace(TEXT, due_at=NOON + 36_000, steps=(Step(NOON + 24.5, TextState.DEFERRED),))
    decided = Decided(Decision.DEFER, "quiet_hours", NOON + 24.5)
    story = words(Case(CALL, decided, (held,)))
    assert "The text is held back, by rule `quiet_hours`: It is inside the caller's quiet hours." in story
    assert any(sentence.startswith(f"Text no. 7 is held until {clock(NOON + 36_000)}:") for sentence in story)


def test_an_opt_out_among_the_replies_is_told_as_one() -> None:
    story = words(Case(CALL, TEXTED, (TEXT,), (Written(NOON + 60, "STOP", ReplyMeaning.OPT_OUT),)))
    assert story[-1] == 'The caller wrote: "STOP". This is an opt-out: the number isn\'t texted any more.'


def test_a_call_that_goes_on_ends_with_that() -> None:
    ringing = replace(CALL, ended_at=None, reason=None, known_at=None)
    assert words(Case(ringing))[-1] == "The call is still in progress."


def test_calls_from_inside_have_a_story_too() -> None:
    outbound = replace(ANSWERED, direction=Direction.OUTBOUND, caller="101", line=None, line_name=None, phones=())
    internal = replace(outbound, direction=Direction.INTERNAL, peer=None)
    assert words(Case(outbound))[0] == "101 called +12025550143."
    assert words(Case(internal))[0] == "101 made an internal call."


def test_a_call_known_from_records_says_that_nobody_listened() -> None:
    assert "from the PBX's own records" in words(Case(replace(CALL, source="records")))[0]


def all_cases() -> Iterable[Case]:
    for reason in Reason:
        yield Case(replace(CALL, reason=reason))
    for rule in BY_NAME:
        yield Case(CALL, Decided(Decision.SKIP, rule, NOON + 24.5))
    for kind in TextKind:
        yield Case(CALL, TEXTED, (replace(TEXT, kind=kind),))
    for state in TextState:
        yield Case(CALL, TEXTED, (text_that((1, state, "")),))


@pytest.mark.parametrize("case", list(all_cases()))
def test_every_reason_rule_kind_and_state_has_words_and_every_sentence_its_full_stop(case: Case) -> None:
    story = words(case)
    assert all(sentence.endswith((".", '".')) and "None" not in sentence for sentence in story)


def test_a_rule_of_an_older_version_is_still_named() -> None:
    assert any("`gone_rule`" in sentence for sentence in words(Case(CALL, Decided(Decision.SKIP, "gone_rule", NOON))))
