"""The live loop: takes the PBX's events in order, gives the tracker the time, arms the one timer.

`take` is called from the socket's own callback and never waits. What becomes known goes to one writer (writer.py).
Whether a number was withheld is asked at the caller's first event; a miss waits at most ANSWER_WITHIN for that answer.
While the disk is full the calls go on being followed.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from agent.calls.tracker import Tracker
from agent.calls.verdicts import Call, News, RingPlan, Verdict, shifted
from agent.health import Health
from agent.office import Office
from agent.pbx.events import Gap, LegEvent, LegWithheld, Listed
from agent.policy.facts import Presentation
from agent.recall import recalled
from agent.textback import ANSWER_WITHIN, Case, Outcome
from agent.writer import Writer
from sms.outbox import Outbox
from storage.ledger import Ledger
from storage.records import OpenCall
from storage.vocabulary import Decision, Direction

log = logging.getLogger(__name__)

MOST_WAITING = 20_000
"""Pieces of news that may wait for the disk. Beyond, the link is closed: the PBX is the better memory then."""
WARM_BEFORE = 3.0
"""Seconds before the ring limit at which a connection to the provider is opened."""
TOO_LATE = 0.5
"""Seconds after which a limit isn't trusted any more: a human may have answered, unread so far."""
HEARTBEAT = 1.0


@dataclass(slots=True)
class _Waiting:
    """A call's start, or its miss, that waits for the PBX to tell whether the number was withheld."""

    verdict: Verdict
    timer: asyncio.TimerHandle


