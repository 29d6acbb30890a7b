"""How far the carrier vouches for a number: asked only where the admin wants to know, read off the From header."""

import pytest

from agent.pbx.asterisk.dialect import Dialect
from agent.pbx.asterisk.session import Session
from agent.pbx.attestation import attestation_in
from agent.pbx.events import LegAttested
from tests.unit.agent.pbx.asterisk.test_session import ANNA
from tests.unit.agent.pbx.asterisk.wires import CONTEXTS, NONCE, Desk, answer

FROM = '"ANNA" <sip:+12025550143;verstat={}@carrier.example>;tag=1'


def desk(*, asks: bool) -> Desk:
    return Desk(Session("u", "s", Dialect(CONTEXTS), NONCE, ask_attestation=asks)).go_live()


def test_nobody_asks_unless_the_admin_wants_to_know() -> None:
    quiet = desk(asks=False)
    quiet.say(ANNA.says("Newchannel"))
    assert "PJSIP_HEADER(read,From)" not in [question["Variable"] for question in quiet.questions()]


def test_the_carriers_word_is_asked_at_the_first_event_and_belongs_to_that_caller() -> None:
    curious = desk(asks=True)
    curious.say(ANNA.says("Newchannel"))
    [asked] = [q for q in curious.questions() if q["Variable"] == "PJSIP_HEADER(read,From)"]
    curious.say(answer(asked["ActionID"].removeprefix(f"{NONCE}-"), ("Value", FROM.format("TN-Validation-Passed-B"))))
    told = [event for event in curious.events if isinstance(event, LegAttested)]
    assert told == [LegAttested(ANNA.leg, ANNA.leg, "B")]


@pytest.mark.parametrize(
    ("verdict", "level"),
    [
        ("TN-Validation-Passed-A", "A"),
        ("TN-Validation-Passed", "A"),
        ("tn-validation-passed-c", "C"),
        ("TN-Validation-Failed", None),
        ("No-TN-Validation", None),
    ],
)
def test_what_the_header_says(verdict: str, level: str | None) -> None:
    assert attestation_in(FROM.format(verdict)) == level


def test_a_header_without_a_verdict_says_nothing() -> None:
    assert attestation_in("<sip:+12025550143@carrier.example>") is None
