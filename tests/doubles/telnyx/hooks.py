"""What Telnyx posts, signed as it signs: Ed25519 over the time, a "|" and the body."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.doubles.telnyx.carrier import Message, iso, resource

THE_KEY = Ed25519PrivateKey.from_private_bytes(b"the account's key, which signs..")
PUBLIC_KEY = b64encode(THE_KEY.public_key().public_bytes_raw()).decode()


@dataclass(frozen=True, slots=True)
class Webhook:
    """One request to a webhook. `headers`: names in small letters."""

    url: str
    headers: Mapping[str, str]
    body: bytes


def signed(url: str, body: bytes, now: float, key: Ed25519PrivateKey = THE_KEY) -> Webhook:
    """`body` for `url`, signed at `now`."""
    signature = b64encode(key.sign(f"{int(now)}|".encode() + body)).decode()
    headers = {
        "content-type": "application/json",
        "telnyx-signature-ed25519": signature,
        "telnyx-timestamp": str(int(now)),
    }
    return Webhook(url, headers, body)


def webhooks_of(message: Message, profile_url: str | None, now: float) -> list[Webhook]:
    """Every event of a message so far, in the order in which it happened; to its own address, else the profile's."""
    url = message.webhook_url or profile_url
    if url is None:
        return []
    if message.direction == "inbound":
        return [_event("message.received", message, url, message.created, now)]
    steps = [step for step in message.plan if step.at <= now and step.status != "queued"]
    names = ("message.finalized" if step is message.final else "message.sent" for step in steps)
    return [_event(name, message, url, step.at, now) for name, step in zip(names, steps, strict=True)]


def _event(name: str, message: Message, url: str, at: float, now: float) -> Webhook:
    event = {
        "record_type": "event",
        "id": str(uuid4()),
        "event_type": name,
        "occurred_at": iso(at),
        "payload": resource(message, at),
    }
    meta = {"attempt": 1, "delivered_to": url}
    return signed(url, json.dumps({"data": event, "meta": meta}).encode(), now)
