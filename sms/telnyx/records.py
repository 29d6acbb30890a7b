"""Telnyx's detail records: which messages there were. Each is then read by its id, for the record has no words in it.

GET /v2/detail_records (https://developers.telnyx.com/api-reference/detail-records/search-detail-records) lists sent and
received messages; GET /v2/messages/{id} has a message's words for 10 days. This is how a box without a public address
hears replies, and the net under webhooks. Unverified: how soon after it a message is listed, so a day is read again.
"""

import logging
from collections.abc import Collection, Mapping

from sms.answers import Message, id_of, instant_of, object_of, text_of, utc_day
from sms.exchange import ANY_FAILURE, reason
from sms.provider import Found, Inbound, OutgoingText, ProviderTrouble
from sms.telnyx.reading import data_of, inbound_of, is_that_text
from sms.telnyx.rest import Rest, TelnyxAccount

log = logging.getLogger(__name__)

OVERLAP = 24 * 3600.0
"""Seconds before `since` that are read again: a message may be listed late."""

PAGE = 50
"""The most that Telnyx puts on one page."""

LONGEST_READING = 20
"""Pages of one reading. 1,000 texts to one number in two days is no office."""

_CLOCKS_ARE_WHOLE_SECONDS = 2.0


class Records:
    """What one account's records tell. Received texts that were read once are kept for the next reading: each costs a
    request, and is told again and again."""

    def __init__(self, rest: Rest, account: TelnyxAccount) -> None:
        self._rest = rest
        self._account = account
        self._read: dict[str, Inbound] = {}

    async def received(self, since: float) -> list[Inbound]:
        """All texts received since `since` less the overlap, oldest first, each once. Raises ProviderTrouble."""
        earliest = max(since - OVERLAP, 0.0)
        ours = {"filter[cld]": self._account.sender} if self._account.sender else {}
        found: dict[str, Inbound] = {}
        for record in await self._listed({"filter[direction]": "inbound", **ours}, earliest):
            sid = _id_of(record)
            if sid is None or not self._is_ours(record):
                continue
            text = self._read.get(sid) or await self._received(sid, instant_of(text_of(record, "created_at")))
            if text is not None:
                found[sid] = text
        self._read = found
        return sorted((text for text in found.values() if text.at >= earliest), key=lambda text: (text.at, text.sid))

    async def sent(self, text: OutgoingText, since: float, known: Collection[str]) -> Found | None:
        """The first text to that number with these words since `since`, not among those `known` as others.

        Raises ProviderTrouble.
        """
        filters = {"filter[direction]": "outbound", "filter[cld]": text.to}
        earliest = since - _CLOCKS_ARE_WHOLE_SECONDS
        for record in reversed(await self._listed(filters, earliest)):
            sid = _id_of(record)
            message = None if sid is None or sid in known else await self._message(sid)
            if sid is not None and message is not None and is_that_text(message, text.to, text.body, earliest):
                return Found(sid)
        return None

    async def _listed(self, filters: Mapping[str, str], earliest: float) -> list[Message]:
        """The records of messages, newest first. Raises ProviderTrouble."""
        query = {
            "filter[record_type]": "messaging",
            "filter[created_at][gte]": utc_day(earliest),
            "sort": "-created_at",
            "page[size]": str(PAGE),
            **filters,
        }
        listed: list[Message] = []
        for number in range(1, LONGEST_READING + 1):
            page, _answer = await self._rest.ask(self._rest.records.with_query({**query, "page[number]": str(number)}))
            entries = page.get("data")
            if not isinstance(entries, list):
                raise ProviderTrouble("Telnyx's list of records has no records in it; check [sms] base_url")
            listed += [record for entry in entries if (record := object_of(entry)) is not None]
            if len(entries) < PAGE:
                return listed
        log.warning("more than %d pages of records; the oldest were not read", LONGEST_READING)
        return listed

    def _is_ours(self, record: Message) -> bool:
        """Without a number of our own, only what came in through our profile: the account may have other uses."""
        if self._account.sender:
            return record.get("cld") == self._account.sender
        return record.get("profile_id") == self._account.messaging_profile

    async def _received(self, sid: str, at: float | None) -> Inbound | None:
        """A received text; one that can't be read must not hide the others, and is tried again next time."""
        message = await self._message(sid)
        text = None if message is None else inbound_of(message, 0.0 if at is None else at)
        if text is None or text.sid != sid:
            log.warning("a received text could not be read and is left out: its id is %s", sid)
            return None
        return text

    async def _message(self, sid: str) -> Message | None:
        """A message with its words; None if Telnyx has none under this id, or none any more. Raises ProviderTrouble."""
        try:
            answer = await self._rest.get(self._rest.messages / sid)
        except ANY_FAILURE as error:
            raise ProviderTrouble(f"Telnyx at {self._rest.base.host} can't be asked: {reason(error)}") from error
        if answer.status not in (200, 404):
            raise ProviderTrouble(self._rest.trouble(answer))
        return data_of(answer.content)


def _id_of(record: Message) -> str | None:
    return id_of(record, "uuid")
