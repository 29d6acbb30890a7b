"""The webhooks: which calls are made about a text, when, and what their answers do.

A received text is posted to `inbound_url`, each status of a text (but its first) to the StatusCallback it came with.
"""

import asyncio
from collections import deque
from functools import partial
from uuid import uuid4

from tests.doubles.twilio.answers import texts_in
from tests.doubles.twilio.carrier import Message, Step, segments
from tests.doubles.twilio.clock import Later
from tests.doubles.twilio.hook_troubles import FINE, HookMix, HookTrouble
from tests.doubles.twilio.posting import Call, Fields, Forgery, Poster
from tests.doubles.twilio.rest import ACCOUNT, TOKEN, RestApi

VERSION = "2010-04-01"
MOST_EARLY = 2.0
"""Seconds: no answer to a POST waits longer than this for a call's time to come, as when the text is queued."""

_PLACES: dict[str, str] = {
    **{"FromCity": "WASHINGTON", "FromState": "DC", "FromZip": "20005", "FromCountry": "US"},
    **{"ToCity": "CHICAGO", "ToState": "IL", "ToZip": "60601", "ToCountry": "US"},
}


class Hooks:
    """Settings: `inbound_url`, `advanced_opt_out` (tells OptOutType), `lag` (seconds from an event to its call), `mix`.

    `queue` troubles for the next texts, else `mix` draws one for each text about which there is something to call.
    """

    def __init__(self, api: RestApi) -> None:
        self.inbound_url: str | None = None
        self.advanced_opt_out = False
        self.lag = 0.05
        self.mix: HookMix | None = None
        self.queue: deque[HookTrouble] = deque()
        self.poster = Poster(api.record, api.now, TOKEN)
        self._api, self._carrier = api, api.carrier
        self._later = Later(api.clock)
        self._early: list[asyncio.Task[None]] = []

    def next_trouble(self) -> HookTrouble:
        """What the calls about the next text meet."""
        if self.queue:
            return self.queue.popleft()
        return self.mix.draw() if self.mix is not None else FINE

    def received(self, message: Message, trouble: HookTrouble) -> None:
        """Tell of a received text; not of one that Twilio took for machine-made."""
        if self.inbound_url is not None and message.final.status == "received":
            call = Call(
                message.created + self.lag, "inbound", message.sid, self.inbound_url, self._inbound(message), _token()
            )
            self._plan(trouble.calls((call,)))

    def taken(self, message: Message) -> None:
        """Tell how a text goes on. The calls of one instant keep their order: each is a little later than the last."""
        if message.callback is None:
            return
        calls = (
            Call(
                step.at + self.lag * place, "status", message.sid, message.callback, self._status(message, step),
                _token(),
            )
            for place, step in enumerate(message.plan[1:], start=1)
        )  # fmt: skip
        self._plan(self.next_trouble().calls(tuple(calls)))

    async def before_answer(self) -> None:
        """Wait for the calls that come before the answer to a POST."""
        early, self._early = self._early, []
        await asyncio.gather(*early)

    async def tell(
        self, sid: str, status: str, error: int | None = None, *, forgery: Forgery | None = None
    ) -> int | None:
        """Call about a text of ours at once, whatever is true; the status answered. `forgery`: it isn't from Twilio."""
        message = self._carrier.messages[sid]
        assert message.callback is not None, "the text came without a StatusCallback"
        fields = self._status(message, Step(0.0, status, error))
        call = Call(0.0, "status", sid, message.callback, fields, _token(), forgery)
        return await self._answered(call)

    async def forge_text(self, sender: str, body: str, forgery: Forgery, sid: str | None = None) -> int | None:
        """Somebody who isn't Twilio tells of a text that nobody sent; the status answered."""
        assert self.inbound_url is not None
        ours = next(iter(self._carrier.senders))
        new = Message(
            *(sid or f"SM{uuid4().hex}", "inbound", sender, ours, body, None),
            *(0.0, (Step(0.0, "received"),)),
        )
        call = Call(0.0, "inbound", new.sid, self.inbound_url, self._inbound(new), _token(), forgery)
        return await self._answered(call)

    async def replay(self, sid: str) -> list[int | None]:
        """Make all true calls about a text that were made once more, byte by byte; the statuses answered."""
        made = [call for call in self.poster.posted if call.sid == sid and call.forgery is None]
        return [await self._answered(call) for call in made]

    async def close(self) -> None:
        try:
            await self._later.stop()
        finally:
            await self.poster.close()

    def _plan(self, calls: tuple[Call, ...]) -> None:
        for call in calls:
            wait = call.at - self._api.now() - (self.lag if call.early else 0.0)
            task = self._later.after(wait, partial(self._make, call))
            if call.early and wait <= MOST_EARLY:
                self._early.append(task)

    async def _make(self, call: Call) -> None:
        answer = await self.poster.post(call)
        if call.kind != "inbound" or call.forgery is not None or answer is None or not 200 <= answer.status < 300:
            return
        now, ordered = self._api.now(), texts_in(answer)
        if isinstance(ordered, int):
            self._api.record.write("error", now, code=ordered, sid=call.sid, url=call.url, why=answer.content_type)
            return
        for body in ordered:
            self._carrier.answer(self._carrier.messages[call.sid], body, now)

    async def _answered(self, call: Call) -> int | None:
        answer = await self.poster.post(call)
        return answer.status if answer else None

    def _inbound(self, message: Message) -> Fields:
        service = {"MessagingServiceSid": message.service} if message.service else {}
        media = {}
        for place in range(message.media):
            media[f"MediaContentType{place}"] = "image/jpeg"
            media[f"MediaUrl{place}"] = f"https://api.twilio.com/{VERSION}/Accounts/{ACCOUNT}/Media/ME{place}"
        word = self._carrier.keyword(message) if self.advanced_opt_out else None
        fields = {
            "ToCountry": _PLACES["ToCountry"],
            "SmsMessageSid": message.sid,
            "NumMedia": str(message.media),
            "SmsSid": message.sid,
            "SmsStatus": "received",
            "Body": message.body,
            "To": message.to,
            "NumSegments": str(segments(message.body)),
            "MessageSid": message.sid,
            "AccountSid": ACCOUNT,
            "From": message.sender,
            "ApiVersion": VERSION,
        }
        return tuple((fields | _PLACES | service | media | ({"OptOutType": word} if word else {})).items())

    def _status(self, message: Message, step: Step) -> Fields:
        service = {"MessagingServiceSid": message.service} if message.service else {}
        error = {} if step.error is None else {"ErrorCode": str(step.error)}
        fields = {
            "SmsSid": message.sid,
            "SmsStatus": step.status,
            "MessageStatus": step.status,
            "To": message.to,
            "MessageSid": message.sid,
            "AccountSid": ACCOUNT,
            "From": message.sender,
            "ApiVersion": VERSION,
        }
        return tuple((fields | service | error).items())


def _token() -> str:
    return str(uuid4())
