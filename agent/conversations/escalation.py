"""An urgent caller's ladder, as one table: who is asked when, and what is told to whom. Pure.

People are asked in the order of `[[staff]]`, each for `[urgent] each`. Who acknowledges has it; when nobody is left
everybody is asked once more and an alarm stays until somebody does. The caller is told the truth at each step.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from agent.office import Person, UrgentPlan
from sms.plain_words import words_of
from sms.wording import words
from storage.records import Ladder
from storage.vocabulary import LadderState as S

MOVES: dict[tuple[S, S], str] = {
    (S.ASKING, S.ASKING): "the next person is asked, when the time of the one before is up or that one can't",
    (S.UNHEARD, S.UNHEARD): "it is looked whether the caller was reached meanwhile",
    (S.SEEN, S.SEEN): "the promised time is up: who took it is told",
    (S.ASKING, S.UNHEARD): "everybody was asked and nobody has acknowledged: all are asked again, an alarm stays",
    (S.ASKING, S.SEEN): "somebody acknowledged",
    (S.UNHEARD, S.SEEN): "somebody acknowledged at last",
    (S.ASKING, S.CLOSED): "the caller was reached meanwhile, or a person closed it",
    (S.UNHEARD, S.CLOSED): "the caller was reached meanwhile, or a person closed it",
    (S.SEEN, S.CLOSED): "the caller was reached, or a person closed it",
}

MOST_OF_WORDS = 240
"""Letters of the caller's words that are passed on."""
_ACKNOWLEDGES = words(
    r"(?:ok(?:ay)?|k|yes|yep|ya|y|si|oui|d accord|got it|on it|mine|i have it|i ll take it|ill take it|taking it"
    r"|i will|calling|ack|acknowledged|seen|roger|done)"
)
_DECLINES = words(
    r"(?:sorry |lo siento |desole |i |je )*(?:no(?! (?:problem|worries|prob|hay problema))|nope"
    r"|cant(?! (?:hear|reach|get|find))|cannot|unable|busy|not me|not today|not available"
    r"|ocupado|occupe|(?:ne )?peux pas|pas moi|pass|skip me)"
)
_SHORT = 6
"""Words of the longest acknowledgement; a longer text from staff is something else."""
_THUMBS = "👍👌✅🆗"


@dataclass(frozen=True, slots=True)
class Step:
    """What to do now: move on, ask these people, tell the caller."""

    after: S
    step: int
    due_at: float
    ask: tuple[Person, ...]
    tell_caller: str = ""


def next_step(ladder: Ladder, people: tuple[Person, ...], plan: UrgentPlan, business: str, now: float) -> Step:
    """What is due now on a ladder that nobody has seen."""
    if ladder.state is S.UNHEARD:
        return Step(S.UNHEARD, ladder.step, now + plan.each, ())
    if ladder.step < len(people):
        first = people[ladder.step]
        told = f"{business}: {first.name} has been alerted. We'll text you when somebody takes it."
        return Step(S.ASKING, ladder.step + 1, now + plan.each, (first,), told if ladder.step == 0 else "")
    told = (
        f"{business}: nobody has seen your message yet. Everybody has been alerted again. "
        "If somebody is in danger, call the emergency services."
    )
    return Step(S.UNHEARD, ladder.step, now + plan.each, people, told)


def request(ladder: Ladder, person: Person, everybody: bool, plan: UrgentPlan, link: str) -> str:
    """What a person is asked."""
    said = " ".join(ladder.words.split())
    said = said if len(said) <= MOST_OF_WORDS else said[:MOST_OF_WORDS] + "…"
    how = f" or open {link}" if link else ""
    again = "Nobody has taken this yet. " if everybody else ""
    take = f"Reply OK{how} to take it, then call within {_span(plan.within)}."
    return f'URGENT from {ladder.number}: "{said}". {again}{take}'


def seen_for_caller(business: str, person: str, ladder: Ladder, now: float, zone: str) -> str:
    """What the caller is told when somebody has seen it: a time only if it can still be kept."""
    if now < ladder.promised_at:
        return f"{business}: {person} has seen this and will call you by {clock(ladder.promised_at, zone)}."
    return f"{business}: {person} has seen this and will call you as soon as possible."


def seen_for_person(ladder: Ladder, now: float, zone: str) -> str:
    """What who acknowledged is told."""
    by = f" by {clock(ladder.promised_at, zone)}" if now < ladder.promised_at else " now"
    return f"It's yours. Call {ladder.number}{by}; the caller was told so."


def taken_for_others(ladder: Ladder, person: str) -> str:
    """What the others are told who were asked before."""
    return f"{person} has taken {ladder.number}. Nothing more to do."


def acknowledges(body: str) -> bool:
    """Whether a text from staff says that its writer takes it."""
    said = words_of(body)
    if not said:
        return any(sign in body for sign in _THUMBS)
    return len(said.split()) <= _SHORT and _ACKNOWLEDGES.match(said) is not None


def declines(body: str) -> bool:
    """Whether a text from staff says that its writer can't take it."""
    return _DECLINES.match(words_of(body)) is not None


def clock(at: float, zone: str) -> str:
    """The time on the office's wall, the minute begun counted in full."""
    return datetime.fromtimestamp(at + 59.0, UTC).astimezone(ZoneInfo(zone)).strftime("%H:%M")


def _span(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
