"""Which calls are played, and when: read from a file, or drawn at a steady rate."""

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# the numbers 555-0100 to 555-0199 of any area code belong to nobody
_AREA_CODES = (
    "201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 224 225 228 229 231 234 239 240 248 251 252 "
    "253 254 256 260 262 267 269 270 276 281 301 302 303 304 305 307 308 309 310 312 313 314 315 316 317 318 319 320 "
    "321 323 325 330 331 334 336 337 339 347 351 352 360 361 386 401 402 404 405 406 407 408 409 410 412 413 414 415 "
    "417 419 423 424 425 432 434 435 440 443 469 478 479 480 484 501 502 503 504 505 507 508 509 510 512 513 515 516 "
    "517 518 520 530 540 541 551 559 561 562 563 567 570 571 573 574 580 585 586 601 602 603 605 606 607 608 609 610"
)
AREA_CODES = tuple(_AREA_CODES.split())


class PlanError(Exception):
    """A plan can't be played. The message names the file and line and what is allowed."""


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One call: seconds of play at which it arrives, which recording, who calls whom. None: as recorded.

    `withheld`: the caller asked not to be shown; the number stands in the events all the same, as with a trunk that
    asserts it. An Asterisk's live channel tells it alone, a FreeSWITCH's events do.
    """

    start: float
    trace: str
    caller: str | None = None
    name: str | None = None
    did: str | None = None
    withheld: bool = False


def read_plan(path: Path, known: Iterable[str]) -> list[PlannedCall]:
    """A plan from JSON Lines with the fields of PlannedCall, in any order of time. Raises PlanError, OSError."""
    calls = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip():
            continue
        try:
            call = PlannedCall(**json.loads(line))
        except (ValueError, TypeError) as problem:
            raise PlanError(f"{path}, line {number}: {problem}") from problem
        if call.trace not in known:
            raise PlanError(f"{path}, line {number}: no recording {call.trace!r}; there are {', '.join(known)}")
        calls.append(call)
    return sorted(calls, key=lambda call: call.start)


def read_mix(text: str, known: Iterable[str]) -> dict[str, int]:
    """A mix written `answered=3,no_answer=1`. Raises PlanError."""
    mix = {}
    for part in text.split(","):
        name, _, weight = part.strip().partition("=")
        if name not in known or not (weight or "1").isdigit():
            raise PlanError(f"mix: {part!r} is no NAME=WEIGHT with one of {', '.join(known)}")
        mix[name] = int(weight or "1")
    return mix


def callers(seed: int) -> Iterator[str]:
    """Fictional numbers without end; one comes again only after all 14,000 others."""
    numbers = [f"+1{area}55501{last:02d}" for area in AREA_CODES for last in range(100)]
    random.Random(seed).shuffle(numbers)
    while True:
        yield from numbers


def steady(rate: float, seconds: float, mix: Mapping[str, int], seed: int) -> Iterator[PlannedCall]:
    """`rate` new calls a second for so many seconds of play, drawn from the mix; the same seed, the same calls."""
    draw = random.Random(seed)
    names: Sequence[str] = sorted(mix)
    weights = [mix[name] for name in names]
    numbers = callers(seed)
    for i in range(round(rate * seconds)):
        trace = draw.choices(names, weights)[0]
        yield PlannedCall(i / rate, trace, caller=next(numbers))
