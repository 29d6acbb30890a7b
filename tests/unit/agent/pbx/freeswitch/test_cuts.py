"""The link cut at any event and made anew at once, a listing being served: nobody's call is decided otherwise."""

import pytest

from agent.calls.tracker import Tracker
from agent.calls.verdicts import News, RingPlan, Verdict
from agent.pbx.events import Gap
from agent.pbx.freeswitch.dialect import Dialect
from agent.pbx.freeswitch.session import Session
from tests.unit.agent.pbx.freeswitch.board import answers
from tests.unit.agent.pbx.freeswitch.socket_end import GREETING, STREAMS, Pbx, plain, stream

EVERY = 10
Decided = list[tuple[str, str, str]]


def decided(verdicts: list[Verdict]) -> Decided:
    """Each call's verdict and its reason."""
    wanted = (News.ANSWERED, News.MISSED, News.ANSWERED_LATE)
    return sorted(
        (told.call.id, told.news.value, told.call.reason.value if told.call.reason else "")
        for told in verdicts
        if told.news in wanted
    )


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


@pytest.mark.parametrize("name", STREAMS)
def test_cut_at_every_tenth_event(name: str) -> None:
    whole = listen(name, frozenset())
    assert listen(name, frozenset(range(EVERY, len(stream(name)), EVERY))) == whole


@pytest.mark.parametrize("name", STREAMS)
def test_cut_once_wherever_it_is(name: str) -> None:
    whole = listen(name, frozenset())
    for place in range(0, len(stream(name)), EVERY):
        assert listen(name, frozenset({place})) == whole, place
