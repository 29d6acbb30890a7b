"""Calls that are over, told from what records say about their legs."""

from agent.calls.past import calls_over
from agent.pbx.events import EndCause, LegCleared, LegCreated, LegEnded, LegEvent, LegJoined, LegRinging, LegRole
from storage.vocabulary import Reason

PHONE = LegCreated("p", "c", LegRole.PARTY, False, False, "101")


def ringing(since: float) -> list[tuple[float, LegEvent]]:
    caller = LegCreated("c", "c", LegRole.PARTY, True, True, "trunk", number="+12025550143", dialled="+12025550101")
    return [(since, caller), (since, PHONE), (since, LegRinging("p", "c", LegRole.PARTY))]


def ended(at: float) -> list[tuple[float, LegEvent]]:
    return [(at, LegEnded("c", "c", EndCause.NORMAL)), (at, LegEnded("p", "c", EndCause.NORMAL))]


def test_however_long_it_rang_a_call_that_was_answered_was_no_miss() -> None:
    talk = [(300.0, LegJoined(leg, "c", "room", LegRole.PARTY)) for leg in ("c", "p")]

    [call] = calls_over([*ringing(0), *talk, *ended(400)], 0, 1000)

    assert (call.answered_at, call.answered_by, call.reason) == (300, "101", None)


def test_only_what_ended_in_the_gap_is_told() -> None:
    missed = [*ringing(0), *ended(20)]

    assert [call.reason for call in calls_over(missed, 10, 30)] == [Reason.NO_ANSWER]
    assert calls_over(missed, 21, 30) == []
    assert calls_over(missed, 0, 19) == []
    assert calls_over(ringing(0), 0, 1000) == []


def test_a_call_cut_off_is_told_though_its_last_sign_is_older_than_the_gap() -> None:
    [call] = calls_over([*ringing(0), (5.0, LegCleared("c", "c")), *ended(5)], 100, 200)

    assert (call.reason, call.ended_at) == (Reason.PBX_STOPPED, 5)
