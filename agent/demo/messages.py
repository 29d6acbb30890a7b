"""What callers and staff write, as one watches it: who wrote what, what was made of it, who was asked and took it."""

from dataclasses import dataclass, field

from agent.conversations.escalation import clock
from agent.demo.ledger import Climbed, Reply, Sent, Written
from agent.demo.office import ZONE
from agent.demo.script import STAFF
from agent.demo.view import View, shown
from storage.records import Ask
from storage.vocabulary import Intent, LadderState, OptOutSource, TextKind

MADE_OF_IT = {
    Intent.HELP: "asks for help",
    Intent.AUTO_REPLY: "a machine's answer",
    Intent.URGENT: "urgent, somebody must call",
    Intent.CALLBACK_TIME: "says when to call back",
    Intent.QUESTION: "asks something",
    Intent.THANKS: "thanks",
    Intent.WRONG_NUMBER: "a wrong number",
    Intent.OPT_IN: "wants texts again",
}
OPTED_OUT = {OptOutSource.KEYWORD: "opted out, by keyword", OptOutSource.OWN_WORDS: "opted out, in own words"}
DOUBT = "perhaps an opt-out, so no automatic texts until a person has looked"

IN, OUT, MOVE = "bold magenta", "cyan", "bold red"
"""Styles of what comes in, what goes out, and the steps of an urgent caller's ladder."""


@dataclass(slots=True)
class Messages:
    """Tells each thing once, in the view of the day."""

    view: View
    _replies: set[str] = field(default_factory=set)
    _sent: set[int] = field(default_factory=set)
    _doubted: set[str] = field(default_factory=set)
    _asks: dict[int, int] = field(default_factory=dict)  # by ladder: how many who were asked are told
    _ladders: dict[int, LadderState] = field(default_factory=dict)

    def happened(self, written: Written) -> None:
        """The ledger has grown."""
        for reply in written.replies:
            if reply.sid not in self._replies:
                self._replies.add(reply.sid)
                self._heard(reply, written)
        for climbed in written.urgent:
            self._climbed(climbed)
        requests = {ask.text_id for climbed in written.urgent for ask in climbed.asks}
        callers = {climbed.ladder.number for climbed in written.urgent}
        for sent in written.sent:
            if sent.left and sent.id not in self._sent and sent.id not in requests:
                self._sent.add(sent.id)
                self._told(sent, callers)

    def _heard(self, reply: Reply, written: Written) -> None:
        if reply.number in STAFF:
            self.view.say(None, f"{STAFF[reply.number]} writes “{reply.words}”", IN)
            return
        made_of_it = MADE_OF_IT.get(reply.intent, "a message for the office") if reply.intent else "a message"
        if reply.intent is Intent.OPT_OUT:
            made_of_it = OPTED_OUT.get(written.opt_outs.get(reply.number, OptOutSource.ADMIN), "opted out")
        elif reply.number in written.doubts - self._doubted:
            self._doubted.add(reply.number)
            made_of_it = DOUBT
        self._say(reply.number, f"{shown(reply.number)} writes “{reply.words}”: {made_of_it}", IN)

    def _climbed(self, climbed: Climbed) -> None:
        ladder, told = climbed.ladder, self._asks.get(climbed.ladder.id, 0)
        self._asks[ladder.id] = len(climbed.asks)
        for place, ask in enumerate(climbed.asks[told:], told):
            self._asked(ladder.number, climbed.asks, place, ask)
        if self._ladders.get(ladder.id) is ladder.state:
            return
        self._ladders[ladder.id] = ladder.state
        if ladder.state is LadderState.SEEN:
            by = clock(ladder.promised_at, ZONE)
            self._say(ladder.number, f"{ladder.seen_by} takes it. A call is due by {by} (the real clock's time)", MOVE)
        elif ladder.state is LadderState.CLOSED and ladder.reached_at is not None:
            kept = "kept" if ladder.reached_at <= ladder.promised_at else "broken"
            self._say(ladder.number, f"{shown(ladder.number)} was called back: the promise was {kept}", MOVE)

    def _asked(self, number: str, asks: tuple[Ask, ...], place: int, ask: Ask) -> None:
        if place == 0:
            self._say(number, f"{ask.person} is asked: “{ask.body}”", MOVE)
        elif place < len(STAFF):
            self._say(number, f"{asks[place - 1].person} hasn't answered. {ask.person} is asked the same", MOVE)
        elif place == len(STAFF):
            self._say(number, "Nobody has taken it. Everybody is asked once more", MOVE)

    def _told(self, sent: Sent, urgent: set[str]) -> None:
        who = STAFF.get(sent.number, "the urgent caller" if sent.number in urgent else shown(sent.number))
        once = " once" if sent.kind is TextKind.CONFIRM else ""
        number = None if sent.number in STAFF else self.view.call_of(sent.number)
        self.view.say(number, f"{who} is told{once}: “{sent.body}”", OUT)

    def _say(self, number: str, words: str, style: str) -> None:
        self.view.say(self.view.call_of(number), words, style)
