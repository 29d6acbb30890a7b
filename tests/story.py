"""Calls told as stories: `ring`, `answer`, `hang_up`, `expect_text`.

A story speaks the neutral events of agent/pbx/events.py to the real tracker, policy and ledger (in memory), in virtual
time: nothing waits. What isn't as expected prints the whole conversation as it went.

    story = Story()
    anna = story.call("+12025550143")
    anna.ring("101")
    story.wait(4)
    anna.hang_up()
    story.expect_text(anna)
"""

import itertools
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agent.calls.tracker import Tracker
from agent.calls.verdicts import News, Verdict, shifted
from agent.config.settings import Settings
from agent.office import Office
from agent.pbx.events import (
    App,
    DialEnded,
    DialResult,
    EndCause,
    LegAnswered,
    LegCleared,
    LegCreated,
    LegDialled,
    LegEnded,
    LegEntered,
    LegEvent,
    LegHungUp,
    LegJoined,
    LegLeft,
    LegRinging,
    LegRole,
    QueueJoined,
    QueueLeft,
)
from agent.policy.facts import Presentation
from agent.textback import Case, Outcome, look_again, write_down
from storage.ledger import in_memory
from storage.queries import calls, conditions, texts
from storage.records import Move
from storage.vocabulary import Direction, TextState

MONDAY_NOON = 1_773_075_600.0
"""2026-03-09 12:00 in Chicago, epoch seconds: an hour at which nothing is closed or quiet."""

INBOUND = Direction.INBOUND
MAIN = "+13125550100"
SORRY = "Sorry we missed your call. This is {business}. Reply STOP to opt out."


def office(
    line: Mapping[str, object] | None = None,
    staff: Sequence[Mapping[str, object]] = (),
    **sections: Mapping[str, object],
) -> Office:
    """The office of a small configuration: `line` adds keys to its one line, `limits=`, `sms=` … to the sections."""
    one: dict[str, object] = {"number": "*", "name": "Main", "message": SORRY, **(line or {})}
    business = {
        "name": "Acme Plumbing",
        "country": "US",
        "timezone": "America/Chicago",
        **sections.get("business", {}),
    }
    return Office.of(Settings.model_validate({**sections, "staff": staff, "business": business, "line": (one,)}))


