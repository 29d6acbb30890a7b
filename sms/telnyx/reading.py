"""Telnyx's answers and events read into our words: pure, and wary of every byte.

Shapes are those of Telnyx's API v2 (OutboundMessagePayload, InboundMessagePayload, errors): `{"data": {…}}`, or
`{"errors": [{"code", "title", "detail"}]}` with the code as digits in a string. Nothing here raises on a hostile
answer: a reader gives what it could read, or None.
"""

import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from sms.answers import Message, id_of, instant_of, json_object, number_of, object_of, one_line, text_of
from sms.provider import Accepted, Fate, Fault, Inbound, NotSent, Refused, Status, Unknown
from sms.telnyx.codes import meaning
from storage.vocabulary import TextState

MARK = "m"
"""The query field of a text's webhook address that holds our own id of it."""

_CREDENTIALS_OR_ADDRESS = frozenset({401, 403, 404, 405, 407})
_MAY_HAVE_BEEN_TAKEN = frozenset({10007, 10008})
"""Unexpected error, request timeout: whatever their HTTP status, they don't say that nothing was done."""

_REF = re.compile(r"[0-9a-f]{32}")

_REMEDIES: Mapping[int, tuple[str, str]] = {
    401: ("refuses the credentials", "check the API key in [sms] auth_token"),
    403: ("forbids this to these credentials", "check the API key in [sms] auth_token and the account's verification"),
    404: ("doesn't know what was asked for", "check [sms] base_url and messaging_profile"),
    429: ("asks us to slow down", "it will be asked again later"),
}

_STATES: Mapping[str, tuple[TextState, bool]] = {
    "scheduled": (TextState.ACCEPTED, False),
    "queued": (TextState.ACCEPTED, False),
    "sending": (TextState.ACCEPTED, False),
    "sent": (TextState.SENT, False),
    "delivered": (TextState.DELIVERED, True),
    # The carrier will never tell: it was sent, and that is all that anyone will know.
    "delivery_unconfirmed": (TextState.SENT, True),
    "sending_failed": (TextState.FAILED, True),
    "delivery_failed": (TextState.FAILED, True),
    "cancelled": (TextState.FAILED, True),
    "expired": (TextState.EXPIRED, True),
}


def data_of(content: bytes) -> Message | None:
    """The `data` object of an answer or event, or None."""
    answer = json_object(content)
    return None if answer is None else object_of(answer.get("data"))


def fate_of(status: int, content: bytes, retry_after: float | None, request: str) -> Fate:
    """What became of a POST that was answered.

    `status` is the HTTP status, `retry_after` the seconds of its header, `request` Telnyx's id of the request for
    support. Unknown whatever they say: a 5xx and a 408, after which Telnyx may have taken the text; a 409 and a 422
    about the key, after which it has one under the same key or is taking it just now.
    """
    if 200 <= status < 300:
        data = data_of(content)
        sid = None if data is None else id_of(data, "id")
        if data is None or sid is None:
            return Unknown(f"Telnyx answered {status} without a readable message id{request}")
        at = instant_of(text_of(data, "received_at"))
        return Accepted(sid, segments=number_of(data, "parts") or None, at=at)
    error = _first_error(json_object(content))
    code = None if error is None else number_of(error, "code")
    sentence = _sentence(error)
    what = meaning(code)
    if status == 429 or (400 <= status < 500 and what.retry_after is not None):
        wait = what.retry_after if retry_after is None else retry_after
        return NotSent(f"Telnyx asks us to slow down ({status}, code {code}): {sentence}{request}", wait)
    open_ended = status in (408, 409) or code in _MAY_HAVE_BEEN_TAKEN or is_about_key(status, content)
    if 400 <= status < 500 and code is not None and not open_ended:
        fault = Fault.ACCOUNT if status == 401 else what.fault
        return Refused(fault, str(code), sentence, what.no_texts)
    if status in _CREDENTIALS_OR_ADDRESS and code is None:
        return Refused(Fault.ACCOUNT, str(status), f"no Telnyx answers at this address: {sentence}{request}")
    return Unknown(f"the answer was {status}: {sentence}{request}")


