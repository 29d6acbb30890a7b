"""A gap filled from FreeSWITCH's own records, of whichever kind, judged by what truly happened."""

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.calls.past import calls_over
from agent.calls.verdicts import Call
from agent.pbx.freeswitch.dialect import Dialect
from agent.pbx.records import RecordsTrouble
from storage.vocabulary import Direction, Reason
from tests.unit.agent.pbx.freeswitch.recorded import RECORDS, Where, master, read, rows_of, write_json, write_xml
from tests.unit.agent.pbx.freeswitch.socket_end import STREAMS, TRACES, stream

Row = dict[str, object]
Writer = Callable[[Path, str], Path]

KINDS: dict[str, Writer] = {
    "json": lambda folder, name: write_json(folder, name, b_legs=True),
    "json, quoted": lambda folder, name: write_json(folder, name, b_legs=True, quoted=True),
    "json without b-legs": lambda folder, name: write_json(folder, name, b_legs=False),
    "xml": write_xml,
}


def truth(name: str) -> list[Row]:
    calls: list[Row] = json.loads((TRACES / "streams" / f"{name}.truth.json").read_text())["calls"]
    return sorted(calls, key=lambda call: float(str(call["start_offset"])))


NO_RECORD = {"pickup"}
"""Where the caller's leg ends as one that was dialled: picked up, he has a record only where b-legs have."""
ANSWER_LOST = {"blind_transfer_unanswered"}
"""Where a table looks as if nobody had answered: it tells of the last step of a call's way alone."""


def judge(name: str, calls: list[Call], *, lost: bool = False) -> None:
    """Nobody is missing, nobody told twice, and everyone answered who was. `lost`: the answer can't be seen."""
    inbound = [call for call in calls if call.direction is Direction.INBOUND]
    truths = [call for call in truth(name) if call["direction"] == "inbound"]
    assert len(inbound) == len(truths), [(call.number, call.reason) for call in calls]
    for call, true in zip(inbound, truths, strict=True):
        assert (call.answered_at is not None) is (true["human_answered"] and not lost), call


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", STREAMS)
def test_who_talked_and_who_did_not(tmp_path: Path, name: str, kind: str) -> None:
    calls = read(KINDS[kind](tmp_path, name))
    if name in NO_RECORD and kind == "json without b-legs":
        assert all(call.reason is None for call in calls)
    else:
        judge(name, calls)


@pytest.mark.parametrize("name", STREAMS)
def test_a_table_tells_the_same_as_far_as_it_can(tmp_path: Path, name: str) -> None:
    (tmp_path / "Master.csv").write_text(rows_of(name))
    calls = read(tmp_path / "Master.csv")
    if name in NO_RECORD:
        assert all(call.reason is None for call in calls)
    else:
        judge(name, calls, lost=name in ANSWER_LOST)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [name for name in STREAMS if name not in NO_RECORD])
def test_the_reason_is_the_one_that_was_seen_live(tmp_path: Path, name: str, kind: str) -> None:
    dialect = Dialect(Where.inbound_contexts)
    live = calls_over(((t, said) for t, event in stream(name) for said in dialect.translate(dict(event))), 0.0, 4e9)
    told = {call.id: call.reason for call in read(KINDS[kind](tmp_path, name)) if call.direction is Direction.INBOUND}
    assert told == {call.id: call.reason for call in live if call.direction is Direction.INBOUND}


def test_the_real_files_are_read(tmp_path: Path) -> None:
    for kind in ("json", "xml"):
        folder = tmp_path / kind
        folder.mkdir()
        for packed in RECORDS.glob(f"*.{kind}.gz"):
            (folder / packed.name.removesuffix(".gz")).write_bytes(gzip.decompress(packed.read_bytes()))
        calls = read(folder)
        assert [(call.number, call.dialled, call.reason) for call in calls if call.direction is Direction.INBOUND] == [
            ("+12025550167", "+12025550123", Reason.NO_ANSWER),
            ("+12025550143", "+12025550102", Reason.VOICEMAIL),
        ]


def test_a_whole_table_has_each_caller_once(tmp_path: Path) -> None:
    """Of 159 real rows 39 are of agents and loopbacks, and hold the caller's number."""
    (tmp_path / "Master.csv").write_text(master())
    inbound = [call for call in read(tmp_path / "Master.csv") if call.direction is Direction.INBOUND]
    began = [(call.number, round(call.started_at)) for call in inbound]
    assert len(began) == len(set(began))
    in_public = [line for line in master().splitlines() if '","public","' in line]
    assert len(inbound) >= len(in_public)
    an_agent = "f2604cdf-ed6b-4bcf-8170-acffc48b39fc"
    assert an_agent not in {call.id for call in inbound}


@pytest.mark.parametrize(
    ("dead", "alive"),
    [
        ("cut.cdr.json", b'{"variables": {"uuid": "x", "start_uepoch": "1'),
        ("list.cdr.json", b"[1, 2]"),
        ("empty.cdr.json", b""),
        ("wrong.cdr.json", b'{"variables": {"uuid": 7, "start_uepoch": [], "end_uepoch": {}}, "callflow": 3}'),
        ("deep.cdr.json", b"[" * 100_000),
    ],
)
def test_a_broken_file_is_passed_over(tmp_path: Path, dead: str, alive: bytes) -> None:
    write_json(tmp_path, "no_answer", b_legs=True)
    (tmp_path / dead).write_bytes(alive)
    judge("no_answer", read(tmp_path))


