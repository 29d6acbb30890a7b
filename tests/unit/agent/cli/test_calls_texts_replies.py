"""Looking back: calls, texts and replies, for people and for scripts."""

import csv
import io
import sqlite3
from pathlib import Path

import pytest

from storage.vocabulary import Reason, TextState
from tests.office import DANA, NOON, SAM, AcmeOffice

ALL = ("--days", 99_999)
NASTY = "\x1b]0;owned\x07\x9b2J\u202eevil"


@pytest.fixture
def acme(tmp_path: Path) -> AcmeOffice:
    return AcmeOffice(tmp_path)


def test_texts_show_newest_first_to_whom_what_and_how_far_they_came(acme: AcmeOffice) -> None:
    acme.missed(DANA, name="DANA SMITH")
    acme.missed(SAM, at=NOON + 60)
    states = (TextState.SENDING, TextState.ACCEPTED, TextState.FAILED)
    acme.text_came_to(*states, at=NOON + 30, note="the handset couldn't be reached", code="30003")
    shown = acme.run("texts", *ALL).stdout.splitlines()
    assert SAM in shown[1] and "queued" in shown[1] and "Hi there, this is Acme Plumbing." in shown[1]
    assert DANA in shown[2] and "failed (unreachable, code 30003)" in shown[2] and "Hi Dana," in shown[2]


def test_a_script_gets_each_text_with_its_call_and_the_providers_code(acme: AcmeOffice) -> None:
    call = acme.missed(DANA)
    acme.text_came_to(TextState.SENDING, TextState.ACCEPTED, TextState.FAILED, at=NOON + 30, code="30003")
    [text] = acme.rows("texts", *ALL)
    found = {key: text[key] for key in ("call_id", "number", "state", "sid", "code", "kind", "segments", "created_at")}
    assert found == {
        "call_id": call, "number": DANA, "state": "failed", "sid": "SM1", "code": "30003", "kind": "first",
        "segments": 1, "created_at": NOON + 24.5,
    }  # fmt: skip


def test_texts_of_one_state_are_found_among_many_others(acme: AcmeOffice) -> None:
    acme.missed(DANA)
    acme.text_came_to(TextState.CANCELLED, at=NOON + 30)
    acme.missed(SAM, at=NOON + 60)
    assert [row["number"] for row in acme.rows("texts", *ALL, "--state", "cancelled", "--limit", 1)] == [DANA]
    assert acme.run("texts", "--state", "lost").exit_code == 2


def test_what_is_older_than_the_days_asked_for_is_left_out(acme: AcmeOffice) -> None:
    acme.missed(DANA)
    assert acme.run("texts", "--days", 1).stdout == "No texts in this time.\n"
    assert acme.run("replies", "--days", 1).stdout == "No replies in this time.\n"


def test_a_call_to_somebody_who_does_not_answer_is_over_all_the_same(acme: AcmeOffice) -> None:
    acme.called_back(DANA, in_vain=True)
    [_, shown] = acme.run("calls", *ALL).stdout.splitlines()
    assert "not answered" in shown and "in progress" not in shown


def test_replies_show_who_wrote_what_and_which_are_opt_outs(acme: AcmeOffice) -> None:
    acme.reply(DANA, "9am is fine")
    acme.reply(SAM, "STOP", at=NOON + 400)
    shown = acme.run("replies", *ALL).stdout.splitlines()
    assert SAM in shown[1] and "opts out" in shown[1] and "STOP" in shown[1]
    assert DANA in shown[2] and "9am is fine" in shown[2] and "opts" not in shown[2]
    assert [row["meaning"] for row in acme.rows("replies", *ALL)] == ["opt_out", "other"]


def test_replies_show_what_they_are_about(acme: AcmeOffice) -> None:
    acme.reply(DANA, "water is pouring through the ceiling")
    assert [row["intent"] for row in acme.rows("replies", *ALL)] == ["urgent"]
    assert "URGENT" in acme.run("replies", *ALL).stdout


@pytest.mark.parametrize("form", [(), ("--json",), ("--csv",)])
def test_what_a_caller_writes_never_commands_the_terminal(acme: AcmeOffice, form: tuple[str, ...]) -> None:
    acme.missed(DANA, name=NASTY)
    acme.reply(DANA, f"hello {NASTY}")
    for command in ("calls", "texts", "replies"):
        printed = acme.run(command, *ALL, *form).stdout
        assert printed and all(letter.isprintable() for letter in printed.replace("\r\n", "\n").replace("\n", ""))


def test_a_reply_of_several_lines_stays_on_its_row_and_whole_in_csv(acme: AcmeOffice) -> None:
    acme.reply(DANA, "Tuesday\nor Wednesday")
    assert "Tuesday or Wednesday" in acme.run("replies", *ALL).stdout
    [row] = csv.DictReader(io.StringIO(acme.run("replies", *ALL, "--csv").stdout, newline=""))
    assert row["body"] == "Tuesday\nor Wednesday"


def test_a_reply_that_is_a_formula_is_harmless_in_a_spreadsheet(acme: AcmeOffice) -> None:
    acme.reply(DANA, '=HYPERLINK("http://evil")')
    [row] = csv.DictReader(io.StringIO(acme.run("replies", *ALL, "--csv").stdout))
    assert row["body"].startswith("'=")
    assert row["number"] == DANA


def test_callers_to_call_back_are_those_nobody_has_talked_to_since(acme: AcmeOffice) -> None:
    acme.missed(DANA)
    acme.missed(SAM, reason=Reason.VOICEMAIL, at=NOON + 60)
    acme.called_back(DANA, at=NOON + 600)
    assert [row["caller"] for row in acme.rows("calls", "--missed", *ALL)] == [SAM]


def test_without_a_ledger_it_is_said_that_nothing_has_run_yet(acme: AcmeOffice) -> None:
    result = acme.run("texts")
    assert result.exit_code == 1
    assert "There is no ledger at" in result.stderr and result.stdout == ""


def test_a_file_that_is_no_ledger_and_one_that_is_being_made_are_told_apart(acme: AcmeOffice) -> None:
    acme.path.write_bytes(b"not a database at all" * 100)
    result = acme.run("calls")
    assert result.exit_code == 1 and "file is not a database" in result.stderr
    acme.path.unlink()
    sqlite3.connect(acme.path).close()
    result = acme.run("calls")
    assert result.exit_code == 1 and "is being made at this moment" in result.stderr
