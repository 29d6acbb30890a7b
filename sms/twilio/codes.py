"""Twilio's error codes as data: what each one says about the future.

The codes are Twilio's (https://www.twilio.com/docs/api/errors). Some are seen in the answer to the POST, some
later as the `error_code` of a message, some in both places; a code means the same in each. Decide by the
class: Twilio asks not to build on single codes, so a code not listed here is `Fault.OTHER`, final, never sent
again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sms.provider import Fault

_DAY = 86400.0
MONTH = 30 * _DAY
QUARTER = 90 * _DAY
YEAR = 365 * _DAY


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code says.

    `no_texts`: seconds for which the number is to be left alone.
    `retry_after`: set only where Twilio says the POST was not processed; seconds until it is worth trying
    again.
    """

    fault: Fault
    no_texts: float | None = None
    retry_after: float | None = None


UNKNOWN_CODE = Meaning(Fault.OTHER)

_ACCOUNT = Meaning(Fault.ACCOUNT)
_COUNTRY = Meaning(Fault.COUNTRY)
_NO_NUMBER = Meaning(Fault.BAD_NUMBER, no_texts=YEAR)
_LANDLINE = Meaning(Fault.NO_TEXTS, no_texts=YEAR)
_NO_ROUTE = Meaning(Fault.NO_TEXTS, no_texts=QUARTER)
_UNREACHABLE = Meaning(Fault.UNREACHABLE)
_FILTERED = Meaning(Fault.FILTERED)
_LIMIT = Meaning(Fault.RATE)
_OURS = Meaning(Fault.OUR_MISTAKE)

MEANINGS: Mapping[int, Meaning] = {
    # The account or its credentials.
    20003: _ACCOUNT,  # authentication failed
    20005: _ACCOUNT,  # account not active
    20008: _ACCOUNT,  # test credentials where live ones are needed
    20404: _ACCOUNT,  # no such account: the only resource a POST names
    30002: _ACCOUNT,  # account suspended
    21608: _ACCOUNT,  # trial account, or no approved primary compliance profile
    # The sender we text from.
    21212: _ACCOUNT,
    21603: _ACCOUNT,
    21606: _ACCOUNT,
    21659: _ACCOUNT,
    21660: _ACCOUNT,
    21661: _ACCOUNT,
    21703: _ACCOUNT,
    21704: _ACCOUNT,
    21705: _ACCOUNT,
    30032: _ACCOUNT,  # toll-free number not verified
    30033: _ACCOUNT,  # 10DLC campaign suspended
    30034: _ACCOUNT,  # 10DLC number not registered: every text would fail, and cost a fee
    30035: _ACCOUNT,  # number still being set up
    # The country.
    21408: _COUNTRY,
    30018: _COUNTRY,
    30024: _COUNTRY,
    # The number.
    21211: _NO_NUMBER,
    21217: _NO_NUMBER,
    21614: _LANDLINE,
    21635: _LANDLINE,
    30006: _LANDLINE,
    30005: _NO_ROUTE,  # unknown number: may be given out again
    21612: _NO_ROUTE,  # no route from this sender
    21610: Meaning(Fault.OPTED_OUT),
    30003: _UNREACHABLE,
    30008: _UNREACHABLE,
    30004: Meaning(Fault.BLOCKED, no_texts=MONTH),
    # The content.
    30007: _FILTERED,
    30450: _FILTERED,  # SMS-pumping guard
    30453: _FILTERED,
    # Rates and caps. Only at the POST, and only where the request was not processed, trying again is safe.
    20429: Meaning(Fault.RATE, retry_after=1.0),
    21611: Meaning(Fault.RATE, retry_after=60.0),  # this sender's queue is full
    14107: _LIMIT,
    30001: _LIMIT,
    30022: _LIMIT,
    30023: _LIMIT,
    30027: _LIMIT,
    63038: _LIMIT,  # daily cap of the account
    30036: Meaning(Fault.EXPIRED),
    # The request itself.
    20001: _OURS,
    21602: _OURS,
    21604: _OURS,
    21609: _OURS,
    21617: _OURS,
    90007: _OURS,
    # Known and final, but of no class above.
    30410: UNKNOWN_CODE,  # provider time-out
    30500: UNKNOWN_CODE,  # Twilio's own fault
    30047: UNKNOWN_CODE,  # Compliance Toolkit
    30610: UNKNOWN_CODE,
    30640: UNKNOWN_CODE,
}


def meaning(code: int | None) -> Meaning:
    """What `code` says; a code we don't know is final and of no class."""
    return UNKNOWN_CODE if code is None else MEANINGS.get(code, UNKNOWN_CODE)
