"""`secondring record`: what the PBX said, so that it can be judged again."""

import asyncio
import gzip
import json
import math
from collections import Counter
from pathlib import Path

import pytest

from agent.cli.record import Recorder
from agent.config.load import default_settings, load
from agent.demo.plan import PlannedCall
from agent.demo.player import Player
from agent.office import Office
from agent.pbx.asterisk.tape import AsteriskTape
from agent.pbx.tape import TraceFile
from agent.pbx.trace import read_trace
from agent.replay import Replay, as_json
from tests.office import AcmeOffice

PLAN = (
    PlannedCall(0.0, "no_answer", caller="+12025550143", name="DANA SMITH"),
    PlannedCall(0.1, "answered", caller="+12025550144"),
    PlannedCall(0.2, "voicemail_message", caller="+12025550145", withheld=True),
)


async def recorded(folder: Path, name: str, *, mask: bool = False, cuts: tuple[int, ...] = ()) -> Path:
    """The plan, played at once by a player and recorded until it has hung up."""
    async with Player(PLAN, secret="the-secret", speed=math.inf, cuts=cuts) as player:
        player.pause()
        acme = AcmeOffice(folder, pbx=f"port = {player.port}")
        out = TraceFile(folder / name)
        recorder = Ears(load(acme.config, {}), out, mask)
        recording = asyncio.create_task(recorder.run(None))
        await recorder.live.wait()
        player.resume()
        await player.finished()
        player.cut()
        await recorder.closed.wait()
        recorder.stop()
        assert await recording is None
    out.close()
    return folder / name


class Ears(Recorder):
    """A recorder that tells when it is live, and when the PBX has closed the link for good."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.live, self.closed = asyncio.Event(), asyncio.Event()

    def linked(self, seconds_away: float | None) -> None:
        super().linked(seconds_away)
        self.live.set()

    def unlinked(self, trouble: Exception) -> None:
        super().unlinked(trouble)  # type: ignore[arg-type]
        self.closed.set()


def judged(path: Path) -> dict[str, tuple[object, object]]:
    office = Office.of(default_settings(), shadow=False)
    rows = [as_json("", row, office) for row in Replay(read_trace(path), office, ("from-trunk*",), ()).run()]
    return {str(row["caller"]): (row["reason"] or "answered", row["rule"]) for row in rows}


async def test_a_recording_replays_with_the_answers_about_withheld_numbers(tmp_path: Path) -> None:
    trace = await recorded(tmp_path, "day.jsonl")
    assert judged(trace) == {
        "+12025550143": ("no_answer", "text"),
        "+12025550144": ("answered", "answered"),
        "None": ("voicemail", "withheld"),
    }


async def test_a_masked_recording_names_nobody_and_is_judged_the_same(tmp_path: Path) -> None:
    trace = await recorded(tmp_path, "day.jsonl.gz", mask=True)
    text = gzip.decompress(trace.read_bytes()).decode()
    assert "DANA SMITH" not in text and not any(f"202555014{n}" in text for n in (3, 4, 5))
    assert sorted(judged(trace).values()) == [
        ("answered", "answered"), ("no_answer", "text"), ("voicemail", "withheld"),
    ]  # fmt: skip


async def test_the_file_tells_what_pbx_it_was_and_no_secret(tmp_path: Path) -> None:
    trace = await recorded(tmp_path, "day.jsonl")
    header = json.loads(trace.read_text().splitlines()[0])
    assert (header["pbx"], header["version"], header["inbound_contexts"][0]) == ("asterisk", "22.10.1", "from-pstn*")
    assert "the-secret" not in trace.read_text()
    assert trace.stat().st_mode & 0o777 == 0o600


async def test_lists_and_pongs_are_left_out(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in (await recorded(tmp_path, "day.jsonl")).read_text().splitlines()[1:]]
    events = Counter(dict(line["event"])["Event"] for line in lines if "event" in line)
    assert events["Newchannel"] and events["Hangup"] and not events["Status"] and not events["StatusComplete"]
    assert {dict(line["to"])["Action"] for line in lines if "reply" in line} == {"Getvar"}


def test_without_a_pbx_there_is_a_reason_and_no_file(tmp_path: Path) -> None:
    acme = AcmeOffice(tmp_path, pbx='host = "127.0.0.1"\nport = 9')
    result = acme.run("record", tmp_path / "day.jsonl")
    assert result.exit_code == 1
    assert result.stderr.startswith("The PBX can't be reached at 127.0.0.1:9")
    assert not (tmp_path / "day.jsonl").exists()


def test_a_file_that_is_there_isnt_touched(tmp_path: Path) -> None:
    (tmp_path / "day.jsonl").write_text("precious")
    result = AcmeOffice(tmp_path).run("record", tmp_path / "day.jsonl")
    assert result.exit_code == 1 and "File exists" in result.stderr
    assert (tmp_path / "day.jsonl").read_text() == "precious"


@pytest.mark.parametrize("line", ["CallerIDNum: \udcff\udcfe", "no header at all", "Name: Ren\u00e9e \U0001f4de"])
def test_whatever_bytes_came_are_read_back_as_they_were(tmp_path: Path, line: str) -> None:
    tape, out = AsteriskTape(), TraceFile(tmp_path / "odd.jsonl")
    out.begin("asterisk", "", 0.0, ())
    frame = f"Event: Newstate\r\n{line}\r\nX: y\r\n\r\n".encode("utf-8", "surrogateescape")
    for taped in tape.heard(b"Asterisk Call Manager/11.0.0\r\n" + frame):
        out.add(0.5, taped)
    out.close()
    [entry] = read_trace(tmp_path / "odd.jsonl").entries
    assert [": ".join(pair).rstrip(": ") for pair in entry.headers] == ["Event: Newstate", line, "X: y"]
