"""Telnyx's detail records: what there was, without a word of what was said. A query that isn't ours is refused."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from tests.doubles.telnyx.carrier import Message, Refusal
from tests.doubles.telnyx.troubles import refused
from tests.doubles.twilio.troubles import Canned

LARGEST_PAGE = 50

_REFUSED = Refusal(10015, "Bad Request", "The request was not well-formed.")
_OURS = {"filter[record_type]": "messaging", "sort": "-created_at"}
_FILTERS = {"filter[direction]": "direction", "filter[cld]": "cld"}
_OTHERS = {"filter[created_at][gte]", "page[size]", "page[number]"}


def records_of(messages: Iterable[Message], query: Mapping[str, str], now: float) -> Canned:
    """One page of the records of `messages` that are asked for, newest first, from a day on."""
    size, number = int(query.get("page[size]", "20")), int(query.get("page[number]", "1"))
    known = {*_OURS, *_FILTERS, *_OTHERS}
    if set(query) - known or size > LARGEST_PAGE or any(query.get(name) != value for name, value in _OURS.items()):
        return refused(_REFUSED)
    first = query.get("filter[created_at][gte]", "")
    wanted = {name: query[key] for key, name in _FILTERS.items() if key in query}
    records = [_record(m, now) for m in sorted(messages, key=lambda m: m.created, reverse=True)]
    listed = [r for r in records if str(r["created_at"]) >= first and all(r[n] == v for n, v in wanted.items())]
    meta = {"page_number": number, "page_size": size, "total_results": len(listed)}
    page = listed[(number - 1) * size : number * size]
    return Canned(200, json.dumps({"data": page, "meta": meta}).encode())


def _record(message: Message, now: float) -> Mapping[str, object]:
    return {
        "record_type": "message_detail_record",
        "uuid": message.id,
        "direction": message.direction,
        "cli": message.sender,
        "cld": message.to,
        "profile_id": message.profile,
        "created_at": datetime.fromtimestamp(message.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "status": "received" if message.direction == "inbound" else message.step(now).status,
    }
