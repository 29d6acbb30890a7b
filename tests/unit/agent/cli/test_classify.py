"""`secondring classify`: what is made of replies, one a line."""

import json

from click.testing import CliRunner

from agent.__main__ import cli


def classified(stdin: str | bytes) -> list[dict[str, object]]:
    result = CliRunner().invoke(cli, ["classify"], input=stdin)
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_each_line_is_one_reply_and_gets_one_object() -> None:
    rows = classified("STOP\nwho is this?\nwater everywhere, help!\ncan you stop by at 5?\n")
    assert [(row["text"], row["intent"], row["opt_out"], row["urgent"]) for row in rows] == [
        ("STOP", "opt_out", "yes", False),
        ("who is this?", "question", "doubtful", False),
        ("water everywhere, help!", "urgent", "no", True),
        ("can you stop by at 5?", "question", "no", False),
    ]


def test_the_words_that_spoke_loudest_are_told() -> None:
    [out, calm] = classified("please take me off your list\n9am is fine\n")
    assert any("off" in mark or "list" in mark for mark in out["because"])  # type: ignore[attr-defined]
    assert calm["because"] == []


def test_a_line_break_within_a_reply_is_written_as_backslash_n() -> None:
    assert [row["text"] for row in classified(r"Please call." + r"\n" + "Anna")] == ["Please call.\nAnna"]


def test_bytes_that_are_no_text_harm_nobody() -> None:
    assert [row["opt_out"] for row in classified(b"\xff\xfe\x00\nSTOP\r\n")] == ["no", "yes"]


def test_nothing_in_gives_nothing_out() -> None:
    assert classified("") == []
