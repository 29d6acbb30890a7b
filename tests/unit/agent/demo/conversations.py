"""What the ledger has after a day on which all went as the script says, and days that differ from it."""

from dataclasses import replace

from agent.demo.ledger import Climbed, Decided, Reply, Sent, Written
from agent.demo.script import ANSWERS, CALLERS, STAFF, TAKEN_BY
from storage.records import Ask, Ladder
from storage.vocabulary import Decision, Direction, Intent, LadderState, Reason, TextKind

URGENT, STOPS, OWN_WORDS, THANKS, DOUBTFUL = (
    next(one for one in CALLERS if one.words.startswith(words))
    for words in ("URGENT", "STOP", "please don't", "Thank", "wrong number")
)
NUMBERS = {name: number for number, name in STAFF.items()}


def texted() -> dict[str, Decided]:
    """Each of the script's callers was texted once."""
    return {
        one.number: Decided(
            number, Direction.INBOUND, Reason.ABANDONED, Decision.TEXT, "text", False, "Hi", "delivered", one.number
        )
        for number, one in enumerate(CALLERS, 1)
    }


def ask(person: str, place: int) -> Ask:
    """Somebody was asked, by a text."""
    return Ask(place, 1, person, NUMBERS[person], 10.0, "token", "URGENT from the caller", 100 + place, "")


def ladder(number: str = URGENT.number, state: LadderState = LadderState.CLOSED) -> Climbed:
    """Everybody was asked, the last one took it and called in time."""
    asks = tuple(ask(name, place) for place, name in enumerate(STAFF.values()))
    return Climbed(
        Ladder(1, number, URGENT.words, 10.0, 90.0, state, len(asks), None, TAKEN_BY, 20.0, reached_at=70.0), asks
    )


def confirm(number: str, text_id: int, *, left: bool = True) -> Sent:
    """The one text that tells of an opt-out."""
    return Sent(text_id, number, TextKind.CONFIRM, "You won't get any more texts.", 5.0, left)


def as_written(by_provider: bool = False) -> Written:
    """The day as it truly was. `by_provider`: STOP was answered by the provider."""
    return Written(
        replies=tuple(
            Reply(str(place), one.number, one.words, one.intent, 1.0) for place, one in enumerate((*CALLERS, *ANSWERS))
        ),
        sent=(
            confirm(OWN_WORDS.number, 1),
            *(() if by_provider else (confirm(STOPS.number, 2),)),
            Sent(3, URGENT.number, TextKind.LADDER, "Bob has been alerted.", 6.0, True),
        ),
        opt_outs={one.number: one.opts_out for one in CALLERS if one.opts_out is not None},
        doubts=frozenset({DOUBTFUL.number}),
        urgent=(ladder(),),
    )


def also_wrote(written: Written, number: str, words: str, intent: Intent = Intent.OTHER) -> Written:
    """Somebody wrote one more text, before all others."""
    return replace(written, replies=(Reply("more", number, words, intent, 0.5), *written.replies))
