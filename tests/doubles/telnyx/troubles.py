"""What can go wrong with one request, in Telnyx's words. Drops, hangs and gateways are the Twilio double's."""

import json

from tests.doubles.telnyx.carrier import Refusal
from tests.doubles.twilio.troubles import Canned, Trouble


def refused(refusal: Refusal) -> Canned:
    """An error as Telnyx writes it."""
    error = {"code": str(refusal.code), "title": refusal.title, "detail": refusal.detail, "meta": {"url": "https://…"}}
    return Canned(refusal.http, json.dumps({"errors": [error]}).encode())


def error_500(*, stores: bool) -> Trouble:
    """Telnyx's own 500."""
    return Trouble("error_500", stores=stores, canned=refused(Refusal(10007, "Unexpected error", http=500)))


def slow_down(retry_after: str | None = "1") -> Trouble:
    """429, not processed."""
    canned = refused(Refusal(10011, "Too many requests", http=429))
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Trouble("slow_down", stores=False, canned=Canned(canned.status, canned.body, headers=headers))


def unauthorized() -> Trouble:
    """401 in the middle of the day."""
    return Trouble("unauthorized", stores=False, canned=refused(Refusal(10009, "Authentication failed", http=401)))
