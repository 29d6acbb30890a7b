"""What an admin does on a working day: opt-outs, blocks, pauses, a test text, a backup."""

import os
import sqlite3
from pathlib import Path

import pytest

from agent.cli.pause import read_until
from agent.control import socket_path
from storage.lock import Lock
from tests.office import DANA, NOON, AcmeOffice

CHICAGO = "America/Chicago"


@pytest.fixture
def acme(tmp_path: Path) -> AcmeOffice:
    return AcmeOffice(tmp_path)


def rule_of_next_call(acme: AcmeOffice, number: str = DANA) -> object:
    """Which rule decides the next missed call of that number."""
    call = acme.missed(number)
    return next(row["rule"] for row in acme.rows("calls", "--days", 99_999) if row["id"] == call)


def test_an_opt_out_by_phone_is_listed_with_its_evidence_and_obeyed(
    acme: AcmeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_USER", "jane")
    assert acme.run("optout", "add", "202-555-0143", "--note", "asked by phone").stdout == f"{DANA}: opted out.\n"
    [row] = acme.rows("optout", "list")
    assert (row["number"], row["source"], row["words"]) == (DANA, "admin", "asked by phone (by jane)")
    assert rule_of_next_call(acme) == "opted_out"


def test_a_lifted_opt_out_is_gone_from_the_list_and_stays_as_evidence(acme: AcmeOffice) -> None:
    acme.reply(DANA, "STOP")
    assert (
        acme.run("optout", "remove", DANA, "--note", "wrote that she wants texts").stdout
        == f"{DANA}: opt-out lifted.\n"
    )
    assert acme.run("optout", "list").stdout == "Nobody has opted out.\n"
    [row] = acme.rows("optout", "list", "--all")
    assert (row["words"], row["lifted_by"]) == ("STOP", "admin")
    assert str(row["lifted_words"]).startswith("wrote that she wants texts (by ")
    assert rule_of_next_call(acme) == "text"


def test_adding_twice_or_lifting_nothing_says_so(acme: AcmeOffice) -> None:
    assert acme.run("optout", "remove", DANA).stdout == f"{DANA}: was not opted out.\n"
    acme.run("optout", "add", DANA)
    assert acme.run("optout", "add", DANA).stdout == f"{DANA}: was opted out already.\n"


def test_who_may_have_opted_out_is_listed_and_not_texted_until_a_person_says_which(acme: AcmeOffice) -> None:
    acme.reply(DANA, "not interested")
    [row] = acme.rows("optout", "doubts")
    assert (row["number"], row["words"]) == (DANA, "not interested")
    assert "not interested" in acme.run("optout", "doubts").stdout
    assert rule_of_next_call(acme) == "in_doubt"
    assert acme.run("optout", "remove", DANA).stdout == f"{DANA}: no opt-out; it may be texted again.\n"
    assert acme.run("optout", "doubts").stdout == "Nothing is in doubt.\n"
    assert rule_of_next_call(acme) == "text"


def test_a_doubt_that_was_an_opt_out_is_added_as_one(acme: AcmeOffice) -> None:
    acme.reply(DANA, "go away")
    acme.run("optout", "add", DANA, "--note", "she meant it")
    assert acme.rows("optout", "doubts") == []
    assert rule_of_next_call(acme) == "opted_out"


@pytest.mark.parametrize("words", [("optout", "add"), ("block",), ("unblock",), ("test-text",)])
def test_what_is_no_number_is_wrong_usage(acme: AcmeOffice, words: tuple[str, ...]) -> None:
    result = acme.run(*words, "555-CALL")
    assert result.exit_code == 2
    assert '"555-CALL" is no phone number' in result.stderr


def test_a_blocked_number_is_listed_obeyed_and_unblocked(acme: AcmeOffice) -> None:
    acme.run("block", DANA, "--note", "a supplier")
    [row] = acme.rows("block", "--list")
    assert row["number"] == DANA and str(row["note"]).startswith("a supplier (by ")
    assert rule_of_next_call(acme) == "blocked"
    assert acme.run("unblock", DANA).stdout == f"{DANA}: unblocked.\n"
    assert acme.run("block", "--list").stdout == "No number is blocked.\n"
    assert acme.run("block").exit_code == 2


def test_a_pause_stops_texts_until_it_is_lifted(acme: AcmeOffice) -> None:
    assert acme.run("pause", "--note", "moving house").exit_code == 0
    assert rule_of_next_call(acme) == "line_off"
    assert acme.run("resume").stdout == "The pause is lifted.\n"
    assert rule_of_next_call(acme, "+12025550177") == "text"
    assert acme.run("resume").stdout == "Texting was not paused.\n"


def test_a_pause_says_when_it_ends_on_the_offices_clock(acme: AcmeOffice) -> None:
    shown = acme.run("pause", "--until", "2099-07-22 08:00").stdout
    assert shown.startswith("Texting is paused until Wed 22 Jul 08:00:00 (America/Chicago).")


def test_a_pause_until_what_is_no_time_or_over_is_wrong_usage(acme: AcmeOffice) -> None:
    for until in ("tomorrow", "2020-01-01 08:00", "0s", "25:00"):
        result = acme.run("pause", "--until", until)
        assert result.exit_code == 2 and "--until" in result.stderr


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("17:30", 5.5 * 3600),
        ("12:00", 86400.0),  # the clock shows it now, so tomorrow is meant
        ("08:00", 20 * 3600),
        ("2h", 7200.0),
        ("1h30m", 5400.0),
        ("2026-03-09 13:00", 3600.0),
        ("2026-03-09T19:00+00:00", 7200.0),
    ],
)
def test_times_are_read_on_the_offices_clock(text: str, after: float) -> None:
    assert read_until(text, CHICAGO, NOON) == NOON + after


