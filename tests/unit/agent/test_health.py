"""Conditions are said once when they begin and once when they are over, each with its remedy."""

import logging

import pytest

from agent.health import KINDS, Health
from agent.pbx.trouble import Cause
from sms.outbox import Alarm


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_every_condition_the_program_can_name_is_known() -> None:
    assert {cause.value for cause in Cause} <= set(KINDS)
    assert {alarm.value for alarm in Alarm} <= set(KINDS)
    assert all(code == kind.code for code, kind in KINDS.items())


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
def test_each_says_what_it_means_and_what_mends_it(kind: object) -> None:
    meaning, remedy = getattr(kind, "meaning", ""), getattr(kind, "remedy", "")
    assert meaning.endswith(".")
    assert remedy.endswith((".", "?", "`"))


def test_it_is_said_once_and_its_end_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock, sentences = Clock(), list[str]()
    health = Health(clock, sentences.append)
    for _ in range(3):
        health.begin("disk-full", "no space left")
    clock.now += 90
    for _ in range(3):
        health.end("disk-full")
    assert [record.getMessage().partition(".")[0] for record in caplog.records] == [
        "condition=disk-full began: no space left Remedy: Free space on the ledger's disk",
        "condition=disk-full is over after 90 s",
    ]
    assert sentences == [KINDS["disk-full"].meaning, "Watching the PBX; all is well."]


def test_it_keeps_since_when() -> None:
    clock = Clock()
    health = Health(clock)
    health.begin("pbx-silent", "x")
    clock.now += 60
    health.begin("pbx-silent", "y")
    assert (health.current["pbx-silent"].since, health.current["pbx-silent"].detail) == (1000.0, "x")


def test_all_of_one_kind_end_together_and_the_others_stay() -> None:
    health = Health(Clock())
    for code in ("pbx-silent", "pbx-closed", "disk-full"):
        health.begin(code, "")
    health.end_all("pbx-")
    assert set(health.current) == {"disk-full"}
    assert health.sentence() == KINDS["disk-full"].meaning
