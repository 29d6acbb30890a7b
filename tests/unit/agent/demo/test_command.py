"""`python -m agent.demo.player`: one command starts either PBX."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.demo.player import main


@pytest.mark.parametrize("pbx", ["asterisk", "freeswitch"])
def test_a_plan_is_played_through_and_its_truth_written(pbx: str, tmp_path: Path) -> None:
    plan, truth = tmp_path / "plan", tmp_path / "truth"
    plan.write_text('{"start": 0, "trace": "busy", "caller": "+12025550150"}\n{"start": 1, "trace": "answered"}\n')
    told = CliRunner().invoke(
        main, ["--pbx", pbx, "--plan", str(plan), "--truth", str(truth), "--speed", "0", "--now", "--linger", "0"]
    )
    assert told.exit_code == 0, told.output
    assert told.output.startswith("port ") and "played 2 calls" in told.output
    rows = [json.loads(line) for line in truth.read_text().splitlines()]
    assert {(row["trace"], row["reason"]) for row in rows} == {("busy", "busy"), ("answered", None)}


@pytest.mark.parametrize(("pbx", "trace"), [("asterisk", "voicemail"), ("freeswitch", "voicemail_message")])
def test_a_recording_of_the_other_pbx_is_unknown(pbx: str, trace: str, tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    plan.write_text(json.dumps({"start": 0, "trace": trace}))
    told = CliRunner().invoke(main, ["--pbx", pbx, "--plan", str(plan)])
    assert told.exit_code == 1
    assert f"line 1: no recording '{trace}'" in told.output


@pytest.mark.parametrize("pbx", ["asterisk", "freeswitch"])
def test_calls_come_at_a_steady_rate_from_the_usual_mix(pbx: str, tmp_path: Path) -> None:
    truth = tmp_path / "truth"
    told = CliRunner().invoke(
        main, ["--pbx", pbx, "--rate", "10", "--seconds", "2", "--speed", "0", "--now", "--linger", "0", "--truth",
               str(truth)],
    )  # fmt: skip
    assert "played 20 calls" in told.output
    assert len({json.loads(line)["trace"] for line in truth.read_text().splitlines()}) > 5


def test_it_listens_on_loopback_only() -> None:
    told = CliRunner().invoke(main, ["--host", "192.0.2.1", "--rate", "1"])
    assert told.exit_code == 1
    assert "loopback only" in told.output
