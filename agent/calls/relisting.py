"""What concerns the whole PBX: a gap in listening, a restart, a listing of all living legs.

A listing is older than the events that came while it was asked for, so it never overrules them.
"""

from agent.calls import happenings
from agent.calls.exchange import Exchange
from agent.calls.legs import TrackedLeg
from agent.calls.states import CallState
from agent.calls.verdicts import News
from agent.pbx.events import (
    App,
    Gap,
    LegEntered,
    LegListed,
    LegRinging,
    Listed,
    ListingBegins,
    QueueJoined,
    Restarted,
)
from storage.vocabulary import Direction


def gap(exchange: Exchange, _: Gap) -> None:
    """Nobody knows whether a human answered meanwhile: wait for the listing, or for what the call's end shows."""
    for call in exchange.calls.values():
        call.in_doubt = True
        if call.doubt_since is None:
            call.doubt_since = exchange.now


def restarted(exchange: Exchange, _: Restarted) -> None:
    for call in list(exchange.calls.values()):
        call.cleared = True
        if call.ended_at is None:
            call.ended_at = call.doubt_since  # it died with the link, however long ago that was
        for leg in list(call.legs.values()):
            if not leg.ended:
                exchange.end(leg)
    for leg in list(exchange.legs.values()):
        exchange.drop(leg)
    exchange.strays.clear()


def listing_begins(exchange: Exchange, _: ListingBegins) -> None:
    exchange.suspects = {leg.id: None for leg in exchange.legs.values() if not leg.ended}
    exchange.moved = set()


def listed(exchange: Exchange, event: Listed) -> None:
    alive = {listed.created.leg for listed in event.legs}
    suspects, exchange.suspects = exchange.suspects, {}
    moved, exchange.moved = exchange.moved or set(), None
    for leg in [exchange.legs[suspect] for suspect in suspects if suspect in exchange.legs and suspect not in alive]:
        if not leg.ended:
            vanished(exchange, leg)
    now = exchange.now
    for listed in event.legs:
        exchange.now = now - listed.age
        exchange.create(listed.created)
    exchange.now = now
    living = [(exchange.legs[row.created.leg], row) for row in event.legs if row.created.leg in exchange.legs]
    living = [(leg, row) for leg, row in living if not leg.ended]
    for leg, row in living:
        restore_application(exchange, leg, row)
    for leg, row in living:
        restore_ringing(exchange, leg, row)
    for leg, row in living:
        if leg.id not in moved:
            restore_room(exchange, leg, row.room)
    for call in exchange.calls.values():
        exchange.settle_doubt(call)


def vanished(exchange: Exchange, leg: TrackedLeg) -> None:
    call = leg.call
    undecided = call is not None and leg is call.caller and call.state is CallState.OPEN
    if call is not None and undecided and call.direction is Direction.INBOUND and not call.cleared:
        call.ended_at = exchange.now
        exchange.tell(News.VANISHED, call)
        call.state = CallState.OVER
    exchange.end(leg)


def restore_application(exchange: Exchange, leg: TrackedLeg, row: LegListed) -> None:
    leg.up = leg.up or row.answered
    if row.app is not None:
        happenings.entered(exchange, LegEntered(leg.id, row.created.call, row.app))
        if leg.call is not None and leg.call.phones:
            leg.call.dialling = False  # whom it dials is known already
    if row.app is App.QUEUE and leg.call is not None and leg is leg.call.caller:
        happenings.queue_joined(exchange, QueueJoined(leg.id, leg.call.id))


def restore_ringing(exchange: Exchange, leg: TrackedLeg, row: LegListed) -> None:
    if row.ringing and leg.call is not None and leg is not leg.call.caller and leg.rang_at is None:
        now, exchange.now = exchange.now, exchange.now - row.age
        happenings.ringing(exchange, LegRinging(leg.id, leg.call.id, leg.role))
        exchange.now = now


def restore_room(exchange: Exchange, leg: TrackedLeg, room: str) -> None:
    if room and room != leg.room:
        exchange.talk(exchange.joins.enter(leg, room))
    elif not room and leg.room is not None:
        exchange.joins.end(leg)
