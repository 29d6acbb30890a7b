"""Telnyx's idempotency: what was answered under each key, given again to the same bytes for 24 hours.

As documented (https://developers.telnyx.com/docs/development/api-fundamentals/idempotency): only successes are kept, a
request that is under way with the same key gets 409, another body gets 422. Codes are those of Telnyx's email API;
that its message API has the same is unverified.
"""

import re
from dataclasses import dataclass, field

from tests.doubles.telnyx.carrier import Refusal
from tests.doubles.twilio.troubles import Canned

KEPT_FOR = 24 * 3600.0

_KEY = re.compile(r"[A-Za-z0-9_:-]{1,255}")


@dataclass(frozen=True, slots=True)
class Kept:
    """One success, and the bytes it answered."""

    at: float
    asked: bytes
    answer: Canned


@dataclass(slots=True)
class Keys:
    """`under_way` is set by tests: keys whose first request hasn't ended."""

    under_way: set[str] = field(default_factory=set)
    _kept: dict[str, Kept] = field(default_factory=dict)

    def answer(self, key: str, asked: bytes, now: float) -> Canned | Refusal | None:
        """What a request under `key` gets without being done; None: it has to be done."""
        if not _KEY.fullmatch(key):
            return Refusal(10015, "Bad Request", "The Idempotency-Key header is invalid.")
        if key in self.under_way:
            return Refusal(10036, "Conflict", "A request with this Idempotency-Key is in progress.", http=409)
        kept = self._kept.get(key)
        if kept is None or now - kept.at >= KEPT_FOR:
            return None
        if kept.asked != asked:
            detail = "This Idempotency-Key was used with a different request."
            return Refusal(10027, "Unprocessable Entity", detail, http=422)
        return kept.answer

    def keep(self, key: str, asked: bytes, answer: Canned, now: float) -> None:
        """Remember an answer that was given, if it was a success."""
        if 200 <= answer.status < 300:
            self._kept[key] = Kept(now, asked, answer)