class Story:
    """One office, its PBX and its ledger. `now` is seconds since the story began."""

    def __init__(self, at: Office | None = None, *, began: float = MONDAY_NOON) -> None:
        self.office = at or office()
        self.db: sqlite3.Connection = in_memory()
        self.tracker = Tracker(self.office.plan_for)
        self.began = began
        self.now = 0.0
        self.presentation = Presentation.SHOWN
        self.told: list[Verdict] = []
        self.outcomes: dict[str, Outcome] = {}
        self._journal: list[str] = []
        self._numbers = itertools.count(1)

    def call(
        self, number: str = "+12025550143", *, line: str = MAIN, name: str = "", withheld: bool | None = False
    ) -> "StoryCall":
        """A call comes in from outside."""
        call = StoryCall(self, f"call-{next(self._numbers)}", number)
        self.hear(call.created(number, line, name, withheld))
        return call

    def call_out(self, phone: str, number: str) -> "StoryCall":
        """A colleague at a phone calls somebody outside."""
        call = StoryCall(self, f"call-{next(self._numbers)}", phone)
        self.hear(LegCreated(call.id, call.id, LegRole.PARTY, True, False, phone, number=phone, dialled=number))
        call.dialled.append(call.leg("trunk"))
        self.hear(LegCreated(call.leg("trunk"), call.id, LegRole.PARTY, False, True, "trunk"))
        return call

    def hear(self, *events: LegEvent) -> None:
        """The PBX says something now."""
        for event in events:
            self._note(f"PBX: {event}")
            self.tell(self.tracker.take(self.now, event))

    def wait(self, seconds: float) -> None:
        """Time passes; limits that run out in it do so at their own instants."""
        until = self.now + seconds
        while (due := self.tracker.next_due) is not None and due <= until:
            self.now = due
            self.tell(self.tracker.tick(due))
        self.now = until

    def hand_over(self) -> list[str]:
        """Hand over what is due, as the outbox does: looked at once more. Returns the bodies that left."""
        now, left = self.began + self.now, []
        if {conditions.PAUSED, conditions.SENDING_STOPPED} & conditions.current(self.db, now).keys():
            return []
        for text_id in texts.due(self.db, now):
            text = texts.get(self.db, text_id)
            why = look_again(self.db, self.office, text, now)
            if why:
                texts.move(self.db, Move(text_id, text.state, TextState.CANCELLED, now, why))
                self._note(f"text to {text.number} cancelled: {why}")
                continue
            if text.state is TextState.DEFERRED:
                texts.move(self.db, Move(text_id, text.state, TextState.QUEUED, now))
            texts.move(self.db, Move(text_id, TextState.QUEUED, TextState.SENDING, now, sending_at=now))
            texts.move(self.db, Move(text_id, TextState.SENDING, TextState.ACCEPTED, now, sid=f"SM{text_id}"))
            self._note(f"text to {text.number} left: {text.body}")
            left.append(text.body)
        return left

    def row(self, call: "StoryCall") -> sqlite3.Row:
        """The call as the ledger has it."""
        row = calls.find(self.db, call.id)
        assert row is not None, self._tale(f"{call} is not in the ledger")
        return row

    def news(self, call: "StoryCall") -> list[News]:
        """What became known of a call, in order."""
        return [verdict.news for verdict in self.told if verdict.call.id == call.id]

    def expect_text(self, call: "StoryCall", *, reason: str | None = None, known_at: float | None = None) -> None:
        """The caller is (or would be) texted, once, for this reason, known at this second of the story."""
        row = self.row(call)
        self._expect("decision", (row["decision"], row["rule"]), ("text", "text"))
        count = len(texts.of_call(self.db, row["id"]))
        self._expect("number of texts", count, 1)
        self._expect_more(row, reason, known_at)

    def expect_no_text(self, call: "StoryCall", rule: str, *, reason: str | None = None) -> None:
        """The caller isn't texted, and this rule says why."""
        row = self.row(call)
        self._expect("decision", (row["decision"], row["rule"]), ("skip", rule))
        self._expect("number of texts", len(texts.of_call(self.db, row["id"])), 0)
        self._expect_more(row, reason, None)

    def expect_state(self, call: "StoryCall", state: str) -> None:
        """How the call's one text stands."""
        found = [row["state"] for row in texts.of_call(self.db, self.row(call)["id"])]
        self._expect("texts of the call", found, [state])

    def _expect_more(self, row: sqlite3.Row, reason: str | None, known_at: float | None) -> None:
        if reason is not None:
            self._expect("reason", row["reason"], reason)
        if known_at is not None:
            self._expect("known at", round(row["known_at"] - self.began, 6), round(known_at, 6))

    def _expect(self, what: str, found: object, wanted: object) -> None:
        assert found == wanted, self._tale(f"{what}: {found!r} instead of {wanted!r}")

    def tell(self, verdicts: list[Verdict]) -> None:
        for verdict in verdicts:
            call = shifted(verdict.call, self.began)
            self.told.append(verdict)
            self._note(f"{verdict.news.name} {verdict.call.id} {verdict.call.reason or ''}")
            if verdict.news is News.RINGING or (verdict.news is News.STARTED and call.direction is not INBOUND):
                continue  # no news that is written down
            presentation = Presentation.WITHHELD if call.withheld else self.presentation
            outcome = write_down(self.db, self.office, Case(verdict.news, call, presentation, self.began + self.now))
            if outcome.ruling is not None:
                self.outcomes[call.id] = outcome
                self._note(f"decided {outcome.ruling.decision} by {outcome.ruling.rule} {outcome.ruling.because}")

    def _note(self, words: str) -> None:
        self._journal.append(f"{self.now:9.3f}  {words}")

    def _tale(self, complaint: str) -> str:
        return "\n".join([complaint, "The conversation as it went:", *self._journal])


