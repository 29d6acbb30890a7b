"""`secondring staff`: numbers of staff, shown and corrected."""

from pathlib import Path

import pytest

from tests.office import DANA, NOON, SAM, AcmeOffice

TIM = "+12025550177"


@pytest.fixture
def acme(tmp_path: Path) -> AcmeOffice:
    office = AcmeOffice(tmp_path, staff=("Jane", "+12025550188"))
    office.answered(DANA, by="trunk", number_outside=TIM)
    return office


def test_configured_and_learnt_numbers_are_listed(acme: AcmeOffice) -> None:
    rows = {row["number"]: row for row in acme.rows("staff", "list")}
    assert rows["+12025550188"]["why"] == "configured"
    assert rows[TIM]["ours"] is True and rows[TIM]["calls"] == 1 and rows[TIM]["why"] == "learnt from the PBX"


def test_one_that_was_learnt_wrongly_is_corrected_and_texted_again(acme: AcmeOffice) -> None:
    with acme.agent():
        said = acme.run("staff", "remove", TIM, "--note", "a customer")
    assert said.exit_code == 0 and "may be texted" in said.stdout
    [row] = [row for row in acme.rows("staff", "list") if row["number"] == TIM]
    assert row["ours"] is False and "a customer" in str(row["why"])
    acme.missed(TIM, at=NOON + 60)
    assert [row["number"] for row in acme.rows("texts", "--days", 9999)] == [TIM]


def test_one_the_pbx_never_shows_is_added(acme: AcmeOffice) -> None:
    with acme.agent():
        assert acme.run("staff", "add", SAM).exit_code == 0
    acme.missed(SAM, at=NOON + 60)
    assert acme.rows("texts", "--days", 9999) == []


def test_a_configured_number_is_not_taken_away(acme: AcmeOffice) -> None:
    with acme.agent():
        said = acme.run("staff", "remove", "+12025550188")
    assert said.exit_code == 1 and "stands in the configuration" in said.stderr
