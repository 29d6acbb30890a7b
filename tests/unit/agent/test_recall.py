"""A call that was in flight when the program stopped comes back as what it was, not as what the listing shows."""

from agent.pbx.events import LegCreated, LegListed, LegRole, Listed
from agent.recall import recalled
from storage.records import OpenCall
from storage.vocabulary import Direction


def listed(number: str, dialled: str) -> Listed:
    made = LegCreated("1.1", "1.1", LegRole.PARTY, True, False, "trunk", number=number, dialled=dialled)
    return Listed((LegListed(made, ringing=False, answered=True, app=None, room="", age=9.0),))


def before(direction: Direction, caller: str | None, line: str | None) -> dict[str, OpenCall]:
    return {"1.1": OpenCall(7, "1.1", direction, caller, line, 1000.0, None, None)}


def test_an_inbound_call_is_inbound_again_with_its_caller_and_line() -> None:
    shown = listed("600", "s")  # the dialplan has rewritten both
    [leg] = recalled(shown, before(Direction.INBOUND, "+12025550143", "+13125550100")).legs
    assert (leg.created.trunk, leg.created.number, leg.created.dialled) == (True, "+12025550143", "+13125550100")


def test_a_number_that_was_not_written_down_is_asked_about_again() -> None:
    [leg] = recalled(listed("+12025550143", ""), before(Direction.INBOUND, None, "+13125550100")).legs
    assert leg.created.withheld is None


def test_an_outbound_call_is_no_missed_caller() -> None:
    [leg] = recalled(listed("+13125550100", "+12025550188"), before(Direction.OUTBOUND, "101", None)).legs
    assert not leg.created.trunk


def test_a_call_nobody_remembers_stays_as_listed() -> None:
    shown = listed("+12025550143", "+13125550100")
    assert recalled(shown, {}) == shown
