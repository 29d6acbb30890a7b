"""What Telnyx posts to our webhook: received texts, and how texts of ours stand. Proven by its signature, or refused.

Telnyx signs the time and the raw body, joined by "|", with Ed25519 (https://developers.telnyx.com/docs/development/
api-fundamentals/webhooks); the account's public key proves it. Neither the address nor any other header is signed, so
nothing is read from them. What was posted within the tolerance can be posted again: a reply is known by its id and
counts once, and a status only ever moves a text up. Events come out of order and more than once.
"""

import base64
import binascii
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sms.answers import Message, instant_of, object_of, text_of
from sms.provider import HookAnswer, Inbound, NotGenuine, Posted, Status
from sms.telnyx.reading import data_of, inbound_of, status_of

ANSWER = HookAnswer(200, "text/plain", b"")
"""Telnyx looks at the status alone; it wants 2xx within 2 s, and else asks up to three times."""

TOLERANCE = 300.0
"""Seconds by which the signed time may differ from ours, before or after."""

SIGNATURE_HEADER = "telnyx-signature-ed25519"
TIME_HEADER = "telnyx-timestamp"


def key_of(public_key: str | None) -> Ed25519PublicKey | None:
    """The public key as the portal shows it. Raises ValueError if it is none; None proves nothing."""
    return None if not public_key else Ed25519PublicKey.from_public_bytes(_bytes(public_key))


def heard(posted: Posted, key: Ed25519PublicKey | None, profile: str | None, now: float) -> Inbound | Status | None:
    """What a request tells. With a messaging profile, only what is of it. Raises NotGenuine."""
    _prove(posted.body, posted.headers, key, now)
    event = data_of(posted.body)
    message = None if event is None else object_of(event.get("payload"))
    if event is None or message is None or (profile and message.get("messaging_profile_id") != profile):
        return None
    return _told(event, message, now)


def _told(event: Message, message: Message, now: float) -> Inbound | Status | None:
    match event.get("event_type"):
        case "message.received":
            at = instant_of(text_of(event, "occurred_at"))
            return inbound_of(message, now if at is None else at)
        case "message.sent" | "message.finalized":
            return status_of(message)
        case _:
            return None


def _prove(body: bytes, headers: Mapping[str, str], key: Ed25519PublicKey | None, now: float) -> None:
    """Raises NotGenuine unless the account's key signed this body at about this time."""
    if key is None:
        raise NotGenuine("there is no [sms] public_key to prove it with")
    signature, time = headers.get(SIGNATURE_HEADER, ""), headers.get(TIME_HEADER, "")
    if not (time.isascii() and time.isdigit() and len(time) <= 12):
        raise NotGenuine("it doesn't tell when it was signed")
    if abs(now - int(time)) > TOLERANCE:
        raise NotGenuine(f"it was signed {now - int(time):+.0f} s ago; if that is wrong, this machine's clock is")
    try:
        key.verify(_bytes(signature), time.encode("ascii") + b"|" + body)
    except (InvalidSignature, ValueError) as error:
        raise NotGenuine("its signature is missing or wrong") from error


def _bytes(text: str) -> bytes:
    """Raises ValueError for what isn't base64."""
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("is not base64") from error