def test_an_entity_bomb_is_passed_over(tmp_path: Path) -> None:
    write_xml(tmp_path, "no_answer")
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><cdr>&c;</cdr>'
    (tmp_path / "bomb.cdr.xml").write_text(bomb)
    judge("no_answer", read(tmp_path))


def test_a_number_with_a_line_break_stays_one_number_in_every_kind(tmp_path: Path) -> None:
    for kind, write in (KINDS | {"table": _table}).items():
        folder = tmp_path / kind
        folder.mkdir()
        [call] = read(write(folder, "weird_caller"))
        assert call.number == "+12025550143\nUnique-ID: evil", kind


def _table(folder: Path, name: str) -> Path:
    (folder / "Master.csv").write_text(rows_of(name))
    return folder


def test_only_calls_that_ended_in_the_gap_are_told(tmp_path: Path) -> None:
    (tmp_path / "Master.csv").write_text(master())
    every = read(tmp_path / "Master.csv")
    middle = every[len(every) // 2].ended_at
    assert middle is not None
    later = read(tmp_path / "Master.csv", since=middle)
    assert 0 < len(later) < len(every)
    assert all(call.ended_at is not None and call.ended_at >= middle for call in later)


def test_a_table_that_was_rotated_in_the_gap_is_read_with_the_new_one(tmp_path: Path) -> None:
    (tmp_path / "Master.csv.2026-11-23-08-56-00").write_text(rows_of("no_answer"))
    (tmp_path / "Master.csv").write_text(rows_of("busy"))
    assert [call.reason for call in read(tmp_path)] == [Reason.NO_ANSWER, Reason.BUSY]


def test_a_long_table_is_read_from_its_end(tmp_path: Path) -> None:
    row = '"A","+13125550{0:03d}","+12025550101","public","2020-01-01 00:00:00","","2020-01-01 00:00:03","3","0",'
    row += '"ORIGINATOR_CANCEL","old-{0}","","","PCMU","PCMU"\n'
    old = "".join(row.format(count) for count in range(1000)) * 20
    (tmp_path / "Master.csv").write_text(old + rows_of("no_answer"))
    judge("no_answer", read(tmp_path / "Master.csv", since=1795423900.0))


class TestWhichRecords:
    """The better kind is taken where it goes on to the gap; what isn't there is said."""

    def test_files_of_json_before_those_of_xml_before_a_table(self, tmp_path: Path) -> None:
        for name in ("json_cdr", "xml_cdr", "cdr-csv"):
            (tmp_path / name).mkdir()
        write_json(tmp_path / "json_cdr", "no_answer", b_legs=True)
        write_xml(tmp_path / "xml_cdr", "busy")
        (tmp_path / "cdr-csv" / "Master.csv").write_text(rows_of("answered"))
        judge("no_answer", read(tmp_path))

    def test_a_kind_that_was_given_up_long_ago_is_not_taken(self, tmp_path: Path) -> None:
        (tmp_path / "json_cdr").mkdir()
        (tmp_path / "cdr-csv").mkdir()
        write_json(tmp_path / "json_cdr", "answered", b_legs=True)
        for path in (tmp_path / "json_cdr").iterdir():
            os.utime(path, (1.6e9, 1.6e9))
        (tmp_path / "cdr-csv" / "Master.csv").write_text(rows_of("no_answer"))
        judge("no_answer", read(tmp_path, since=1.7e9))

    def test_folders_that_rotation_makes_are_read_too(self, tmp_path: Path) -> None:
        deeper = tmp_path / "json_cdr" / "2026-11-23-08-00-00"
        deeper.mkdir(parents=True)
        write_json(deeper, "no_answer", b_legs=True)
        judge("no_answer", read(tmp_path))

    def test_an_office_that_had_no_call_yet_has_none(self, tmp_path: Path) -> None:
        (tmp_path / "json_cdr").mkdir()
        assert read(tmp_path) == []

    def test_no_records_at_all_is_told_with_what_to_do(self, tmp_path: Path) -> None:
        with pytest.raises(RecordsTrouble, match="mod_json_cdr"):
            read(tmp_path)

    def test_a_table_in_another_template_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "Master.csv").write_text('INSERT INTO cdr VALUES ("x","y");\n')
        with pytest.raises(RecordsTrouble, match="default-template"):
            read(tmp_path / "Master.csv")

    def test_a_folder_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(RecordsTrouble):
            read(tmp_path / "nowhere")


def test_a_call_the_pbx_ended_a_moment_before_the_link_was_back_is_told(tmp_path: Path) -> None:
    write_json(tmp_path, "closed_message", b_legs=True)
    [call] = read(tmp_path)
    assert call.ended_at is not None
    assert [again.id for again in read(tmp_path, until=call.ended_at + 0.001)] == [call.id]
    [ended] = [json.loads(path.read_text())["variables"]["end_uepoch"] for path in tmp_path.iterdir()]
    assert call.ended_at == int(ended) / 1e6