def is_about_key(status: int, content: bytes) -> bool:
    """Whether a POST was refused because its Idempotency-Key already stands for another request.

    Documented is the status, 422, which other mistakes get too; Telnyx's email API adds code 10027, its code for any
    422. So the words have to say it. Unverified: that Telnyx's sentence names the key. If it doesn't, a text of unknown
    fate is only found among the records, and none is sent.
    """
    error = _first_error(json_object(content))
    if status != 422 or error is None:
        return False
    return "idempoten" in f"{text_of(error, 'title')} {text_of(error, 'detail')}".casefold()


def status_of(message: Message) -> Status | None:
    """How an outbound message stands, or None if this is none. A status word we don't know counts as not yet sent."""
    sid, addressee = id_of(message, "id"), _first(message.get("to"))
    word = None if addressee is None else text_of(addressee, "status")
    if sid is None or word is None or message.get("direction") != "outbound":
        return None
    state, final = _STATES.get(word, (TextState.ACCEPTED, False))
    error = _first_error(message)
    code = None if error is None else number_of(error, "code")
    what = meaning(code)
    if state is TextState.FAILED and what.fault is Fault.EXPIRED:
        state = TextState.EXPIRED
    failed = state in (TextState.FAILED, TextState.EXPIRED)
    return Status(
        sid=sid,
        state=state,
        final=final,
        fault=(Fault.EXPIRED if word == "expired" else what.fault) if failed else None,
        code=None if code is None else str(code),
        segments=number_of(message, "parts") or None,
        price=_price(message),
        no_texts_seconds=what.no_texts if failed else None,
        raw=_raw(message),
        ref=_ref(message),
    )


def inbound_of(message: Message, otherwise_at: float) -> Inbound | None:
    """A received text, or None if this is none. `otherwise_at` (epoch s): its time if it tells none."""
    sender, to = object_of(message.get("from")), _first(message.get("to"))
    if message.get("direction") != "inbound" or sender is None or to is None:
        return None
    sid, number, ours = id_of(message, "id"), text_of(sender, "phone_number"), text_of(to, "phone_number")
    if sid is None or number is None or ours is None:
        return None
    at = instant_of(text_of(message, "received_at"))
    media = message.get("media")
    return Inbound(
        sid,
        number,
        ours,
        text_of(message, "text") or "",
        otherwise_at if at is None else at,
        raw=_raw(message),
        media=len(media) if isinstance(media, list) else 0,
    )


def is_to(message: Message, number: str) -> bool:
    """Whether a message is an outbound one to `number`."""
    addressee = _first(message.get("to"))
    return addressee is not None and addressee.get("phone_number") == number and message.get("direction") == "outbound"


def is_that_text(message: Message, to: str, body: str, earliest: float) -> bool:
    """Whether a message is the text we sent to `to` with `body`, taken at or after `earliest` (epoch s)."""
    at = instant_of(text_of(message, "received_at"))
    return is_to(message, to) and message.get("text") == body and at is not None and at >= earliest


def trouble_of(status: int, content: bytes) -> str:
    """Why a question was refused, in a sentence with what to do."""
    what, remedy = _REMEDIES.get(status, ("gives no answer", "it will be asked again later"))
    return f"Telnyx {what} ({status}: {_sentence(_first_error(json_object(content)))}); {remedy}"


def _first(listed: object) -> Message | None:
    return object_of(listed[0]) if isinstance(listed, list) and listed else None


def _first_error(answer: Message | None) -> Message | None:
    return None if answer is None else _first(answer.get("errors"))


def _ref(message: Message) -> str | None:
    """Our own id of the text, from the webhook address we gave with it."""
    try:
        query = urlsplit(text_of(message, "webhook_url") or "").query
        ref = dict(parse_qsl(query, max_num_fields=20)).get(MARK, "")
    except ValueError:
        return None
    return ref if _REF.fullmatch(ref) else None


def _raw(message: Message) -> str:
    """The message as JSON, whole: numbers and status are in nested objects. Empty if it is nested without end."""
    try:
        return json.dumps(message)
    except RecursionError:
        return ""


def _price(message: Message) -> str | None:
    """The cost with a minus, as money spent is kept: Telnyx writes "0.0051"."""
    amount = text_of(object_of(message.get("cost")) or {}, "amount")
    return f"-{amount}" if amount is not None and re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", amount) else None


def _sentence(error: Message | None) -> str:
    """Telnyx's own words, short, printable, on one line."""
    if error is None:
        return "no readable reason was given"
    return one_line(text_of(error, "detail") or text_of(error, "title") or "") or "no reason was given"
