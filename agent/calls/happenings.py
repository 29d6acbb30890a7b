"""What each event about a single leg means for its call: one function an event."""

import heapq

from agent.calls.exchange import Exchange
from agent.calls.legs import BY_CAUSE, Attempt, TrackedCall, TrackedLeg
from agent.calls.reasons import reason_of
from agent.calls.states import CallState
from agent.calls.verdicts import News
from agent.pbx.events import (
    App,
    DialEnded,
    DialResult,
    LegAnswered,
    LegAttested,
    LegCleared,
    LegDialled,
    LegEnded,
    LegEntered,
    LegHungUp,
    LegJoined,
    LegLeft,
    LegRinging,
    LegRole,
    LegWithheld,
    QueueJoined,
    QueueLeft,
)
from storage.vocabulary import Direction


def ended(exchange: Exchange, event: LegEnded) -> None:
    leg = exchange.legs.get(event.leg)
    if leg is None or leg.ended:
        return
    if leg.attempt is Attempt.OPEN or event.cause in BY_CAUSE:
        leg.attempt = BY_CAUSE.get(event.cause, leg.attempt)
    exchange.end(leg)


def dialled(exchange: Exchange, event: LegDialled) -> None:
    """Only what is dialled for a caller nobody talked to yet is told: later he may be passed on to anybody."""
    leg = exchange.find(event.leg, event.call, None)
    if leg is None or leg.call is None or leg is leg.call.caller:
        return
    if leg.call.direction is Direction.INBOUND and leg.call.answered_at is None and not leg.call.elsewhere:
        leg.number = event.number


def ringing(exchange: Exchange, event: LegRinging) -> None:
    if event.role is not LegRole.PARTY:
        return
    leg = exchange.find(event.leg, event.call, event.role)
    if leg is None or leg.up or leg.role is not LegRole.PARTY:
        return
    call = leg.call
    if call is None or leg is call.caller:
        return
    leg.ringing = True
    if leg.rang_at is None:
        leg.rang_at = exchange.now
    if call.answered_at is not None and not call.talking:
        call.rang_since_talk = True
    if call.first_ringing_at is None:
        call.first_ringing_at = exchange.now
        exchange.tell(News.RINGING, call)
    if call.limit_started_at is None and not call.in_queue:
        exchange.start_limit(call, exchange.now)


def answered(exchange: Exchange, event: LegAnswered) -> None:
    leg = exchange.find(event.leg, event.call, None)
    if leg is None:
        return
    leg.up, leg.ringing = True, False
    if leg.mailbox:
        mailbox(exchange, leg)


def entered(exchange: Exchange, event: LegEntered) -> None:
    leg = exchange.find(event.leg, event.call, None)
    if leg is None or leg.call is None:
        return
    call = leg.call
    if leg is not call.caller and leg.role is not LegRole.RELAY:
        return  # a phone asked to confirm, say
    if event.app is App.MAILBOX:
        leg.mailbox = True
        if leg.up:
            mailbox(exchange, leg)
    elif leg is call.caller or event.app in (App.DIAL, App.QUEUE):
        call.enter(event.app)


def mailbox(exchange: Exchange, leg: TrackedLeg) -> None:
    call = leg.call
    if call is None or call.state is not CallState.OPEN:
        return
    call.mailbox_answered = True
    if call.direction is Direction.INBOUND:
        exchange.miss(call, reason_of(call))


def dial_ended(exchange: Exchange, event: DialEnded) -> None:
    leg = exchange.find(event.leg, event.call, None)
    if leg is None:
        return
    if leg.call is not None and event.by == leg.call.caller.id:
        leg.call.last_dial = event.result
    if leg.role is not LegRole.PARTY:
        return
    leg.ringing = False
    if leg.attempt in (Attempt.BUSY, Attempt.DECLINED):
        return
    match event.result:
        case DialResult.ANSWERED:
            leg.attempt = Attempt.ANSWERED
        case DialResult.BUSY:
            leg.attempt = Attempt.BUSY
        case DialResult.CANCELLED:
            leg.attempt = Attempt.CANCELLED
        case DialResult.NO_ANSWER:
            leg.attempt = Attempt.NO_ANSWER if leg.rang_at is not None else Attempt.UNREACHABLE
        case DialResult.FAILED:
            leg.attempt = Attempt.UNREACHABLE


def withheld(exchange: Exchange, event: LegWithheld) -> None:
    call = exchange.calls.get(event.call)
    if call is not None and call.caller.id == event.leg and event.withheld is not None and call.withheld is not True:
        call.withheld = event.withheld


def attested(exchange: Exchange, event: LegAttested) -> None:
    call = exchange.calls.get(event.call)
    if call is not None and call.caller.id == event.leg:
        call.attested = event.level


def queue_joined(exchange: Exchange, event: QueueJoined) -> None:
    call = caller_of(exchange, event.leg, event.call)
    if call is None or call.hung_up:
        return
    if call.in_queue:
        return
    call.tried_queue = call.in_queue = True
    if call.queue_joined_at is None:
        call.queue_joined_at = exchange.now
    wait = exchange.plan(call.dialled).queue_wait
    if wait is not None and call.state is CallState.OPEN and call.direction is Direction.INBOUND:
        call.queue_due = exchange.now + wait
        heapq.heappush(exchange.due, (call.queue_due, call.id))


def queue_left(exchange: Exchange, event: QueueLeft) -> None:
    call = caller_of(exchange, event.leg, event.call)
    if call is not None and not call.hung_up:
        call.in_queue, call.queue_due = False, None


def caller_of(exchange: Exchange, leg: str, call_id: str) -> TrackedCall | None:
    call = exchange.calls.get(call_id)
    return call if call is not None and call.caller.id == leg and not call.caller.ended else None


def hung_up(exchange: Exchange, event: LegHungUp) -> None:
    leg = exchange.find(event.leg, event.call, None)
    if leg is None or leg.call is None:
        return
    if leg is leg.call.caller:
        leg.call.hung_up = True
        if not leg.call.in_doubt:
            exchange.caller_gone(leg.call)
    elif event.cause in BY_CAUSE and not leg.up:
        leg.attempt, leg.ringing = BY_CAUSE[event.cause], False


def cleared(exchange: Exchange, event: LegCleared) -> None:
    call = exchange.calls.get(event.call)
    if call is not None and call.caller.id == event.leg:
        call.cleared = True


def joined(exchange: Exchange, event: LegJoined) -> None:
    leg = exchange.find(event.leg, event.call, event.role)
    if leg is not None:
        note_move(exchange, leg)
        exchange.talk(exchange.joins.enter(leg, event.room))


def note_move(exchange: Exchange, leg: TrackedLeg) -> None:
    """While a listing is under way: where this leg is now is newer than its row."""
    if exchange.moved is not None:
        exchange.moved.add(leg.id)


def left(exchange: Exchange, event: LegLeft) -> None:
    leg = exchange.find(event.leg, event.call, None)
    if leg is None:
        return
    note_move(exchange, leg)
    exchange.talk(exchange.joins.leave(leg, event.room))
    if leg.call is not None and leg is leg.call.caller:
        leg.call.talking = False
