"""What can go wrong with the calls about one text, one trouble at a time or as a seeded mix.

A trouble turns the calls that are planned about a text into others. All of them happen with the real Twilio, but for
the forged ones, which are anybody's.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tests.doubles.twilio.posting import Call, Fields, Forgery

Calls = tuple[Call, ...]
DAY = 86_400.0
SOON = 0.01
"""Seconds between two calls of which the order matters."""


def _as_they_are(calls: Calls) -> Calls:
    return calls


def _as_said(body: str) -> str:
    return body


@dataclass(frozen=True, slots=True)
class HookTrouble:
    """One mishap. `calls` makes other calls of those planned, `body` other words of those a person texted."""

    name: str
    calls: Callable[[Calls], Calls] = _as_they_are
    body: Callable[[str], str] = _as_said


def _each(change: Callable[[Fields], Fields]) -> Callable[[Calls], Calls]:
    return lambda calls: tuple(replace(call, fields=change(call.fields)) for call in calls)


def _out_of_order(calls: Calls) -> Calls:
    return tuple(replace(call, at=other.at) for call, other in zip(calls, reversed(calls), strict=True))


def _twice(calls: Calls) -> Calls:
    return tuple(made for call in calls for made in (call, replace(call, at=call.at + SOON)))


def _later(seconds: float) -> Callable[[Calls], Calls]:
    return lambda calls: tuple(replace(call, at=call.at + seconds) for call in calls)


def _early(calls: Calls) -> Calls:
    return tuple(replace(call, early=place == 0) for place, call in enumerate(calls))


def _replayed(calls: Calls) -> Calls:
    return calls + tuple(replace(call, at=call.at + DAY / 24) for call in calls)


def _telling(call: Call, status: str, error: int | None, at: float) -> Call:
    """The same status call, but it tells something else."""
    named = {"MessageStatus": status, "SmsStatus": status}
    fields = tuple((n, named.get(n, v)) for n, v in call.fields if n != "ErrorCode")
    if error is not None:
        fields += (("ErrorCode", str(error)),)
    return replace(call, fields=fields, at=at, token=f"{call.token}-{status}-{error}")


def _status(call: Call) -> str:
    return dict(call.fields).get("MessageStatus", "")


def _revived(calls: Calls) -> Calls:
    """After a failure a `delivered` follows; before a `delivered` an `undelivered` comes."""
    made: list[Call] = []
    for call in calls:
        if _status(call) == "delivered":
            made.append(_telling(call, "undelivered", 30003, call.at - SOON))
        made.append(call)
        if _status(call) in ("undelivered", "failed"):
            made.append(_telling(call, "delivered", None, call.at + SOON))
    return tuple(made)


def _forgetful(calls: Calls) -> Calls:
    """After a failure with an ErrorCode it comes once more as `failed`, without one."""
    told = [_telling(c, "failed", None, c.at + SOON) for c in calls if "ErrorCode" in dict(c.fields)]
    return (*calls, *told)


def _new_parameters(fields: Fields) -> Fields:
    return (("AbuseScore", "0.02"), *fields, ("RawDlrDoneDate", "2503091200"), ("ChannelMetadata", '{"type":"sms"}'))


def _blank_values(fields: Fields) -> Fields:
    blanked = tuple((n, "" if n.startswith(("From", "To")) and n not in ("From", "To") else v) for n, v in fields)
    missing = [n for n in ("ErrorCode", "ErrorMessage", "MessagingServiceSid", "") if n not in dict(fields)]
    return blanked + tuple((n, "") for n in missing)


def _duplicate_names(fields: Fields) -> Fields:
    said = dict(fields)
    return (*fields, ("AccountSid", said["AccountSid"]), ("To", said["To"]), ("FromZip", "20005"), ("FromZip", "99999"))


def _forged(how: Forgery) -> Callable[[Calls], Calls]:
    """Just before each true call comes a false one about the same text, which says the worst."""

    def false(call: Call) -> Call:
        worst = {"Body": "STOP", "MessageStatus": "failed", "SmsStatus": "failed"}
        if call.kind == "inbound":
            del worst["SmsStatus"]
        fields = tuple((n, worst.get(n, v)) for n, v in call.fields)
        return replace(call, at=call.at - SOON, fields=fields, forgery=how, early=False)

    return lambda calls: tuple(made for call in calls for made in (false(call), call))


FINE = HookTrouble("fine")
OUT_OF_ORDER = HookTrouble("out_of_order", _out_of_order)
TWICE = HookTrouble("twice", _twice)
EARLY = HookTrouble("early", _early)
"""The first call is made, and answered, before the 201 of the text itself."""
NEVER = HookTrouble("never", lambda calls: ())
LATE = HookTrouble("late", _later(30.0))
AFTER_A_DAY = HookTrouble("after_a_day", _later(DAY))
REVIVED = HookTrouble("revived", _revived)
FORGETFUL = HookTrouble("forgetful", _forgetful)
NEW_PARAMETERS = HookTrouble("new_parameters", _each(_new_parameters))
BLANK_VALUES = HookTrouble("blank_values", _each(_blank_values))
DUPLICATE_NAMES = HookTrouble("duplicate_names", _each(_duplicate_names))
GARNISHED = HookTrouble("garnished", body=lambda body: f"{body} 👍🏽  ")
"""A person's text ends in an emoji and blanks, as some keyboards have it."""
REPLAYED = HookTrouble("replayed", _replayed)
FORGED_SECRET = HookTrouble("forged_secret", _forged(Forgery.WRONG_SECRET))
FORGED_BODY = HookTrouble("forged_body", _forged(Forgery.ALTERED_BODY))
UNSIGNED = HookTrouble("unsigned", _forged(Forgery.UNSIGNED))

