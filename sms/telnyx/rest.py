"""The addresses, credentials and key of one Telnyx account, on top of the exchange."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from sms.exchange import Answer, Exchange
from sms.provider import OutgoingText
from sms.telnyx.reading import MARK, trouble_of

BASE_URL = "https://api.telnyx.com"


@dataclass(frozen=True, slots=True)
class TelnyxAccount:
    """What one Telnyx account needs. `sender` (E.164) or `messaging_profile` (a UUID, whose number pool then picks the
    sender); both: that sender of the profile. `hook_url`: our public webhook; `public_key`: what its requests are
    proven with, 32 bytes in base64, as the portal shows it."""

    api_key: str = field(repr=False)
    sender: str | None = None
    messaging_profile: str | None = None
    base_url: str = BASE_URL
    hook_url: str | None = None
    public_key: str | None = None

    def __post_init__(self) -> None:
        if not self.sender and not self.messaging_profile:
            raise ValueError("a Telnyx account needs a sender number or a messaging profile")
        if not self.api_key.isascii() or not self.api_key.isprintable():
            raise ValueError("a Telnyx API key is of letters, digits and signs alone")


class Rest(Exchange):
    """The requests of one account."""

    def __init__(self, account: TelnyxAccount, timeout: aiohttp.ClientTimeout, now: Callable[[], float]) -> None:
        # Unverified: the name of the header with Telnyx's id of a request. Without it the id is missing from the log.
        super().__init__(
            "Telnyx", URL(account.base_url), f"Bearer {account.api_key}", "x-request-id", trouble_of, timeout, now
        )
        self.messages = self.base / "v2" / "messages"
        self.profiles = self.base / "v2" / "messaging_profiles"
        self.records = self.base / "v2" / "detail_records"
        self.numbers = self.base / "v2" / "phone_numbers" / "messaging"

    async def post_under(self, key: str, body: bytes) -> Answer:
        """POST to the messages once, under an Idempotency-Key. Raises one of ANY_FAILURE; only BEFORE_ANY_BYTE says
        that nothing left."""
        return await self.post(self.messages, body, {"Content-Type": "application/json", "Idempotency-Key": key})


def body_of(text: OutgoingText, account: TelnyxAccount) -> bytes:
    """The request for a text, the same bytes whenever it is asked for: a key stands for its exact bytes.

    So nothing in it may vary, neither time nor what is left of the validity (which Telnyx can't be told anyway).
    Raises UnicodeEncodeError for a text with half a character.
    """
    fields = {"to": text.to, "text": text.body, "type": "SMS"}
    if account.sender:
        fields["from"] = account.sender
    if account.messaging_profile:
        fields["messaging_profile_id"] = account.messaging_profile
    if account.hook_url:
        fields["webhook_url"] = f"{account.hook_url}?{urlencode({MARK: text.ref})}"
    return json.dumps(fields, ensure_ascii=False, sort_keys=True).encode("utf-8")
