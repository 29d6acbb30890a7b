"""The files themselves: huge, torn, rotated, hostile, forbidden, in another time zone."""

import errno
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.pbx.asterisk.cdr import CDR
from agent.pbx.asterisk.cel import CEL
from agent.pbx.asterisk.record_files import Clock, Skipped, rows
from agent.pbx.records import RecordsTrouble
from tests.unit.agent.pbx.asterisk.recorded import RECORDED, read, written

MISSED, ANSWERED = RECORDED["no_answer"], RECORDED["answered"]


def test_only_calls_that_ended_in_the_gap_are_told(tmp_path: Path) -> None:
    path = written(tmp_path, MISSED.cel + ANSWERED.cel)
    [missed, answered] = read(path)
    assert missed.ended_at is not None
    assert answered.ended_at is not None

    assert read(path, since=missed.ended_at + 0.1) == [answered]
    assert read(path, until=answered.ended_at - 0.1) == [missed]


def test_a_huge_file_is_read_from_its_end(tmp_path: Path) -> None:
    old = MISSED.cel.replace("2026-11-24", "2026-11-20").encode()
    path = written(tmp_path, old * (40_000_000 // len(old)) + ANSWERED.cel.encode())
    gap = datetime(2026, 11, 24, tzinfo=UTC).timestamp()

    tracemalloc.start()
    calls = read(path, since=gap)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [call.answered_by for call in calls] == ["101"]
    assert peak < 4_000_000


@pytest.mark.parametrize("kind", ["cel", "cdr"])
def test_half_written_lines_are_left_out_and_the_rest_read(
    tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    whole = (MISSED.cel if kind == "cel" else MISSED.cdr).encode()
    torn = whole[: len(whole) // 3]
    hostile = b'"CHAN_START","20' + b"\xff\xfe\x00,,\n" + b'"' * 17 + b"\n" + torn + b"\n"

    [call] = read(written(tmp_path, hostile + whole + torn.splitlines()[0][:40]))

    assert call.number == MISSED.calls[0].caller
    assert "broken rows were left out" in caplog.text


def test_a_row_after_a_torn_one_may_hold_line_breaks(tmp_path: Path) -> None:
    [call] = read(written(tmp_path, MISSED.cel[:60] + "\n" + RECORDED["weird_newline_user"].cel))

    assert call.number == "+12025550143\r\nEvent"


NUMBERS = st.text(st.sampled_from("\"\n\r,;: +019aHANGUP'\\é\0"), max_size=79)


@settings(max_examples=150, deadline=None)
@given(NUMBERS)
def test_no_number_a_caller_sends_passes_for_a_row(tmp_path_factory: pytest.TempPathFactory, number: str) -> None:
    quoted = number.replace('"', '""')
    folder = tmp_path_factory.mktemp("records")
    for text, kind in ((MISSED.cel, CEL), (MISSED.cdr, CDR)):
        path = written(folder, text.replace("+12025550143", quoted))
        found = [fields for _, fields in rows(path, kind, 0.0, Clock(UTC), Skipped())]
        plain = [fields for _, fields in rows(written(folder, text), kind, 0.0, Clock(UTC), Skipped())]
        assert [fields[kind.leg] for fields in found] == [fields[kind.leg] for fields in plain]
        assert found[0][3 if kind is CEL else 1] == number


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=3000))
def test_garbage_never_raises_anything_but_its_own_trouble(
    tmp_path_factory: pytest.TempPathFactory, garbage: bytes
) -> None:
    path = written(tmp_path_factory.mktemp("records"), garbage + b"\n" + MISSED.cel.encode())

    assert [call.dialled for call in read(path)][-1:] == [MISSED.calls[0].did]


def test_the_log_folder_is_enough_and_cel_comes_first(tmp_path: Path) -> None:
    for name, text in (("cel-custom", ANSWERED.cel), ("cdr-csv", MISSED.cdr)):
        (tmp_path / name).mkdir()
        written(tmp_path / name, text)

    assert [call.answered_by for call in read(tmp_path)] == ["101"]


def test_cdr_is_read_where_cel_is_no_longer_written(tmp_path: Path) -> None:
    for name, text in (("cel-custom", ANSWERED.cel.replace("2026-11", "2026-01")), ("cdr-csv", MISSED.cdr)):
        (tmp_path / name).mkdir()
        written(tmp_path / name, text)

    [call] = read(tmp_path, since=datetime(2026, 11, 1, tzinfo=UTC).timestamp())

    assert call.reason is not None


@pytest.mark.parametrize("kind", ["cel", "cdr"])
def test_a_file_rotated_in_the_gap_is_read_too(tmp_path: Path, kind: str) -> None:
    (folder := tmp_path / {"cel": "cel-custom", "cdr": "cdr-csv"}[kind]).mkdir()
    before, after = (MISSED.cel, ANSWERED.cel) if kind == "cel" else (MISSED.cdr, ANSWERED.cdr)
    (folder / "Master.csv.1").write_text(before)
    for now in ("", after):
        written(folder, now)
        assert len(read(tmp_path)) == 1 + bool(now)


def test_wall_times_are_read_in_the_zone_of_the_box(tmp_path: Path) -> None:
    chicago = ZoneInfo("America/Chicago")
    local = MISSED.cdr.replace("2026-11-24 06:", "2026-11-24 00:")

    [there] = read(written(tmp_path, local), zone=chicago)
    [here] = read(written(tmp_path, MISSED.cdr))

    assert there.started_at == here.started_at


def test_the_hour_that_comes_twice_is_told_by_the_birth_of_the_leg() -> None:
    clock = Clock(ZoneInfo("America/Chicago"))
    first = datetime(2026, 11, 1, 6, 30, tzinfo=UTC).timestamp()

    assert clock.read("2026-11-01 01:30:00", f"{first - 5:.0f}.17") == first
    assert clock.read("2026-11-01 01:30:00", f"{first + 3595:.0f}.17") == first + 3600


@pytest.mark.parametrize("nonsense", ["", "yesterday", "9" * 400, "2026-13-40 00:00:00", "१२"])
def test_a_time_that_is_none(nonsense: str) -> None:
    assert Clock(ZoneInfo("Asia/Tokyo")).read(nonsense, "") is None


def test_a_forbidden_file_names_the_group_to_give(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, MISSED.cel)

    def forbidden(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)

    with pytest.raises(RecordsTrouble, match="SupplementaryGroups=asterisk"):
        read(path)


def test_what_is_not_there_or_no_record_says_so(tmp_path: Path) -> None:
    with pytest.raises(RecordsTrouble, match="No such file"):
        read(tmp_path / "nowhere")
    with pytest.raises(RecordsTrouble, match=r"cel-custom/Master\.csv"):
        read(tmp_path)
    with pytest.raises(RecordsTrouble, match="holds no records"):
        read(written(tmp_path, "a,b,c\n"))
    assert read(written(tmp_path, "")) == []
