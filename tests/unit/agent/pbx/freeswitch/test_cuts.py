"""The link cut at any event and made anew at once, a listing being served: nobody's call is decided otherwise.

A leg that hung up a moment before is still listed, and tells nothing of itself any more; so the list is asked for
again, while the PBX goes on, until its last event came.
"""

from functools import cache

import pytest

from agent.calls.tracker import Tracker
from agent.calls.verdicts import News, RingPlan, Verdict
from agent.pbx.events import Gap, LegEvent
from agent.pbx.freeswitch.dialect import Dialect
from agent.pbx.freeswitch.session import Session
from tests.unit.agent.pbx.freeswitch.board import answers
from tests.unit.agent.pbx.freeswitch.socket_end import GREETING, STREAMS, Pbx, plain, stream

EVERY = 10
LIST = "api show channels as json"
Decided = list[tuple[str, str, str]]


class Life:
    """A recorded stream, and one who listens to it through live sessions."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._events = stream(name)
        self._place = 0
        self._dialect = Dialect(("public",))
        self._session = Session("", "secret", self._dialect)
        self._tracker = Tracker(lambda _: RingPlan(24.0, 60.0))
        self.verdicts: list[Verdict] = []

    @property
    def place(self) -> int:
        """How many events have happened."""
        return self._place

    @property
    def is_over(self) -> bool:
        return self._place == len(self._events)

    def go_on(self) -> None:
        """The next event happens, and is heard."""
        t, event = self._events[self._place]
        self._place += 1
        self._take(t, self._session.feed(plain(event)))

    def cut(self) -> None:
        """The link is lost, and made anew at once."""
        self._take(self._now, [Gap()])
        self.connect()

    def connect(self) -> None:
        """Log in. The PBX goes on while it is asked for its list again."""
        self._session, pbx = Session("", "secret", self._dialect), Pbx()
        self._session.feed(GREETING)
        idle, lists = pbx.said, 0
        while asked := self._session.outgoing().decode():
            for command in asked.removesuffix("\n\n").split("\n\n"):
                lists += command == LIST
                if command == LIST and lists > 1 and not self.is_over:
                    self.go_on()
                pbx.said = idle | answers(self._name, self._place)
                self._take(self._now, self._session.feed(pbx.answer_one(command)))
        assert self._session.is_live

    def decided(self) -> Decided:
        """Each call's verdict and its reason, once all is over."""
        assert len(self._tracker) == 0
        wanted = (News.ANSWERED, News.MISSED, News.ANSWERED_LATE, News.VANISHED)
        return sorted(
            (told.call.id, told.news.value, told.call.reason.value if told.call.reason else "")
            for told in self.verdicts
            if told.news in wanted
        )

    @property
    def _now(self) -> float:
        return self._events[max(self._place - 1, 0)][0]

    def _take(self, t: float, events: list[LegEvent]) -> None:
        for event in events:
            self.verdicts += self._tracker.take(t, event)


@cache
def listen(name: str, cuts: frozenset[int]) -> Decided:
    """How a stream's calls are decided when the link is cut before these events."""
    life = Life(name)
    life.connect()
    for place in sorted(cuts):
        while life.place < place:
            life.go_on()
        life.cut()
    while not life.is_over:
        life.go_on()
    return life.decided()


@pytest.mark.parametrize("name", STREAMS)
def test_cut_at_every_tenth_event(name: str) -> None:
    cuts = frozenset(range(EVERY, len(stream(name)), EVERY))
    assert listen(name, cuts) == listen(name, frozenset())


@pytest.mark.parametrize("name", STREAMS)
def test_cut_once_wherever_it_is(name: str) -> None:
    for place in range(0, len(stream(name)), EVERY):
        assert listen(name, frozenset({place})) == listen(name, frozenset()), place
