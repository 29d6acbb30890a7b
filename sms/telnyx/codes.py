"""Telnyx's error codes as data: what each one says about the future.

The codes are Telnyx's, from its messaging error codes (https://developers.telnyx.com/docs/messaging/messages/error-codes
and https://support.telnyx.com/en/articles/6505121). Some are seen in the answer to the POST, some later among a
message's `errors`; a code means the same in each. A code not listed here is `Fault.OTHER`, final, never sent again:
newer ones (10DLC grows) are only added once their meaning is documented.

Not listed on purpose: 10001, 10002 and 10016 (a phone number is inactive, invalid, not E.164). They don't say whether
they mean ours or the caller's, and neither may be held against the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sms.provider import Fault

_DAY = 86400.0
QUARTER = 90 * _DAY
YEAR = 365 * _DAY


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code says.

    `no_texts`: seconds for which the number is to be left alone.
    `retry_after`: set only where the POST was not processed; seconds until it is worth trying again.
    """

    fault: Fault
    no_texts: float | None = None
    retry_after: float | None = None


UNKNOWN_CODE = Meaning(Fault.OTHER)

_ACCOUNT = Meaning(Fault.ACCOUNT)
_NO_NUMBER = Meaning(Fault.BAD_NUMBER, no_texts=YEAR)
_LANDLINE = Meaning(Fault.NO_TEXTS, no_texts=YEAR)
_NO_ROUTE = Meaning(Fault.NO_TEXTS, no_texts=QUARTER)
_UNREACHABLE = Meaning(Fault.UNREACHABLE)
_FILTERED = Meaning(Fault.FILTERED)
_LIMIT = Meaning(Fault.RATE)
_EXPIRED = Meaning(Fault.EXPIRED)
_OURS = Meaning(Fault.OUR_MISTAKE)

MEANINGS: Mapping[int, Meaning] = {
    # The account or its credentials.
    10009: _ACCOUNT,  # authentication failed
    10010: _ACCOUNT,  # authorization failed
    20002: _ACCOUNT,  # API key revoked
    20006: _ACCOUNT,  # access token expired
    20012: _ACCOUNT,  # account inactive, perhaps out of funds
    20013: _ACCOUNT,  # account blocked
    20014: _ACCOUNT,  # account unverified
    20015: _ACCOUNT,  # feature not enabled
    20016: _ACCOUNT,  # account not verified to level 1
    20017: _ACCOUNT,  # account not verified to level 2
    20100: _ACCOUNT,  # out of funds
    40314: _ACCOUNT,  # messaging disabled on the account
    # The sender we text from, and its profile.
    10005: _ACCOUNT,  # no such resource: the only one a POST names
    10006: _ACCOUNT,  # invalid id: the only one we name is the messaging profile's
    40010: _ACCOUNT,  # 10DLC: the number belongs to no campaign
    40013: _ACCOUNT,
    40100: _ACCOUNT,  # number not enabled for messaging
    40150: _ACCOUNT,  # toll-free number not in the registry
    40151: _ACCOUNT,  # enabling is pending with another provider
    40305: _ACCOUNT,  # invalid `from`, or not of this profile
    40306: _ACCOUNT,
    40311: _ACCOUNT,
    40312: _ACCOUNT,  # messaging profile disabled
    40313: _ACCOUNT,
    40315: _ACCOUNT,  # `from` unhealthy: too little delivered, too much of it spam
    40320: _ACCOUNT,  # `from` not usable yet
    40321: _ACCOUNT,  # no usable number on the profile
    40329: _ACCOUNT,  # toll-free number not verified
    # The country.
    40309: Meaning(Fault.COUNTRY),  # not among the profile's allowed destinations
    # The number.
    40310: _NO_NUMBER,
    40001: _LANDLINE,
    40012: _NO_ROUTE,  # the carrier knows no such number: it may be given out again
    40301: _NO_ROUTE,
    40319: _NO_ROUTE,
    40300: Meaning(Fault.OPTED_OUT),
    40004: _UNREACHABLE,  # "rejected for an unknown reason"
    40006: _UNREACHABLE,
    40008: _UNREACHABLE,
    # The content.
    40002: _FILTERED,
    40003: _FILTERED,
    40015: _FILTERED,
    40017: _FILTERED,  # AT&T, 10DLC
    40322: _FILTERED,
    # Rates and caps. Only at the POST, and only where the request was not processed, trying again is safe.
    10011: Meaning(Fault.RATE, retry_after=1.0),
    40318: Meaning(Fault.RATE, retry_after=60.0),  # this sender's queue is full
    40011: _LIMIT,
    40016: _LIMIT,  # T-Mobile's daily cap of the brand
    40018: _LIMIT,  # AT&T's cap a minute
    40005: _EXPIRED,
    40014: _EXPIRED,
    # The request itself.
    10003: _OURS,
    10004: _OURS,
    10015: _OURS,
    10023: _OURS,  # invalid JSON
    40009: _OURS,
    40302: _OURS,
    40304: _OURS,
    40308: _OURS,
    40316: _OURS,
    40317: _OURS,
    40328: _OURS,
}


def meaning(code: int | None) -> Meaning:
    """What `code` says; a code we don't know is final and of no class."""
    return UNKNOWN_CODE if code is None else MEANINGS.get(code, UNKNOWN_CODE)