def test_a_test_text_is_followed_until_the_provider_has_it(acme: AcmeOffice) -> None:
    with acme.agent() as console:
        result = acme.run("test-text", DANA)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"To {DANA}: Hi there, this is Acme Plumbing. Sorry we missed your call. Reply STOP to opt out.",
        "Queued.",
        "Being handed to the provider.",
        "The provider has taken it.",
    ]
    assert console.getvalue().startswith(f"text to {DANA}:")


def test_a_test_text_isnt_sent_to_a_number_that_opted_out(acme: AcmeOffice) -> None:
    acme.reply(DANA, "STOP")
    with acme.agent() as console:
        result = acme.run("test-text", DANA)
    assert result.exit_code == 1 and "opted out" in result.stderr
    assert console.getvalue() == ""


def test_a_test_text_in_shadow_mode_stays_here(tmp_path: Path) -> None:
    acme = AcmeOffice(tmp_path, sms='provider = "console"\nshadow = true')
    with acme.agent() as console:
        result = acme.run("test-text", DANA)
    assert result.exit_code == 0 and "Shadow mode is on" in result.stdout
    assert console.getvalue() == ""


def test_a_test_text_needs_a_running_agent_and_leaves_nothing_behind_without_one(acme: AcmeOffice) -> None:
    acme.missed("+12025550177")
    result = acme.run("test-text", DANA)
    assert result.exit_code == 1
    assert result.stderr == "The agent isn't running. Start it first: systemctl start secondring\n"
    assert [row["kind"] for row in acme.rows("texts", "--days", 99_999)] == ["first"]


def test_commands_go_through_the_running_agent(acme: AcmeOffice) -> None:
    with acme.agent(), Lock(acme.path):
        assert acme.run("block", DANA).exit_code == 0
    assert [row["number"] for row in acme.rows("block", "--list")] == [DANA]


def test_a_ledger_that_another_program_holds_isnt_written(acme: AcmeOffice) -> None:
    acme.missed()
    with Lock(acme.path):
        result = acme.run("block", DANA)
    assert result.exit_code == 1 and "only one may run with it" in result.stderr


def test_a_socket_without_an_agent_behind_it_is_no_agent(acme: AcmeOffice) -> None:
    acme.missed()
    with acme.agent():
        pass
    socket_path(acme.path).touch()
    assert acme.run("block", DANA).exit_code == 0


def test_a_backup_is_a_whole_ledger_that_only_its_owner_reads(acme: AcmeOffice, tmp_path: Path) -> None:
    acme.missed()
    copy = tmp_path / "copy.db"
    with acme.agent():
        result = acme.run("backup", copy)
    assert result.exit_code == 0 and result.stdout.startswith(f"{copy}: ") and "checked" in result.stdout
    assert copy.stat().st_mode & 0o777 == 0o600
    db = sqlite3.connect(copy)
    assert db.execute("SELECT caller FROM calls").fetchall() == [(DANA,)]
    db.close()
    assert [file.name for file in tmp_path.glob("*partial*")] == []


def test_a_backup_replaces_an_older_one_and_nothing_else(acme: AcmeOffice, tmp_path: Path) -> None:
    acme.missed()
    copy, letter = tmp_path / "copy.db", tmp_path / "letter.txt"
    acme.run("backup", copy)
    acme.missed("+12025550177", at=NOON + 60)
    assert acme.run("backup", copy).exit_code == 0
    db = sqlite3.connect(copy)
    assert db.execute("SELECT count(*) FROM calls").fetchone() == (2,)
    db.close()
    letter.write_text("Dear Dana")
    for target, complaint in (
        (letter, "no copy of a ledger"),
        (acme.path, "belongs to the ledger"),
        (tmp_path, "is no file"),
    ):
        result = acme.run("backup", target)
        assert result.exit_code == 1 and complaint in result.stderr
    assert letter.read_text() == "Dear Dana"
    assert acme.run("calls").exit_code == 0


def test_a_backup_into_a_folder_that_isnt_there_says_so(acme: AcmeOffice, tmp_path: Path) -> None:
    acme.missed()
    result = acme.run("backup", tmp_path / "nowhere" / "copy.db")
    assert result.exit_code == 1 and "can't be written" in result.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root acts for somebody else")
def test_what_root_makes_in_the_services_folder_belongs_to_the_service(acme: AcmeOffice) -> None:
    service = 1
    os.chown(acme.path.parent, service, service)
    assert acme.run("block", DANA).exit_code == 0
    assert {file.stat().st_uid for file in acme.path.parent.iterdir()} == {service}
