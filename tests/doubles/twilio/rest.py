"""Twilio's REST API 2010-04-01 as far as texts go: what is answered to a request, with all its validations."""

import json
import operator
import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from itertools import dropwhile, islice
from urllib.parse import quote, urlencode, urlsplit

from aiohttp.web_request import BaseRequest

from tests.doubles.twilio.carrier import Carrier, Message, Order, Refusal, Sender, resource
from tests.doubles.twilio.clock import Clock
from tests.doubles.twilio.record import Record
from tests.doubles.twilio.troubles import Canned

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "the-auth-token"
API_KEY, API_SECRET = "SK" + "0" * 31 + "2", "the-api-secret"
SERVICE = "MG" + "0" * 31 + "3"
OUR_NUMBER = "+13125550100"

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_DAY_FILTERS: Mapping[str, Callable[[str, str], bool]] = {
    "DateSent": operator.eq,
    "DateSent>": operator.ge,
    "DateSent<": operator.le,
}
_NO_TO = Refusal(21604, "A 'To' phone number is required.")


class RestApi:
    """The state behind the API and its answers; `server.TwilioDouble` serves them, on good and on bad days."""

    def __init__(self, clock: Clock, record: Record, senders: tuple[Sender, ...], service: str | None) -> None:
        self.clock = clock
        self.record = record
        self.carrier = Carrier(record, {s.number: s for s in senders}, service)
        self.tokens = {TOKEN}
        self.skew = 0.0
        self.list_lag = 0.0
        self.price_after = 120.0

    def now(self) -> float:
        """Epoch seconds by the provider's clock."""
        return self.clock.now() + self.skew

    def on_taken(self, message: Message) -> None:
        """A text was taken: whoever must know is told here."""

    def answer(self, request: BaseRequest, fields: Mapping[str, str]) -> Canned:
        if request.path == "/":
            return _json(200, {"versions": []})
        user = self._user(request)
        if user is None:
            return _refused(Refusal(20003, "Authenticate", 401))
        account = f"/2010-04-01/Accounts/{ACCOUNT}"
        if request.path == f"{account}.json":
            return _refused(Refusal(20003, "Authenticate", 401)) if user == API_KEY else _json(200, {"sid": ACCOUNT})
        if request.path == f"{account}/Messages.json":
            if request.method == "POST":
                return self._create(fields)
            return self._list(request)
        if found := re.fullmatch(rf"{account}/Messages/(\w+)\.json", request.path):
            return self._fetch(found[1])
        if request.path == f"{account}/IncomingPhoneNumbers.json":
            return self._numbers(request.query.get("PhoneNumber", ""))
        if self.carrier.service and request.path == f"/v1/Services/{self.carrier.service}":
            registered = not self.carrier.unregistered
            return _json(200, {"sid": self.carrier.service, "us_app_to_person_registered": registered})
        return _refused(Refusal(20404, f"The requested resource {request.path} was not found", 404))

    def _user(self, request: BaseRequest) -> str | None:
        scheme, _, words = request.headers.get("Authorization", "").partition(" ")
        user, _, secret = b64decode(words).decode().partition(":") if scheme == "Basic" else ("", "", "")
        known = (user == ACCOUNT and secret in self.tokens) or (user, secret) == (API_KEY, API_SECRET)
        return user if known else None

    def _create(self, fields: Mapping[str, str]) -> Canned:
        order = self._order(fields)
        taken = order if isinstance(order, Refusal) else self.carrier.submit(order, self.now())
        if isinstance(taken, Refusal):
            self.record.write("refused", self.now(), to=fields.get("To"), code=taken.code)
            return _refused(taken)
        self.on_taken(taken)
        return _json(201, resource(taken, ACCOUNT, self.now(), self.price_after))

    def _order(self, fields: Mapping[str, str]) -> Order | Refusal:
        """The shape of each field, in the order in which a person would notice; unknown ones are ignored."""
        to, body = fields.get("To"), fields.get("Body", "")
        sender, service = fields.get("From"), fields.get("MessagingServiceSid")
        callback = fields.get("StatusCallback")
        validity = fields.get("ValidityPeriod", "36000")
        if not to:
            return _NO_TO
        if not _E164.fullmatch(to):
            return Refusal(21211, f"The 'To' number {to} is not a valid phone number.")
        if not sender and not service:
            return Refusal(21603, "A 'From' phone number is required.")
        if service and service != self.carrier.service:
            return Refusal(21703, "The Messaging Service does not exist")
        if sender and not _E164.fullmatch(sender):
            return Refusal(21212, f"The 'From' number {sender} is not a valid phone number")
        if sender and sender not in self.carrier.senders:
            return Refusal(21606, f"The 'From' phone number {sender} is not one of this account")
        if not body:
            return Refusal(21602, "Message body is required.")
        if len(body) > 1600:
            return Refusal(21617, "The concatenated message body exceeds the 1600 character limit")
        if not re.fullmatch(r"[0-9]{1,9}", validity) or not 1 <= int(validity) <= 36000:
            return Refusal(90007, "ValidityPeriod must be between 1 and 36000")
        if callback and "_" in (urlsplit(callback).hostname or "_"):
            return Refusal(21609, "The StatusCallback URL is not valid")
        return Order(to, body, self.carrier.senders[sender] if sender else None, service, float(validity), callback)

    def _fetch(self, sid: str) -> Canned:
        if message := self.carrier.messages.get(sid):
            return _json(200, resource(message, ACCOUNT, self.now(), self.price_after))
        return _refused(Refusal(20404, f"The requested resource {sid} was not found", 404))

    def _list(self, request: BaseRequest) -> Canned:
        """Newest first, by whole days, without what is younger than the lag; pages hang on the last sid shown."""
        query, now = request.query, self.now()
        kept = self.carrier.messages.values() if "To" not in query else self.carrier.to.get(query["To"], ())
        listed: Iterator[Message] = (
            m for m in reversed(kept) if m.created + self.list_lag <= now and self._asked_for(m, query)
        )
        after = query.get("PageToken", "")[2:]
        if after:
            listed = dropwhile(lambda m: m.sid != after, listed)
            next(listed, None)
        size = min(max(int(query.get("PageSize", "50")), 1), 1000)
        page = list(islice(listed, size))
        following = None
        if next(listed, None) is not None:
            same = {k: v for k, v in query.items() if k not in ("Page", "PageToken")}
            more = {"Page": str(int(query.get("Page", "0")) + 1), "PageToken": f"PA{page[-1].sid}"}
            following = f"{quote(request.path)}?{urlencode(same | more)}"
        messages = [resource(m, ACCOUNT, now, self.price_after) for m in page]
        return _json(200, {"messages": messages, "next_page_uri": following, "page_size": size, "uri": request.path_qs})

    def _asked_for(self, message: Message, query: Mapping[str, str]) -> bool:
        sent_at = message.sent_at
        day = None if sent_at is None or sent_at > self.now() else _utc_day(sent_at)
        return (
            query.get("To", message.to) == message.to
            and query.get("From", message.sender) == message.sender
            and all(
                day is not None and holds(day, query[name][:10])
                for name, holds in _DAY_FILTERS.items()
                if name in query
            )
        )

    def _numbers(self, number: str) -> Canned:
        owned = [s for s in self.carrier.senders.values() if number in ("", s.number)]
        listed = [
            {"phone_number": s.number, "capabilities": {"sms": s.sms, "mms": s.sms, "voice": True, "fax": False}}
            for s in owned
        ]
        return _json(200, {"incoming_phone_numbers": listed, "next_page_uri": None})


def _json(status: int, content: Mapping[str, object]) -> Canned:
    return Canned(status, json.dumps(content).encode())


def _refused(refusal: Refusal) -> Canned:
    more = f"https://www.twilio.com/docs/errors/{refusal.code}"
    body = {"code": refusal.code, "message": refusal.message, "more_info": more, "status": refusal.http}
    return _json(HTTPStatus(refusal.http), body)


def _utc_day(at: float) -> str:
    return _day(int(at // 86_400))


@cache
def _day(since_epoch: int) -> str:
    return datetime.fromtimestamp(since_epoch * 86_400, UTC).strftime("%Y-%m-%d")
