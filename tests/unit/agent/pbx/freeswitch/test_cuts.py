"""The link cut at any event and made anew at once, a listing being served: nobody's call is decided otherwise.

But for a leg that hung up a moment before: FreeSWITCH still lists it, but tells nothing of it any more. A caller's call
has then vanished, and only the records tell how it ended; a phone's takes with it why it wasn't reached.
"""

from functools import cache

import pytest

from agent.calls.tracker import Tracker
from agent.calls.verdicts import News, RingPlan, Verdict
from agent.pbx.events import Gap
from agent.pbx.freeswitch.dialect import Dialect
from agent.pbx.freeswitch.session import Session
from tests.unit.agent.pbx.freeswitch.board import answers
from tests.unit.agent.pbx.freeswitch.socket_end import GREETING, STREAMS, Pbx, plain, stream

EVERY = 10
GOING = "CHANNEL_HANGUP"
Decided = list[tuple[str, str, str]]


def decided(verdicts: list[Verdict]) -> Decided:
    """Each call's verdict and its reason."""
    wanted = (News.ANSWERED, News.MISSED, News.ANSWERED_LATE, News.VANISHED)
    return sorted(
        (told.call.id, told.news.value, told.call.reason.value if told.call.reason else "")
        for told in verdicts
        if told.news in wanted
    )


@cache
def listen(name: str, cuts: frozenset[int]) -> Decided:
    """The stream through live sessions, a new one at each cut."""
    dialect, tracker = Dialect(("public",)), Tracker(lambda _: RingPlan(24.0, 60.0))
    session, verdicts = connected(dialect, tracker, answers(name, 0), 0.0, [])
    for place, (t, event) in enumerate(stream(name)):
        if place in cuts:
            verdicts += tracker.take(t, Gap())
            session, verdicts = connected(dialect, tracker, answers(name, place), t, verdicts)
        for said in session.feed(plain(event)):
            verdicts += tracker.take(t, said)
    assert len(tracker) == 0
    return decided(verdicts)


def connected(
    dialect: Dialect, tracker: Tracker, told: dict[str, str], t: float, verdicts: list[Verdict]
) -> tuple[Session, list[Verdict]]:
    session, pbx = Session("", "secret", dialect), Pbx()
    pbx.said |= told
    session.feed(GREETING)
    found = [verdict for said in pbx.answer(session) for verdict in tracker.take(t, said)]
    assert session.is_live
    return session, verdicts + found


def ending(name: str, cuts: frozenset[int]) -> set[str]:
    """The legs that have begun to end, and haven't ended, at one of the cuts."""
    at = {(dict(event)["Event-Name"], dict(event).get("Unique-ID", "")): i for i, (_, event) in enumerate(stream(name))}
    going = [(uuid, i, at["CHANNEL_HANGUP_COMPLETE", uuid]) for (event, uuid), i in at.items() if event == GOING]
    return {uuid for uuid, first, last in going if any(first < cut <= last for cut in cuts)}


def assert_nothing_is_decided_otherwise(name: str, cuts: frozenset[int]) -> None:
    found, whole = listen(name, cuts), listen(name, frozenset())
    gone = ending(name, cuts)
    vanished = {call for call, news, _ in found if news == News.VANISHED.value}
    assert vanished <= gone
    told, true = ([one for one in decisions if one[0] not in vanished] for decisions in (found, whole))
    assert [(call, news) for call, news, _ in told] == [(call, news) for call, news, _ in true]
    assert gone or told == true


@pytest.mark.parametrize("name", STREAMS)
def test_cut_at_every_tenth_event(name: str) -> None:
    assert_nothing_is_decided_otherwise(name, frozenset(range(EVERY, len(stream(name)), EVERY)))


@pytest.mark.parametrize("name", STREAMS)
def test_cut_once_wherever_it_is(name: str) -> None:
    for place in range(0, len(stream(name)), EVERY):
        assert_nothing_is_decided_otherwise(name, frozenset({place}))