@dataclass(frozen=True, slots=True)
class StoryCall:
    """One call, told from the caller's side. Phones are named as people call them: "101"."""

    story: Story
    id: str
    number: str
    dialled: list[str] = field(default_factory=list)

    def created(self, number: str, line: str, name: str = "", withheld: bool | None = False) -> LegCreated:
        """The caller's first event."""
        return LegCreated(self.id, self.id, LegRole.PARTY, True, True, "trunk", "", number, name, line, withheld)

    def leg(self, phone: str) -> str:
        """The PBX's name of a phone's leg."""
        return f"{self.id}/{phone}"

    def ring(self, *phones: str) -> None:
        """These phones are dialled and ring."""
        for phone in phones:
            self.dial(phone)
            self.story.hear(LegRinging(self.leg(phone), self.id, LegRole.PARTY))

    def dial(self, phone: str) -> None:
        """A phone, or a number outside, is dialled; nothing is heard of it yet."""
        self.dialled.append(self.leg(phone))
        self.story.hear(LegCreated(self.leg(phone), self.id, LegRole.PARTY, False, False, phone))
        self.story.hear(LegDialled(self.leg(phone), self.id, phone))

    def stop_ringing(
        self, phone: str, result: DialResult = DialResult.NO_ANSWER, cause: EndCause = EndCause.NORMAL
    ) -> None:
        """The attempt at a phone ends."""
        self.story.hear(DialEnded(self.leg(phone), self.id, self.id, result), LegEnded(self.leg(phone), self.id, cause))

    def answer(self, phone: str) -> None:
        """Somebody picks up and talks with the caller."""
        leg, room = self.leg(phone), f"{self.id}/room"
        self.story.hear(
            LegAnswered(leg, self.id),
            LegAnswered(self.id, self.id),
            DialEnded(leg, self.id, self.id, DialResult.ANSWERED),
            LegJoined(leg, self.id, room, LegRole.PARTY),
            LegJoined(self.id, self.id, room, LegRole.PARTY),
        )

    def part(self, phone: str) -> None:
        """The conversation with a phone ends; the caller is still there."""
        leg, room = self.leg(phone), f"{self.id}/room"
        self.story.hear(
            LegLeft(leg, self.id, room), LegLeft(self.id, self.id, room), LegEnded(leg, self.id, EndCause.NORMAL)
        )

    def enter(self, app: App) -> None:
        """The PBX starts an application for the caller."""
        self.story.hear(LegEntered(self.id, self.id, app))

    def pick_up(self) -> None:
        """The PBX itself answers the caller (menu, queue, mailbox)."""
        self.story.hear(LegAnswered(self.id, self.id))

    def join_queue(self) -> None:
        """The caller waits in a queue."""
        self.enter(App.QUEUE)
        self.story.hear(QueueJoined(self.id, self.id))

    def leave_queue(self) -> None:
        """The queue gives the caller up."""
        self.story.hear(QueueLeft(self.id, self.id))

    def hang_up(self) -> None:
        """The caller hangs up; every leg ends."""
        self.story.hear(LegHungUp(self.id, self.id, EndCause.NORMAL))
        self.end()

    def end(self) -> None:
        """The PBX ends the call."""
        legs = (*self.dialled, self.id)
        self.story.hear(*(LegEnded(leg, self.id, EndCause.NORMAL) for leg in legs))

    def clear(self) -> None:
        """The PBX is being stopped and clears the caller."""
        self.story.hear(LegCleared(self.id, self.id))
        self.end()

    def __str__(self) -> str:
        return f"the call of {self.number}"
