"""The whole story of one call in sentences, for `explain`: what rang, who answered, which rule decided, what came.

Pure: it is given what the ledger holds, and a clock that writes an instant as the office reads it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from agent.policy.rules import BY_NAME
from storage.records import CallRecord, PhoneRecord
from storage.vocabulary import Decision, Direction, Reason, ReplyMeaning, TextKind, TextState

Clock = Callable[[float], str]
"""An instant (epoch s) in words."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision on a call: by which rule, when (epoch s), and what was found for this very call."""

    decision: Decision
    rule: str
    at: float
    because: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a text: when (epoch s), where it came to, and a note."""

    at: float
    state: TextState
    note: str = ""


@dataclass(frozen=True, slots=True)
class ToldText:
    """One text with all its steps. `due_at`: when a deferred one is to be looked at again (epoch s)."""

    id: int
    kind: TextKind
    body: str
    segments: int
    due_at: float
    sid: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """What the caller wrote back, and when (epoch s)."""

    at: float
    body: str
    meaning: ReplyMeaning


@dataclass(frozen=True, slots=True)
class OtherCall:
    """Another call with the same outside party. `answered_by` is empty if nobody knows, or nobody did."""

    id: int
    direction: Direction
    started_at: float
    answered_at: float | None
    answered_by: str
    ended_at: float | None


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened: when (epoch s; None: no time is known), and a sentence or two."""

    at: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Case:
    """One call with everything that belongs to it. `urgent`: what came of it if the caller wrote that it is urgent."""

    call: CallRecord
    decided: Decided | None = None
    texts: tuple[ToldText, ...] = ()
    replies: tuple[Written, ...] = ()
    later: tuple[OtherCall, ...] = ()
    urgent: tuple[Moment, ...] = ()


TOGETHER = 0.5
"""Seconds within which phones are told to have begun ringing together."""

MISSED: dict[Reason, str] = {
    Reason.FORWARDED: "the line takes calls that another phone didn't answer, so arriving here is the miss",
    Reason.PBX_STOPPED: "the PBX was stopped or restarted before anybody answered",
    Reason.VOICEMAIL: "the caller was put through to a mailbox",
    Reason.QUEUE_TIMEOUT: "the queue gave up, and nobody answered after it",
    Reason.QUEUE_ABANDONED: "the caller left while waiting in the queue",
    Reason.ABANDONED: "the caller hung up while it rang",
    Reason.NO_ANSWER: "it rang, and nobody took it",
    Reason.DECLINED: "the last phone that was tried rejected the call",
    Reason.BUSY: "the last phone that was tried was busy",
    Reason.UNREACHABLE: "no phone could be reached: not registered, silent or set to do-not-disturb",
    Reason.MENU_ABANDONED: "the call ended in a menu, before any phone was tried",
    Reason.CLOSED: "a mailbox or an announcement took the call at once, and no phone was tried",
    Reason.OTHER: "the call ended without anybody being asked to answer it",
}

STEPS: dict[TextState, str] = {
    TextState.QUEUED: "waits to be handed over again",
    TextState.SENDING: "was handed to the provider; the answer is still out",
    TextState.ACCEPTED: "was taken by the provider",
    TextState.SENT: "was passed on to the carrier",
    TextState.DELIVERED: "is on the caller's handset",
    TextState.CANCELLED: "was cancelled before it left",
    TextState.EXPIRED: "expired",
    TextState.FAILED: "failed",
    TextState.UNKNOWN: "got no readable answer from the provider, which is being asked; it is not sent again",
}

KINDS: dict[TextKind, str] = {
    TextKind.FIRST: "Text",
    TextKind.FOLLOW_UP: "Follow-up text",
    TextKind.LADDER: "Text on how far the case has come",
    TextKind.CONFIRM: "Confirmation of the opt-out, text",
    TextKind.HELP: "Answer to HELP, text",
    TextKind.STAFF: "Text by staff,",
    TextKind.TEST: "Test text",
}


def tell(case: Case, clock: Clock) -> list[Moment]:
    """The story in the order in which it happened; what has no time comes last."""
    moments = [
        *_beginning(case.call),
        *_ringing(case.call),
        *_answer(case.call),
        *_miss(case.call),
        *_decision(case),
        *_texts(case.texts, clock),
        *_end(case.call),
        *(_written(reply) for reply in case.replies),
        *(_later(other) for other in case.later),
        *case.urgent,
    ]
    never = float("inf")
    return sorted(moments, key=lambda moment: never if moment.at is None else moment.at)


def _beginning(call: CallRecord) -> Iterator[Moment]:
    match call.direction:
        case Direction.INBOUND:
            line = "an unknown line" if call.line is None else call.line
            name = line if call.line_name in (None, "*", line) else f"{call.line_name} ({line})"
            words = f"{_caller(call)} called {name}."
        case Direction.OUTBOUND:
            words = f"{call.caller or 'Somebody inside'} called {call.peer or 'a number outside'}."
        case Direction.INTERNAL:
            words = f"{call.caller or 'Somebody inside'} made an internal call."
    if call.source == "records":
        words += " Nobody was listening then; this is from the PBX's own records."
    yield Moment(call.started_at, words)


def _caller(call: CallRecord) -> str:
    if call.caller is None:
        return "A caller who withheld the number, or sent none,"
    return f"{call.caller_name}, {call.caller}," if call.caller_name else call.caller


