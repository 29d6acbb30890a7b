"""Why a call was missed: the table of docs/missed-calls.md, first row that applies."""

from agent.calls.legs import Attempt, TrackedCall, TrackedLeg
from agent.calls.states import Limit
from agent.pbx.events import DialResult
from storage.vocabulary import Reason


def reason_of(call: TrackedCall, *, forwarded: bool = False, limit: Limit | None = None) -> Reason:
    """The one reason, as things stand."""
    if forwarded:
        return Reason.FORWARDED
    if call.cleared:
        return Reason.PBX_STOPPED
    if call.mailbox_answered:
        return Reason.VOICEMAIL if call.tried_phone or call.tried_queue or call.menu else Reason.CLOSED
    if call.tried_queue:
        return _queue_reason(call, limit)
    if call.tried_phone:
        return _phone_reason(call, limit)
    if call.menu:
        return Reason.MENU_ABANDONED
    if call.announced and not call.elsewhere:
        return Reason.CLOSED
    return Reason.OTHER


def _queue_reason(call: TrackedCall, limit: Limit | None) -> Reason:
    if call.in_queue and call.hung_up:
        return Reason.QUEUE_ABANDONED
    if call.in_queue and limit is Limit.RINGS:
        return Reason.NO_ANSWER  # phones rang before the queue, and that limit runs on inside it
    return Reason.QUEUE_TIMEOUT


def _phone_reason(call: TrackedCall, limit: Limit | None) -> Reason:
    phones = call.phones
    if not limit and _caller_gave_up(call, phones):
        return Reason.ABANDONED
    if limit or any(_rang_to_the_end(leg) for leg in phones):
        return Reason.NO_ANSWER
    if call.dialling or not phones:
        return Reason.UNREACHABLE
    match phones[-1].attempt:
        case Attempt.BUSY:
            return Reason.BUSY
        case Attempt.DECLINED:
            return Reason.DECLINED
        case _:
            return Reason.UNREACHABLE


def _caller_gave_up(call: TrackedCall, phones: list[TrackedLeg]) -> bool:
    """He hung up while a phone rang. Where no hangup request is reported, the dialler's cancel tells."""
    if call.hung_up:
        return any(leg.ringing for leg in phones)
    return call.last_dial is DialResult.CANCELLED and any(leg.rang_at is not None for leg in phones)


def _rang_to_the_end(leg: TrackedLeg) -> bool:
    return leg.rang_at is not None and leg.attempt not in (Attempt.BUSY, Attempt.DECLINED)
