"""A gap filled from CEL: the same calls, told as the live events told them."""

from pathlib import Path

import pytest

from agent.pbx.records import RecordsTrouble
from storage.vocabulary import Direction, Reason
from tests.unit.agent.pbx.asterisk.recorded import RECORDED, Recorded, Where, read, written

NO_ROW = {("restart_gracefully", "refused")}
"""Refused while Asterisk waits to restart: no channel, so no record of any kind."""
CALLER_AS_RECEIVED = {
    "number_national": "2025550143",
    "anonymous_pai_freepbx": "+12025550143",  # asserted, though withheld: records don't tell
    "weird_newline_user": "+12025550143\r\nEvent",
}
REASON_UNTOLD = {
    "phone_silent": Reason.NO_ANSWER,  # CEL has no ringing
    "restart_now": Reason.NO_ANSWER,  # an orderly stop clears a call like a ring that nobody took
    "restart_term": Reason.NO_ANSWER,
    "conference_alone": Reason.OTHER,
}
BORN = 1795503017


@pytest.mark.parametrize("recorded", RECORDED.values(), ids=lambda recorded: recorded.stream)
def test_every_call_comes_out_of_its_records_as_it_really_was(tmp_path: Path, recorded: Recorded) -> None:
    calls = read(written(tmp_path, recorded.cel))

    truths = [truth for truth in recorded.calls if (recorded.stream, truth.outcome) not in NO_ROW]
    assert len(calls) == len(truths)
    for call, truth in zip(calls, truths, strict=True):
        assert call.direction == truth.direction
        assert (call.answered_at is not None) == truth.human_answered
        assert call.number == CALLER_AS_RECEIVED.get(recorded.stream, truth.caller)
        assert call.dialled == truth.did
        if call.direction is Direction.INBOUND and not truth.human_answered:
            assert call.reason == REASON_UNTOLD.get(recorded.stream, truth.reason)
        else:
            assert call.reason is None
        assert call.ended_at is not None
        assert call.withheld is None


def test_times_are_those_of_the_records(tmp_path: Path) -> None:
    [call] = read(written(tmp_path, RECORDED["answered"].cel))

    assert call.started_at == 1795502487.570  # 06:41:27.570
    assert call.first_ringing_at == pytest.approx(call.started_at, abs=0.01)
    assert call.answered_at == pytest.approx(1795502490.577, abs=0.01)
    assert call.ended_at == pytest.approx(1795502494.583, abs=0.01)
    assert call.answered_by == "101"


def row(kind: str, at: float, leg: str, channel: str, *, exten: str = "s", number: str = "", extra: str = "") -> str:
    """A row as cel.conf writes it with no dateformat, for a call of leg BORN.4."""
    context = "from-trunk" if channel.startswith("PJSIP/trunk") else "from-internal"
    call = f"{BORN}.{leg}" if leg in ("4", "0") else f"{BORN}.4"
    born = BORN if leg != "0" else BORN + 90
    call = f"{born}.{leg}" if leg in ("4", "0") else call
    fields = [kind, f"{at:.6f}", "", number, "", "", "", exten, context, channel, "", "", "3", ""]
    fields += [f"{born}.{leg}", call, "", "", "", extra.replace('"', '""')]
    return ",".join(f'"{field}"' for field in fields) + "\n"


RINGING_WHEN_IT_DIED = row(
    "CHAN_START", BORN + 0.5, "4", "PJSIP/trunk-00000004", exten="+12025550101", number="+12025550143"
) + row("CHAN_START", BORN + 0.6, "5", "PJSIP/101-00000005")
CALL_AFTER_THE_RESTART = row(
    "CHAN_START", BORN + 90.5, "0", "PJSIP/trunk-00000000", exten="+12025550101", number="+12025550144"
)


def test_a_call_is_cut_off_where_the_pbx_began_to_count_anew(tmp_path: Path) -> None:
    path = written(tmp_path, RINGING_WHEN_IT_DIED + CALL_AFTER_THE_RESTART)

    [cut_off] = read(path, BORN + 60, BORN + 95)

    assert cut_off.number == "+12025550143"
    assert cut_off.reason is Reason.PBX_STOPPED
    assert cut_off.ended_at == BORN + 0.6


def test_a_call_without_an_end_is_cut_off_once_nothing_is_heard_of_it(tmp_path: Path) -> None:
    path = written(tmp_path, RINGING_WHEN_IT_DIED)

    assert read(path, BORN, BORN + 10) == []
    [cut_off] = read(path, BORN, BORN + 120)
    assert cut_off.reason is Reason.PBX_STOPPED


def test_a_phone_leg_called_by_the_pbx_itself_is_no_caller(tmp_path: Path) -> None:
    click_to_call = row("CHAN_START", BORN, "4", "PJSIP/trunk-00000004") + row(
        "HANGUP", BORN + 9, "4", "PJSIP/trunk-00000004", extra='{"hangupcause":16,"hangupsource":"","dialstatus":""}'
    )

    assert read(written(tmp_path, click_to_call)) == []


def test_do_not_disturb_is_no_ringing(tmp_path: Path) -> None:
    refused = row("HANGUP", BORN + 0.9, "5", "PJSIP/101-00000005", extra='{"hangupcause":19}')
    end = row("HANGUP", BORN + 1, "4", "PJSIP/trunk-00000004", extra='{"hangupcause":19,"dialstatus":"NOANSWER"}')

    [call] = read(written(tmp_path, RINGING_WHEN_IT_DIED + refused + end))

    assert call.reason is Reason.UNREACHABLE
    assert call.first_ringing_at is None


def test_a_trunk_may_be_told_by_its_channel(tmp_path: Path) -> None:
    elsewhere = Where(inbound_contexts=("nothing",), trunk_channels=("PJSIP/trunk-*",))

    [call] = read(written(tmp_path, RECORDED["no_answer"].cel), where=elsewhere)

    assert call.direction is Direction.INBOUND


def test_a_mapping_that_hides_conversations_is_refused(tmp_path: Path) -> None:
    without_extra = "".join(
        line.rsplit(',"{', 1)[0] + "\n" if ',"{' in line else line
        for line in RECORDED["answered"].cel.splitlines(keepends=True)
    )

    with pytest.raises(RecordsTrouble, match="eventextra"):
        read(written(tmp_path, without_extra))