CATALOGUE: Mapping[str, HookTrouble] = {
    trouble.name: trouble
    for trouble in (
        *(FINE, OUT_OF_ORDER, TWICE, EARLY, NEVER, LATE, AFTER_A_DAY, REVIVED, FORGETFUL, NEW_PARAMETERS, BLANK_VALUES),
        *(DUPLICATE_NAMES, GARNISHED, REPLAYED, FORGED_SECRET, FORGED_BODY, UNSIGNED),
    )
}

USUAL_MIX: Mapping[str, float] = {
    "out_of_order": 0.08,
    "twice": 0.08,
    "early": 0.05,
    "never": 0.05,
    "late": 0.05,
    "after_a_day": 0.02,
    "revived": 0.04,
    "forgetful": 0.04,
    "new_parameters": 0.05,
    "blank_values": 0.05,
    "duplicate_names": 0.05,
    "replayed": 0.04,
    "forged_secret": 0.03,
    "forged_body": 0.03,
    "unsigned": 0.03,
}
"""Shares of all texts, received or sent. `garnished` only where asked for: it changes what a person says."""


class HookMix:
    """Troubles at random, the same ones for the same seed. `drawn`: how many of each so far."""

    def __init__(self, seed: int, shares: Mapping[str, float] = USUAL_MIX) -> None:
        unknown = sorted(set(shares) - set(CATALOGUE))
        if unknown or sum(shares.values()) > 1:
            raise ValueError(f"no such troubles: {unknown}" if unknown else "the shares add up to more than 1")
        self._rng = random.Random(seed)
        self._shares = {"fine": 1 - sum(shares.values()), **shares}
        self.drawn: Counter[str] = Counter()

    def draw(self) -> HookTrouble:
        [name] = self._rng.choices(list(self._shares), list(self._shares.values()))
        self.drawn[name] += 1
        return CATALOGUE[name]


def hook_mix_named(words: str, seed: int) -> HookMix:
    """`none`, `mix` (the usual one), or shares such as `twice=0.2,never=0.1`."""
    if words == "none":
        return HookMix(seed, {})
    if words == "mix":
        return HookMix(seed)
    pairs = [word.partition("=") for word in words.split(",")]
    return HookMix(seed, {name.strip(): float(share) for name, _, share in pairs})
