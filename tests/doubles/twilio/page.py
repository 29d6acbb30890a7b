"""The page on which a person plays the callers, and what it asks for each second: all handsets, as conversations."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.doubles.twilio.carrier import Message
    from tests.doubles.twilio.server import TwilioDouble

PAGE = Path(__file__).with_name("page.html").read_bytes()
"""It takes all content as text, never as markup, and nothing from elsewhere."""


def conversations(double: TwilioDouble) -> Mapping[str, object]:
    """Every number that texted or was texted, the latest first, with all its texts in order."""
    now = double.now()
    told = {e["sid"]: e["status"] for e in double.record.of("hook") if e["kind"] == "inbound" and not e["forgery"]}
    by_number: dict[str, list[Message]] = {}
    for message in double.carrier.messages.values():
        by_number.setdefault(_number(message), []).append(message)
    latest_first = sorted(by_number.items(), key=lambda pair: max(m.created for m in pair[1]), reverse=True)
    return {
        "now": now,
        "numbers": list(double.carrier.senders),
        "webhook": double.hooks.inbound_url is not None,
        "conversations": [
            {
                "number": number,
                "ours": _ours(messages[-1]),
                "opted_out": double.carrier.has_opted_out(number, _ours(messages[-1])),
                "texts": [_text(message, now, told) for message in sorted(messages, key=lambda m: m.created)],
            }
            for number, messages in latest_first
        ],
    }


def _number(message: Message) -> str:
    return message.sender if message.direction == "inbound" else message.to


def _ours(message: Message) -> str:
    return message.to if message.direction == "inbound" else message.sender


def _text(message: Message, now: float, told: Mapping[object, object]) -> Mapping[str, object]:
    """`side`: whose words these are. `told`: what our webhook answered to this one, if it was called."""
    step = message.step(now)
    side = "theirs" if message.direction == "inbound" else "provider" if message.by_provider else "ours"
    return {
        "sid": message.sid,
        "side": side,
        "body": message.body,
        "media": message.media,
        "at": message.created,
        "status": step.status,
        "error": step.error,
        "told": told.get(message.sid),
    }
