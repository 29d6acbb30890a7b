"""A gap filled from CDR, whose rows lie: what it can tell is told, what it can't is not made up."""

from pathlib import Path

import pytest

from storage.vocabulary import Direction, Reason
from tests.unit.agent.pbx.asterisk.recorded import RECORDED, Recorded, Where, read, written

LOOKS_ANSWERED = {"queue_agent_drops"}
LOOKS_MISSED = {("snap_conference", "internal")}
NO_ROW = {("restart_gracefully", "+12025550144"), ("pickup", "103"), ("unregistered", "+12025550143")}
"""By caller: refused while Asterisk waits to restart; picked up, which only the caller's row shows; nobody rung."""
NUMBER_REWRITTEN = {
    "number_national",
    "anonymous_pai_freepbx",
    "weird_newline_user",
    "callerid_rewritten",
    "outbound_answered",
    "outbound_no_answer",
    "called_back",
}


@pytest.mark.parametrize("recorded", RECORDED.values(), ids=lambda recorded: recorded.stream)
def test_who_talked_and_who_did_not(tmp_path: Path, recorded: Recorded) -> None:
    calls = read(written(tmp_path, recorded.cdr)) if recorded.cdr else []

    truths = [truth for truth in recorded.calls if (recorded.stream, truth.caller) not in NO_ROW]
    assert len(calls) == len(truths)
    for call, truth in zip(calls, truths, strict=True):
        answered = truth.human_answered or recorded.stream in LOOKS_ANSWERED
        assert call.direction == truth.direction
        if (recorded.stream, truth.direction) not in LOOKS_MISSED:
            assert (call.answered_at is not None) == answered
        assert call.dialled in ("", truth.did) or call.direction is not Direction.INBOUND
        assert call.number == truth.caller or recorded.stream in NUMBER_REWRITTEN
        assert (call.reason is None) == (answered or call.direction is not Direction.INBOUND)


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        ("no_answer", Reason.NO_ANSWER),
        ("abandoned_2s", Reason.ABANDONED),
        ("busy", Reason.BUSY),
        ("rg_all_busy", Reason.BUSY),
        ("voicemail_message", Reason.VOICEMAIL),
        ("rg_voicemail", Reason.VOICEMAIL),
        ("queue_abandoned", Reason.QUEUE_ABANDONED),
        ("ivr_hangup_inside", Reason.MENU_ABANDONED),
        ("cdrall_unregistered", Reason.UNREACHABLE),
        ("park_direct_abandoned", Reason.OTHER),
    ],
)
def test_reasons_as_far_as_a_cdr_tells_them(tmp_path: Path, stream: str, reason: Reason) -> None:
    [call] = read(written(tmp_path, RECORDED[stream].cdr))

    assert call.reason is reason


def test_a_ring_group_is_one_call_with_all_its_phones(tmp_path: Path) -> None:
    [call] = read(written(tmp_path, RECORDED["rg_second_answers"].cdr))

    assert call.answered_by == "102"
    assert sorted(phone.phone for phone in call.phones) == ["101", "102", "103"]
    assert [phone.phone for phone in call.phones if phone.joined_at is not None] == ["102"]


def test_a_withheld_call_over_a_trunk_counts_even_if_no_context_tells(tmp_path: Path) -> None:
    [call] = read(written(tmp_path, RECORDED["anonymous"].cdr), where=Where(("no-such-context",)))

    assert call.direction is Direction.INBOUND
    assert call.number == "anonymous"


def test_a_line_break_in_a_number_makes_no_second_call(tmp_path: Path) -> None:
    [call] = read(written(tmp_path, RECORDED["weird_newline_user"].cdr + RECORDED["weird_newline_user"].cdr))

    assert call.number == "+12025550143\r\nEvent"
