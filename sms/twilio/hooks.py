"""What Twilio posts to our webhook: received texts, and how texts of ours stand. Proven by its signature, or refused.

Twilio signs the address it called and the fields it sent (https://www.twilio.com/docs/usage/security): HMAC-SHA1 with
the account's primary auth token, or HMAC-SHA256 with a shared key, named in a header of its own. While tokens are
rotated either may sign. The proof has no time in it, so what was posted once can be posted again: a reply is known by
its id and counts once, and a status only ever moves a text up.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from multidict import MultiDict
from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from sms.answers import number_of
from sms.provider import HookAnswer, Inbound, NotGenuine, Posted, Status
from sms.twilio.reading import sid_of, status_of

ANSWER = HookAnswer(200, "text/xml", b'<?xml version="1.0" encoding="UTF-8"?><Response/>')
"""Empty TwiML: any text in an answer would be sent to the caller."""

RETRIES = "#rc=5&rp=all&ct=2000&rt=5000"
"""Connection overrides: without them Twilio calls once more at most, and only if it couldn't connect."""

MOST_FIELDS = 200
_REF = re.compile(r"[0-9a-f]{32}")

Fields = MultiDict[str]


def callback(hook_url: str, ref: str) -> str:
    """The StatusCallback of one text: it brings our own id of it back, which proves a text whose answer was lost."""
    return f"{hook_url}?{urlencode({'m': ref})}{RETRIES}"


def heard(posted: Posted, account_sid: str, secrets: Iterable[str], now: float) -> Inbound | Status | None:
    """What a request tells. Raises NotGenuine."""
    fields = _fields(posted.body)
    url = posted.url.partition("#")[0]
    if not _is_signed(url, fields, posted.headers, secrets):
        raise NotGenuine("its signature is missing or wrong")
    if fields.get("AccountSid") != account_sid:
        raise NotGenuine(f"it speaks for another account than {account_sid}")
    if fields.get("SmsStatus") == "received":
        return _inbound(fields, now)
    return _status(fields, url)


def _fields(body: bytes) -> Fields:
    try:
        text = body.decode("utf-8")
        return MultiDict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"))
    except ValueError as error:
        raise NotGenuine(f"its body is no form: {error}") from error


def _is_signed(url: str, fields: Fields, headers: Mapping[str, str], secrets: Iterable[str]) -> bool:
    """Whether one of the secrets made the signature. Whatever the library stumbles over is no proof."""
    signature = headers.get(SIGNATURE_HEADER.lower())
    if not signature or not signature.isascii():
        return False
    algorithm = get_signature_algorithm(headers.get(SIGNATURE_SETTINGS_HEADER.lower()))
    try:
        return any(RequestValidator(secret).validate(url, fields, signature, algorithm) for secret in secrets)
    except (TypeError, ValueError, AttributeError):
        return False


def _inbound(fields: Fields, now: float) -> Inbound | None:
    """A received text, as polling would find it; Twilio tells no time with it, so it is of now."""
    sid = sid_of({"sid": fields.get("MessageSid")})
    if sid is None or "From" not in fields or "To" not in fields:
        return None
    media = number_of(fields, "NumMedia") or 0
    sender, to, body = fields["From"], fields["To"], fields.get("Body", "")
    return Inbound(sid, sender, to, body, now, raw=_raw(fields), media=media, timed=False)


def _status(fields: Fields, url: str) -> Status | None:
    word = fields.get("MessageStatus") or fields.get("SmsStatus")
    status = status_of({"sid": fields.get("MessageSid"), "status": word, "error_code": fields.get("ErrorCode")})
    if status is None:
        return None
    ref = dict(parse_qsl(urlsplit(url).query)).get("m", "")
    return replace(status, raw=_raw(fields), ref=ref if _REF.fullmatch(ref) else None)


def _raw(fields: Fields) -> str:
    """All that was posted, known or not, in order: Twilio adds fields without notice."""
    return json.dumps(list(fields.items()))
