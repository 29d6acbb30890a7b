"""Twilio's answers read into our words: pure, and wary of every byte.

Shapes are those of Twilio's API 2010-04-01 (Message resource, errors). Nothing here raises on a hostile
answer: a reader gives what it could read, or None.
"""

import json
import re
from collections.abc import Mapping

from sms.answers import Message, date_of, id_of, json_object, number_of, one_line, text_of
from sms.provider import Accepted, Fate, Fault, Inbound, NotSent, Refused, Status, Unknown
from sms.twilio.codes import meaning
from storage.vocabulary import TextState

_CREDENTIALS_OR_ADDRESS = frozenset({401, 403, 404, 405, 407})

_REMEDIES: Mapping[int, tuple[str, str]] = {
    401: ("refuses the credentials", "check [sms] account_sid and the auth token or API key"),
    403: ("forbids this to these credentials", "use the live auth token or an API key of this account"),
    404: ("doesn't know what was asked for", "check [sms] account_sid and base_url"),
    429: ("asks us to slow down", "it will be asked again later"),
}

_STATES: Mapping[str, tuple[TextState, bool]] = {
    "accepted": (TextState.ACCEPTED, False),
    "scheduled": (TextState.ACCEPTED, False),
    "queued": (TextState.ACCEPTED, False),
    "sending": (TextState.ACCEPTED, False),
    "sent": (TextState.SENT, False),
    "delivered": (TextState.DELIVERED, True),
    "partially_delivered": (TextState.DELIVERED, True),
    "read": (TextState.DELIVERED, True),
    "undelivered": (TextState.FAILED, True),
    "failed": (TextState.FAILED, True),
    "canceled": (TextState.FAILED, True),
}


def sid_of(message: Message) -> str | None:
    """The message's id, if it looks like one; it becomes part of later addresses."""
    return id_of(message, "sid")


def fate_of(status: int, content: bytes, retry_after: float | None, request: str) -> Fate:
    """What became of a POST that was answered.

    `status` is the HTTP status, `retry_after` the seconds of its header, `request` Twilio's id of the request
    for support. A 5xx is Unknown whatever it says: Twilio may have taken the text before it failed.
    """
    answer = json_object(content)
    if 200 <= status < 300:
        sid = sid_of(answer) if answer is not None else None
        if answer is None or sid is None:
            return Unknown(f"Twilio answered {status} without a readable message id{request}")
        created = date_of(text_of(answer, "date_created"))
        return Accepted(sid, segments=number_of(answer, "num_segments") or None, at=created)
    code = None if answer is None else number_of(answer, "code")
    sentence = _sentence(answer)
    what = meaning(code)
    if status == 429 or (400 <= status < 500 and what.retry_after is not None):
        wait = what.retry_after if retry_after is None else retry_after
        return NotSent(f"Twilio asks us to slow down ({status}, code {code}): {sentence}{request}", wait)
    if 400 <= status < 500 and code is not None:
        fault = Fault.ACCOUNT if status == 401 else what.fault
        return Refused(fault, str(code), sentence, what.no_texts)
    if status in _CREDENTIALS_OR_ADDRESS:
        return Refused(Fault.ACCOUNT, str(status), f"no Twilio answers at this address: {sentence}{request}")
    return Unknown(f"the answer was {status}: {sentence}{request}")


def status_of(message: Message) -> Status | None:
    """How a message stands, or None if this is no message. A status word we don't know counts as not yet
    sent."""
    sid = sid_of(message)
    word = text_of(message, "status")
    if sid is None or word is None:
        return None
    state, final = _STATES.get(word, (TextState.ACCEPTED, False))
    code = number_of(message, "error_code") or None
    what = meaning(code)
    if state is TextState.FAILED and what.fault is Fault.EXPIRED:
        state = TextState.EXPIRED
    failed = code is not None or state is TextState.FAILED
    return Status(
        sid=sid,
        state=state,
        final=final,
        fault=what.fault if failed else None,
        code=None if code is None else str(code),
        segments=number_of(message, "num_segments") or None,
        price=_price(message.get("price")),
        no_texts_seconds=what.no_texts,
        raw=_raw(message),
    )


def inbound_of(message: Message) -> Inbound | None:
    """A received text, or None if this is none.

    A message that Twilio marks `failed` (30039: machine-made, part of a loop) is none: it is not posted to a
    webhook either, and must never be answered.
    """
    if message.get("direction") != "inbound" or message.get("status") == "failed":
        return None
    sid = sid_of(message)
    sender, to = text_of(message, "from"), text_of(message, "to")
    at = date_of(text_of(message, "date_sent")) or date_of(text_of(message, "date_created"))
    if sid is None or sender is None or to is None or at is None:
        return None
    body = text_of(message, "body") or ""
    media = number_of(message, "num_media") or 0
    return Inbound(sid, sender, to, body, at, raw=_raw(message), media=media)


def is_that_text(message: Message, to: str, body: str, earliest: float) -> bool:
    """Whether a listed message is the text we sent to `to` with `body`, made at or after `earliest` (epoch
    s)."""
    created = date_of(text_of(message, "date_created"))
    return (
        message.get("direction") == "outbound-api"
        and message.get("to") == to
        and message.get("body") == body
        and created is not None
        and created >= earliest
    )


def trouble_of(status: int, content: bytes) -> str:
    """Why a question was refused, in a sentence with what to do."""
    what, remedy = _REMEDIES.get(status, ("gives no answer", "it will be asked again later"))
    return f"Twilio {what} ({status}: {_sentence(json_object(content))}); {remedy}"


def _price(value: object) -> str | None:
    """The price as Twilio writes it ("-0.00790"; null until minutes later)."""
    return value if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,9})?", value) else None


def _raw(message: Message) -> str:
    """The message's plain fields as JSON; what is nested only repeats addresses."""
    return json.dumps({name: part for name, part in message.items() if not isinstance(part, dict | list)})


def _sentence(answer: Message | None) -> str:
    """The provider's own words, short, printable, on one line."""
    if answer is None:
        return "no readable reason was given"
    words = text_of(answer, "message") or text_of(answer, "detail") or text_of(answer, "title") or ""
    return one_line(words) or "no reason was given"
