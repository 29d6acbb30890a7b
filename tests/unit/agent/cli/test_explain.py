"""`secondring explain`: the story of one call, told from the ledger."""

from pathlib import Path

import pytest

from agent.conversations.ladder import go_on
from agent.policy.facts import Presentation
from storage.vocabulary import Reason, TextState
from tests.office import DANA, NOON, SAM, AcmeOffice


@pytest.fixture
def acme(tmp_path: Path) -> AcmeOffice:
    return AcmeOffice(tmp_path)


def test_a_missed_call_is_told_on_the_offices_clock_with_all_that_followed(acme: AcmeOffice) -> None:
    call = acme.missed(DANA, name="DANA SMITH")
    acme.text_came_to(TextState.SENDING, TextState.ACCEPTED, TextState.DELIVERED, at=NOON + 24.6)
    acme.reply(DANA, "9am is fine", at=NOON + 90_000)
    result = acme.run("explain", call)
    assert result.exit_code == 0
    told = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert told[0] == "Call 1, Monday 09 March 2026 (America/Chicago) 171.1"
    assert told[1] == "12:00:00.0 DANA SMITH, +12025550143, called Main (+13125550100)."
    assert told[2] == "12:00:00.5 101 rang."
    assert told[3] == "12:00:24.5 Missed 24.0 s after the first ring (`no_answer`): it rang, and nobody took it."
    assert '12:00:24.5 Text no. 1 was written down to be sent: "Hi Dana, this is Acme Plumbing.' in told[4] + told[5]
    assert told[-2] == "12:00:26.6 Text no. 1 is on the caller's handset."
    assert told[-1] == 'Tue 10 Mar 13:00 The caller wrote: "9am is fine".'


def test_a_call_is_found_by_its_number_by_the_pbxs_name_and_by_the_callers_phone(acme: AcmeOffice) -> None:
    acme.missed(DANA)
    acme.missed(SAM, at=NOON + 60)
    acme.missed(DANA, at=NOON + 120)
    assert acme.run("explain", 2).stdout == acme.run("explain", "172.1").stdout
    assert acme.run("explain", "(202) 555-0143").stdout == acme.run("explain", 3).stdout


def test_a_call_that_is_none_ends_with_a_hint(acme: AcmeOffice) -> None:
    acme.missed(DANA)
    result = acme.run("explain", "99")
    assert result.exit_code == 1
    assert result.stderr == "No call 99 is known; `secondring calls` lists them with their numbers.\n"


def because(acme: AcmeOffice, call: int, rule: str) -> str:
    """What the decision's sentence says of this very call."""
    [sentence] = [row["words"] for row in acme.rows("explain", call) if f"by rule `{rule}`" in str(row["words"])]
    return str(sentence).partition("Here: ")[2]


def test_a_second_call_names_the_text_that_the_first_one_got(acme: AcmeOffice) -> None:
    acme.missed(DANA)
    acme.text_came_to(TextState.SENDING, TextState.ACCEPTED, at=NOON + 25)
    again = acme.missed(DANA, at=NOON + 3600)
    assert because(acme, again, "cooldown").endswith("60 minutes before.")


def test_an_opt_out_is_told_with_its_words_even_after_it_was_lifted(acme: AcmeOffice) -> None:
    acme.reply(DANA, "STOP", at=NOON - 60)
    call = acme.missed(DANA)
    acme.reply(DANA, "START", at=NOON + 7200)
    assert because(acme, call, "opted_out") == "by keyword: STOP."


def test_somebody_who_was_talking_to_the_caller_is_named(acme: AcmeOffice) -> None:
    acme.answered(DANA, by="103", at=NOON - 30, talks=None)
    call = acme.missed(DANA)
    assert because(acme, call, "in_touch") == "talking to 103 at that moment."


def test_a_call_back_shortly_before_is_named(acme: AcmeOffice) -> None:
    acme.called_back(DANA, at=NOON - 600)
    call = acme.missed(DANA)
    assert because(acme, call, "in_touch") == "called back 10 minutes before."


def test_a_block_is_told_with_its_note(acme: AcmeOffice) -> None:
    assert acme.run("block", DANA, "--note", "a supplier").exit_code == 0
    assert because(acme, acme.missed(DANA), "blocked").startswith("blocked by a person: a supplier (by ")


def test_a_number_that_cant_be_texted_says_why(acme: AcmeOffice) -> None:
    call = acme.missed("8005550199")
    assert because(acme, call, "not_textable") == "it is a toll-free number."


def test_a_short_ring_says_how_short(acme: AcmeOffice) -> None:
    call = acme.missed(DANA, rang=1.5, reason=Reason.ABANDONED)
    assert because(acme, call, "short_ring") == "after 1.5 s."


def test_a_withheld_number_shows_nowhere(acme: AcmeOffice) -> None:
    call = acme.missed(DANA, presentation=Presentation.WITHHELD)
    printed = acme.run("explain", call).stdout
    assert "A caller who withheld the number" in printed and DANA not in printed


def test_a_name_full_of_control_characters_is_told_without_them(acme: AcmeOffice) -> None:
    call = acme.missed(DANA, name="\x1b[2Jevil\x07")
    printed = acme.run("explain", call).stdout
    assert "evil" in printed and "\x1b" not in printed and "\x07" not in printed


def test_later_calls_of_the_caller_are_part_of_the_story(acme: AcmeOffice) -> None:
    call = acme.missed(DANA)
    acme.answered(DANA, at=NOON + 900, by="102")
    assert acme.rows("explain", call)[-1]["words"] == "The caller called again (call 2, answered by 102)."


def test_an_urgent_callers_story_tells_who_was_asked_who_took_it_and_whether_the_promise_was_kept(
    tmp_path: Path,
) -> None:
    acme = AcmeOffice(tmp_path, staff=("Tim", "+12025550177"))
    call = acme.missed(DANA)
    acme.reply(DANA, "URGENT", at=NOON + 300)
    acme.reply("+12025550177", "OK", at=NOON + 330)
    acme.called_back(DANA, at=NOON + 400)
    acme.write(go_on, acme.office, NOON + 700)
    told = acme.run("explain", call).stdout
    for words in ("Tim was asked to take the caller.", "Tim took the caller.", "talked to the caller, in the promised"):
        assert words in told