def _ringing(call: CallRecord) -> Iterator[Moment]:
    """Each phone once, those that began to ring together in one sentence."""
    first: dict[str, PhoneRecord] = {}
    times: dict[str, int] = {}
    for phone in call.phones:
        if phone.rang_at is not None:
            first.setdefault(phone.phone, phone)
            times[phone.phone] = times.get(phone.phone, 0) + 1
    together: list[list[PhoneRecord]] = []
    for phone in sorted(first.values(), key=_rang_at):
        if together and _rang_at(phone) - _rang_at(together[-1][0]) < TOGETHER:
            together[-1].append(phone)
        else:
            together.append([phone])
    for phones in together:
        names = [f"{p.phone} ({times[p.phone]} times)" if times[p.phone] > 1 else p.phone for p in phones]
        yield Moment(phones[0].rang_at, f"{_listed(names)} rang.{_refusals(phones)}")
    silent = list(dict.fromkeys(p.phone for p in call.phones if _never_rang(p) and p.phone not in first))
    if silent:
        yield Moment(call.started_at, f"{_listed(silent)} could not be made to ring.{_refusals(call.phones, silent)}")


def _rang_at(phone: PhoneRecord) -> float:
    return phone.rang_at or 0.0


def _never_rang(phone: PhoneRecord) -> bool:
    return phone.rang_at is None and phone.joined_at is None and phone.attempt in ("busy", "declined", "unreachable")


def _refusals(phones: Iterable[PhoneRecord], only: Iterable[str] | None = None) -> str:
    words = {"busy": "was busy", "declined": "rejected the call", "unreachable": "was unreachable"}
    wanted = None if only is None else set(only)
    found = {p.phone: words[p.attempt] for p in phones if p.attempt in words and (wanted is None or p.phone in wanted)}
    return "".join(f" {phone} {how}." for phone, how in found.items())


def _answer(call: CallRecord) -> Iterator[Moment]:
    if call.answered_at is None:
        return
    who = call.answered_by or "Somebody"
    after = f"after {_seconds(call.answered_at - call.started_at)}"
    if call.answered_late:
        yield Moment(call.answered_at, f"{who} answered, {after}: too late, it counted as missed by then.")
    else:
        yield Moment(call.answered_at, f"{who} answered, {after}.")
    if call.transfer_unanswered:
        yield Moment(call.ended_at, "The caller was passed on afterwards, and nobody answered there.")


def _miss(call: CallRecord) -> Iterator[Moment]:
    if call.reason is None:
        return
    known = call.known_at if call.known_at is not None else call.ended_at
    after = ""
    if known is not None and call.first_ringing_at is not None and known - call.first_ringing_at >= 0.1:
        after = f" {_seconds(known - call.first_ringing_at)} after the first ring"
    elif known is not None and known - call.started_at >= 0.1:
        after = f" {_seconds(known - call.started_at)} after the call came in"
    yield Moment(known, f"Missed{after} (`{call.reason.value}`): {MISSED[call.reason]}.")


def _decision(case: Case) -> Iterator[Moment]:
    decided = case.decided
    if decided is None:
        return
    rule = BY_NAME.get(decided.rule)
    why = rule.sentence if rule else "This version doesn't know that rule any more."
    here = f" Here: {decided.because.rstrip('.')}." if decided.because else ""
    match decided.decision:
        case Decision.TEXT:
            words = "The caller is texted"
        case Decision.DEFER:
            words = "The text is held back"
        case Decision.SKIP:
            words = "No text"
    known = case.call.known_at
    late = f" It was decided {_seconds(decided.at - known)} later." if known and decided.at - known >= 5 else ""
    yield Moment(decided.at, f"{words}, by rule `{decided.rule}`: {why}{here}{late}")


def _texts(texts: tuple[ToldText, ...], clock: Clock) -> Iterator[Moment]:
    for text in texts:
        name = f"{KINDS[text.kind]} no. {text.id}"
        for count, step in enumerate(text.steps):
            last = count == len(text.steps) - 1
            if step.state is TextState.SENDING and not last:
                continue
            words = _first_step(text, step, clock) if count == 0 else STEPS.get(step.state, f"is {step.state.value}")
            provider_name = f" as {text.sid}" if step.state is TextState.ACCEPTED and text.sid else ""
            note = f" ({step.note.rstrip('.')})" if step.note else ""
            yield Moment(step.at, f"{name} {words}{provider_name}{note}.")


def _first_step(text: ToldText, step: Step, clock: Clock) -> str:
    size = "1 segment" if text.segments == 1 else f"{text.segments} segments"
    body = f'"{text.body}", {size}'
    match step.state:
        case TextState.SHADOW:
            return f"would have been sent, but shadow mode is on: {body}"
        case TextState.DEFERRED:
            return f"is held until {clock(text.due_at)}: {body}"
        case TextState.QUEUED if text.due_at > step.at + 1:
            return f"waits until {clock(text.due_at)}: {body}"
        case _:
            return f"was written down to be sent: {body}"


def _written(reply: Written) -> Moment:
    meaning = {
        ReplyMeaning.OPT_OUT: " This is an opt-out: the number isn't texted any more.",
        ReplyMeaning.OPT_IN: " This lifts the opt-out.",
        ReplyMeaning.OTHER: "",
    }[reply.meaning]
    return Moment(reply.at, f'The caller wrote: "{reply.body}".{meaning}')


def _later(other: OtherCall) -> Moment:
    who = "The office called back" if other.direction is Direction.OUTBOUND else "The caller called again"
    if other.answered_at is not None:
        by = f" by {other.answered_by}" if other.answered_by and other.direction is Direction.INBOUND else ""
        how = f"answered{by}"
    else:
        how = "not answered" if other.ended_at is not None else "in progress"
    return Moment(other.started_at, f"{who} (call {other.id}, {how}).")


def _end(call: CallRecord) -> Iterator[Moment]:
    if call.ended_at is None:
        yield Moment(None, "The call is still in progress.")
    else:
        yield Moment(call.ended_at, f"The call was over, {_seconds(call.ended_at - call.started_at)} after it came in.")


def _seconds(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
