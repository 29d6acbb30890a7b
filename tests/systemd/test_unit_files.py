"""The shipped unit, user and folders, judged by systemd's own tools."""

import shutil
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path

import pytest

FILES = Path(__file__).parents[2] / "systemd"
UNIT = FILES / "secondring.service"
SCORE_LIMIT = 12  # tenths: systemd calls 1.2 "OK", a unit without hardening has 9.2

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="systemd-analyze is not on this machine (Debian: apt-get install systemd)",
)


def run(*command: str | Path) -> str:
    """What a command printed, both streams; fails the test with it if the command failed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return done.stdout


@needs_systemd
def test_systemd_understands_every_line_of_the_unit(tmp_path: Path) -> None:
    # The command of the unit need not be installed here; any program that exists takes its place.
    text = UNIT.read_text().replace("/opt/secondring/.venv/bin/secondring", sys.executable)
    (tmp_path / "secondring.service").write_text(text)
    assert run("systemd-analyze", "verify", "--man=no", tmp_path / "secondring.service") == ""


@needs_systemd
def test_a_burglar_in_the_service_finds_little_to_take() -> None:
    run("systemd-analyze", "security", "--offline=true", f"--threshold={SCORE_LIMIT}", "--no-pager", UNIT)


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="systemd-sysusers is not on this machine")
def test_the_user_is_made_and_cannot_log_in(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    run("systemd-sysusers", f"--root={tmp_path}", FILES / "secondring.sysusers.conf")
    (line,) = [row for row in (tmp_path / "etc/passwd").read_text().splitlines() if row.startswith("secondring:")]
    assert line.endswith(":/var/lib/secondring:/usr/sbin/nologin")


def test_the_agent_yields_to_the_phones_and_is_not_restarted_for_a_wrong_configuration() -> None:
    unit = RawConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(UNIT)
    service = unit["Service"]
    assert service["RestartPreventExitStatus"] == "2 3 243"
    assert int(service["OOMScoreAdjust"]) > 0
    assert int(service["CPUWeight"]) < 100 and int(service["IOWeight"]) < 100 and int(service["Nice"]) > 0
