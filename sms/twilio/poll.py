"""Received texts by polling, for a box without a public address, and as the net under webhooks."""

import logging

from yarl import URL

from sms.answers import Message, text_of, utc_day
from sms.provider import Inbound, ProviderTrouble
from sms.twilio.reading import inbound_of
from sms.twilio.rest import Rest, TwilioAccount

log = logging.getLogger(__name__)

OVERLAP = 24 * 3600.0
"""Seconds before `since` that are read again: Twilio's filter knows days only, and a text may be listed
late."""

LONGEST_READING = 50
"""Pages of one reading. 5,000 texts to one number in two days is no office."""


async def received(rest: Rest, account: TwilioAccount, since: float) -> list[Inbound]:
    """All texts received since `since` less the overlap, oldest first, each once.

    Nothing is remembered between two readings: a text the caller couldn't record comes again with the next
    one. Raises ProviderTrouble.
    """
    earliest = max(since - OVERLAP, 0.0)
    found: dict[str, Inbound] = {}
    for number in _numbers(account):
        query = {"DateSent>": utc_day(earliest), "PageSize": "100"} | ({} if number is None else {"To": number})
        for text in await _reading(rest, rest.messages.with_query(query), earliest, account):
            if number is None or text.to == number:
                found.setdefault(text.sid, text)
    return sorted(found.values(), key=lambda text: (text.at, text.sid))


def messages_of(page: Message) -> list[Message]:
    """The messages of one page of a list, newest first as Twilio gives them; what is no object is left out.

    Raises ProviderTrouble if the page is no list of messages.
    """
    entries = page.get("messages")
    if not isinstance(entries, list):
        raise ProviderTrouble("Twilio's list of messages has no messages in it; check [sms] base_url")
    return [{str(name): part for name, part in entry.items()} for entry in entries if isinstance(entry, dict)]


def _numbers(account: TwilioAccount) -> tuple[str | None, ...]:
    """The numbers to ask for; None asks for all, where only a messaging service is known."""
    if account.own_numbers:
        return account.own_numbers
    return (account.sender,)


async def _reading(rest: Rest, url: URL, earliest: float, account: TwilioAccount) -> list[Inbound]:
    """The pages from `url` on, until one is wholly older than `earliest`."""
    texts: list[Inbound] = []
    read = {url}
    for _ in range(LONGEST_READING):
        page, _answer = await rest.ask(url)
        here = _texts(_ours(messages_of(page), account))
        texts += [text for text in here if text.at >= earliest]
        following = text_of(page, "next_page_uri")
        if following is None or (here and all(text.at < earliest for text in here)):
            return texts
        url = _following(rest, following)
        if url in read:
            raise ProviderTrouble("Twilio's list of messages leads round in a circle; it will be read again later")
        read.add(url)
    log.warning("more than %d pages of received texts; the oldest were not read", LONGEST_READING)
    return texts


def _texts(messages: list[Message]) -> list[Inbound]:
    """The received texts among `messages`. One that can't be read must not hide the others."""
    texts = []
    for message in messages:
        text = inbound_of(message)
        if text is not None:
            texts.append(text)
        elif message.get("direction") == "inbound" and message.get("status") != "failed":
            log.warning("a received text could not be read and is left out: its sid is %.64r", message.get("sid"))
    return texts


def _ours(messages: list[Message], account: TwilioAccount) -> list[Message]:
    """Without own numbers, only what came in through our messaging service: the account may have other
    uses."""
    if account.own_numbers or account.sender:
        return messages
    return [m for m in messages if m.get("messaging_service_sid") == account.messaging_service]


def _following(rest: Rest, uri: str) -> URL:
    """The next page's address. It must be on the same host and in the same list: our credentials go there."""
    try:
        url = rest.base.join(URL(uri))
        same = url.origin() == rest.base.origin() and url.user is None
    except ValueError as error:
        raise ProviderTrouble("Twilio's list names a next page that is no address") from error
    if not same or url.path != rest.messages.path:
        raise ProviderTrouble(f"Twilio's list leads to {url.host}{url.path}, which is not the same list; not followed")
    return url
