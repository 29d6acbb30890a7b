"""The office as decisions need it: which line was called, what a caller there is told, whom staff dialled."""

import pytest

from agent.config.settings import Settings
from agent.office import Office
from tests.story import MONDAY_NOON, SORRY

SUNDAY = MONDAY_NOON - 86400


def office_of(*lines: dict[str, object], **sections: object) -> Office:
    business = {"name": "Acme Plumbing", "country": "US", "timezone": "America/Chicago"}
    made = tuple({"message": SORRY, **line} for line in lines)
    return Office.of(Settings.model_validate({"business": business, "line": made, **sections}))


class TestLines:
    def test_the_first_that_matches_wins_and_a_star_is_every_other(self) -> None:
        at = office_of({"number": "+13125550100", "name": "Main"}, {"number": "*", "name": "Rest"})
        assert at.line_for("3125550100").name == "Main"
        assert at.line_for("+1 (312) 555-0100").name == "Main"
        assert at.line_for("+13125550199").name == "Rest"
        assert at.line_for("s").name == "Rest"
        assert at.line_for("").name == "Rest"

    def test_without_a_star_another_number_is_a_line_that_is_off_and_its_calls_are_kept(self) -> None:
        at = office_of({"number": "+13125550100"})
        assert not at.line_for("+13125550199").facts.enabled
        assert at.line_for("+13125550199").name == "+13125550199"
        assert not at.line_for("s").facts.enabled

    def test_the_ring_limit_follows_the_lines_country(self) -> None:
        at = office_of(
            {"number": "+442079460100", "rings": 4}, {"number": "*", "rings": 4}, sms={"from": "+13125550100"}
        )
        assert at.plan_for("+442079460100").ring_limit == 12.0
        assert at.plan_for("+13125550199").ring_limit == 24.0


class TestNumbers:
    @pytest.mark.parametrize(
        ("dialled", "number"),
        [
            ("2025550188", "+12025550188"),
            ("12025550188", "+12025550188"),
            ("92025550188", "+12025550188"),
            ("912025550188", "+12025550188"),
            ("+12025550188", "+12025550188"),
            ("101", None),
            ("9", None),
            ("", None),
            ("s", None),
        ],
    )
    def test_whom_staff_dialled_perhaps_behind_a_nine(self, dialled: str, number: str | None) -> None:
        assert office_of({"number": "*"}).outside(dialled) == number

    def test_the_businesss_own_numbers_are_its_lines_its_sender_and_those_it_names(self) -> None:
        at = office_of({"number": "+13125550100"}, {"number": "*"}, sms={"from": "+13125550101"})
        assert at.own_numbers == {"+13125550100", "+13125550101"}


class TestWords:
    def test_in_open_hours_the_message_and_outside_the_other_one(self) -> None:
        hours = {"mon-fri": "08:00-17:30"}
        at = office_of({"number": "*", "closed_message": "Closed. {business}. Reply STOP to opt out."}, hours=hours)
        line = at.lines[0]
        assert at.body(line, "", MONDAY_NOON).startswith("Sorry")
        assert at.body(line, "", SUNDAY).startswith("Closed. Acme Plumbing.")

    def test_without_another_one_the_message_at_all_hours(self) -> None:
        at = office_of({"number": "*"}, hours={"mon-fri": "08:00-17:30"})
        assert at.body(at.lines[0], "", SUNDAY).startswith("Sorry")

    def test_a_callers_name_is_used_only_if_it_is_a_persons(self) -> None:
        at = office_of({"number": "*", "message": "Hi {first_name|there}, {business} here. Reply STOP to opt out."})
        line = at.lines[0]
        assert at.body(line, "SMITH JOHN", MONDAY_NOON).startswith("Hi John,")
        assert at.body(line, "WIRELESS CALLER", MONDAY_NOON).startswith("Hi there,")

    def test_the_callers_quiet_hours_are_on_the_callers_clock(self) -> None:
        at = office_of({"number": "*"}, limits={"quiet_hours": "21:00-08:00"})
        nine_in_chicago = MONDAY_NOON + 9 * 3600
        assert at.quiet_until("+12025550143", nine_in_chicago) is not None  # ten in Washington
        assert at.quiet_until("+12135550143", nine_in_chicago) is None  # seven in Los Angeles
