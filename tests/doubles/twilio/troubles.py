"""What can go wrong with one request at the provider, one at a time or as a seeded mix."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto


class End(Enum):
    """How the exchange ends."""

    ANSWER = auto()
    DROP = auto()  # the connection is reset without a byte of an answer
    HALF = auto()  # headers and half of the body, then the connection closes
    HANG = auto()  # nothing, until the peer goes


@dataclass(frozen=True, slots=True)
class Canned:
    """An answer given whatever was asked."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One mishap. `stores`: whether the text is taken all the same. `delay`: seconds before the end."""

    name: str
    stores: bool = True
    delay: float = 0.0
    end: End = End.ANSWER
    canned: Canned | None = None


FINE = Trouble("fine")

_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


def late(seconds: float) -> Trouble:
    """Takes the text, answers after `seconds`."""
    return Trouble("late", delay=seconds)


def drops_before() -> Trouble:
    """Resets the connection; the text was never taken."""
    return Trouble("drops_before", stores=False, end=End.DROP)


def drops_during() -> Trouble:
    """Takes the text, breaks off in the middle of the answer."""
    return Trouble("drops_during", end=End.HALF)


def drops_after() -> Trouble:
    """Takes the text, then resets the connection without an answer."""
    return Trouble("drops_after", end=End.DROP)


def hangs(*, stores: bool) -> Trouble:
    """Never answers."""
    return Trouble("hangs", stores=stores, end=End.HANG)


def answers(canned: Canned, *, stores: bool = False) -> Trouble:
    """Answers with just this."""
    return Trouble("canned", stores=stores, canned=canned)


def error_500(*, stores: bool) -> Trouble:
    """Twilio's own JSON 500."""
    body = b'{"code":20500,"message":"An internal server error has occurred","status":500}'
    return Trouble("error_500", stores=stores, canned=Canned(500, body))


def error_502(*, stores: bool) -> Trouble:
    """A gateway's HTML."""
    return Trouble("error_502", stores=stores, canned=Canned(502, _GATEWAY, "text/html"))


def slow_down(retry_after: str | None = "1") -> Trouble:
    """429, not processed. `retry_after`: the header's value, seconds or an HTTP date."""
    body = b'{"code":20429,"message":"Too Many Requests","more_info":"","status":429}'
    headers = {"Twilio-Concurrent-Requests": "101"} | ({} if retry_after is None else {"Retry-After": retry_after})
    return Trouble("slow_down", stores=False, canned=Canned(429, body, headers=headers))


def unauthorized() -> Trouble:
    """401 in the middle of the day."""
    body = b'{"code":20003,"message":"Authenticate","more_info":"","status":401}'
    return Trouble("unauthorized", stores=False, canned=Canned(401, body))


_CATALOGUE: Mapping[str, Callable[[random.Random], Trouble]] = {
    "late": lambda rng: late(rng.uniform(0, 3)),
    "very_late": lambda rng: late(rng.uniform(10, 20)),
    "drops_before": lambda _: drops_before(),
    "drops_during": lambda _: drops_during(),
    "drops_after": lambda _: drops_after(),
    "error_500": lambda rng: error_500(stores=rng.random() < 0.5),
    "error_502": lambda rng: error_502(stores=rng.random() < 0.5),
    "slow_down": lambda rng: slow_down(str(rng.randint(1, 3))),
    "unauthorized": lambda _: unauthorized(),
}

USUAL_MIX: Mapping[str, float] = {
    "late": 0.08,
    "drops_before": 0.06,
    "drops_during": 0.06,
    "drops_after": 0.06,
    "error_500": 0.04,
    "error_502": 0.04,
    "slow_down": 0.04,
}
"""Shares of all POSTs; the rest is fine. `very_late` and `unauthorized` only where asked for."""


class Mix:
    """Troubles at random, the same ones for the same seed. `drawn`: how many of each so far."""

    def __init__(self, seed: int, shares: Mapping[str, float] = USUAL_MIX) -> None:
        unknown = sorted(set(shares) - set(_CATALOGUE))
        if unknown or sum(shares.values()) > 1:
            raise ValueError(f"no such troubles: {unknown}" if unknown else "the shares add up to more than 1")
        self._rng = random.Random(seed)
        self._shares = dict(shares)
        self.drawn: Counter[str] = Counter()

    def draw(self) -> Trouble:
        point = self._rng.random()
        for name, share in self._shares.items():
            point -= share
            if point < 0:
                self.drawn[name] += 1
                return _CATALOGUE[name](self._rng)
        return FINE


def mix_named(words: str, seed: int) -> Mix:
    """`none`, `mix` (the usual one), or shares such as `drops_after=0.2,late=0.1`."""
    if words == "none":
        return Mix(seed, {})
    if words == "mix":
        return Mix(seed)
    pairs = [word.partition("=") for word in words.split(",")]
    return Mix(seed, {name.strip(): float(share) for name, _, share in pairs})


def trouble_named(name: str, seed: int = 0) -> Trouble:
    """One trouble of the catalogue by its name, for a test in another process."""
    return _CATALOGUE[name](random.Random(seed))