class Switchboard:
    """Between the link, the tracker and the ledger."""

    def __init__(self, office: Office, ledger: Ledger, outbox: Outbox, health: Health) -> None:
        self.office = office
        """Replaced as a whole when the configuration is reloaded."""
        self.overrun: Callable[[], None] = lambda: None
        """Called when more news waits than may: close the link."""
        self.stood_still: Callable[[], None] = lambda: None
        """Called when this process stood still past a limit: ask the PBX for all living legs."""
        self.turned_at = 0.0
        """Loop time at which this loop last turned: what the watchdog is fed from."""
        self.writer = Writer(ledger, health, lambda: self.office, lambda: outbox.has_room, self._tell)
        self._outbox = outbox
        self._health = health
        self._loop = asyncio.get_running_loop()
        self._tracker = Tracker(self._plan)
        self._unidentified: dict[str, _Waiting] = {}
        self._waiting: dict[str, _Waiting] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._warmer: asyncio.TimerHandle | None = None
        self._remembered: dict[str, OpenCall] = {}
        self._warming: set[asyncio.Task[None]] = set()

    @property
    def in_flight(self) -> tuple[Call, ...]:
        """Calls that aren't over, on the loop's clock."""
        return self._tracker.in_flight

    def remember(self, open_calls: list[OpenCall]) -> None:
        """Calls that were in flight when the program last stopped: a listing alone wouldn't tell where they began."""
        self._remembered = {call.pbx_call: call for call in open_calls}

    def take(self, events: list[LegEvent]) -> None:
        """What the PBX says, in order."""
        now = self._loop.time()
        for event in events:
            match event:
                case Listed() if self._remembered:
                    remembered, self._remembered = self._remembered, {}
                    self._hear(self._tracker.take(now, recalled(event, remembered)))
                case LegWithheld():
                    self._hear(self._tracker.take(now, event))
                    self._answered(event)
                case _:
                    self._hear(self._tracker.take(now, event))
        self._arm()

    def tidy(self) -> None:
        """Let go of what is remembered of calls long over."""
        self._tracker.tidy(self._loop.time())

    async def run(self) -> None:
        """Write news down until cancelled."""
        self._beat()
        await self.writer.run()

    async def drain(self) -> None:
        """Write what waits, at the end, after `run` was cancelled."""
        for waiting in (self._unidentified, self._waiting):
            for name in list(waiting):
                self._give_up(waiting, name)
        await self.writer.drain()

    def _plan(self, dialled: str) -> RingPlan:
        return self.office.plan_for(dialled)

    def _beat(self) -> None:
        self.turned_at = self._loop.time()
        self._loop.call_later(HEARTBEAT, self._beat)

    def _arm(self) -> None:
        due = self._tracker.next_due
        if self._timer is not None:
            if due is not None and self._timer.when() == due and not self._timer.cancelled():
                return
            self._timer.cancel()
        if self._warmer is not None:
            self._warmer.cancel()
        self._timer = self._warmer = None
        if due is not None:
            self._timer = self._loop.call_at(due, self._ring_out)
            self._warmer = self._loop.call_at(due - WARM_BEFORE, self._warm)

    def _ring_out(self) -> None:
        self._timer = None
        now, due = self._loop.time(), self._tracker.next_due
        if due is not None and now - due > TOO_LATE:
            # the process stood still: what the PBX said meanwhile is still in the socket
            self._hear(self._tracker.take(now, Gap()))
            self.stood_still()
        self._hear(self._tracker.tick(now))
        self._arm()

    def _hear(self, verdicts: list[Verdict]) -> None:
        for verdict in verdicts:
            call = verdict.call
            if call.direction is Direction.INBOUND:
                if verdict.news is News.VANISHED:
                    continue  # its row stays open until the records have been asked (catchup.py)
                if verdict.news is News.RINGING:
                    self._warm()
                if verdict.news is News.ENDED or verdict.news is News.ANSWERED:
                    self._forget(self._unidentified, call.id)
                asked = verdict.news is News.STARTED or (verdict.news is News.MISSED and not self._unreadable(call))
                if asked and call.withheld is None:
                    self._wait(verdict)
                    continue
            elif verdict.news in (News.STARTED, News.RINGING):
                continue
            if verdict.news is not News.RINGING:
                self._put(verdict)

    def _unreadable(self, call: Call) -> bool:
        """Nobody could be texted at it, whatever the PBX would answer."""
        number = self.office.caller(call)
        return number.withheld or not number.textable

    def _wait(self, verdict: Verdict) -> None:
        """A start isn't written, and a miss not decided, before it is known whether the number may be kept."""
        self._forget(self._unidentified, verdict.call.id)
        waiting = self._unidentified if verdict.news is News.STARTED else self._waiting
        timer = self._loop.call_later(ANSWER_WITHIN, self._give_up, waiting, verdict.call.id)
        waiting[verdict.call.id] = _Waiting(verdict, timer)

    def _forget(self, waiting: dict[str, _Waiting], name: str) -> Verdict | None:
        found = waiting.pop(name, None)
        if found is None:
            return None
        found.timer.cancel()
        return found.verdict

    def _answered(self, event: LegWithheld) -> None:
        """What waited for this answer goes on now."""
        for waiting in (self._unidentified, self._waiting):
            verdict = self._forget(waiting, event.call)
            if verdict is not None:
                self._put(replace(verdict, call=replace(verdict.call, withheld=event.withheld)))

    def _give_up(self, waiting: dict[str, _Waiting], name: str) -> None:
        verdict = self._forget(waiting, name)
        if verdict is not None:
            self._put(verdict)

    def _put(self, verdict: Verdict) -> None:
        if self.writer.waiting >= MOST_WAITING:
            self._health.begin("pbx-overrun", "")
            self.overrun()
        match verdict.call.withheld:
            case True:
                presentation = Presentation.WITHHELD
            case False:
                presentation = Presentation.SHOWN
            case None:
                presentation = Presentation.UNKNOWN
        call = shifted(verdict.call, self._offset())
        self.writer.put(Case(verdict.news, call, presentation, time.time()))

    def _offset(self) -> float:
        return time.time() - self._loop.time()

    def _tell(self, case: Case, outcome: Outcome) -> None:
        ruling = outcome.ruling
        if ruling is None:
            return
        self._pass_on(case, outcome)
        log.info(
            "call=%s id=%d %s decision=%s rule=%s%s",
            case.call.id,
            outcome.call_id,
            f"reason={case.call.reason.value}" if case.call.reason else "answered=" + case.call.answered_by,
            ruling.decision.value,
            ruling.rule,
            f" because={ruling.because!r}" if ruling.because else "",
        )
        if ruling.rule == "cap":
            self._health.begin("cap-reached", ruling.because)
        elif ruling.decision is Decision.TEXT:
            self._health.end("cap-reached")

    def _pass_on(self, case: Case, outcome: Outcome) -> None:
        """A text that is due leaves now; a later one is found when its time has come."""
        if outcome.text_id is None or self.office.shadow:
            return
        if outcome.claimed is not None:
            self._outbox.hand_over_claimed(outcome.text_id, outcome.claimed)
        elif not self.office.line_for(case.call.dialled).delay:
            self._outbox.hand_over(outcome.text_id)

    def _warm(self) -> None:
        if len(self._warming) < 2 and not self.office.shadow:
            task = self._loop.create_task(self._outbox.warm())
            self._warming.add(task)
            task.add_done_callback(self._warming.discard)
