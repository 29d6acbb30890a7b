"""Whom we text: the rules in order. The first that holds names the decision. Pure.

Each rule is defined once, here: its name (kept with the call for ever), its sentence (told by `explain` and in
docs/missed-calls.md), and when it holds. `because` adds what was found for this very call.
"""

from collections.abc import Callable
from dataclasses import dataclass

from agent.policy.facts import Facts, Limits, Presentation
from storage.vocabulary import Decision, Direction, Reason

PER_NUMBER_PER_DAY = 3
"""Automatic texts to one number in 24 hours: two answering machines must never talk to each other."""

_ATTESTATION = "CBA"


def _nothing(_: Facts) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason not to text. `holds` decides, `because` adds details of this call."""

    name: str
    sentence: str
    holds: Callable[[Facts], bool]
    because: Callable[[Facts], str] = _nothing


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was decided, by which rule, and why in words."""

    decision: Decision
    rule: str
    because: str = ""


def _short_ring(facts: Facts) -> bool:
    if facts.reason not in (Reason.ABANDONED, Reason.QUEUE_ABANDONED):
        return False
    return facts.waited is not None and facts.waited < facts.line.min_ring


def _attestation(facts: Facts) -> bool:
    wanted = facts.limits.attestation
    if wanted is None:
        return False
    return facts.attested is None or _ATTESTATION.find(facts.attested) < _ATTESTATION.index(wanted)


def is_capped(limits: Limits, last_hour: int, last_day: int, to_number: int) -> bool:
    """Whether so many automatic texts forbid a further one."""
    return last_hour >= limits.per_hour or last_day >= limits.per_day or to_number >= PER_NUMBER_PER_DAY


def _cap(facts: Facts) -> bool:
    return is_capped(facts.limits, facts.texts_last_hour, facts.texts_last_day, facts.texts_to_number_last_day)


def _cooldown(facts: Facts) -> bool:
    if facts.text_waiting:
        return True
    return facts.last_text_at is not None and facts.now - facts.last_text_at < facts.limits.cooldown


def _why_cooling(facts: Facts) -> str:
    if facts.text_waiting:
        return "a text to it is on its way"
    return f"{(facts.now - facts.last_text_at) / 60:.0f} minutes before" if facts.last_text_at is not None else ""


def _why_capped(facts: Facts) -> str:
    if facts.texts_to_number_last_day >= PER_NUMBER_PER_DAY:
        return f"{facts.texts_to_number_last_day} texts to this number in 24 hours"
    if facts.texts_last_hour >= facts.limits.per_hour:
        return f"{facts.texts_last_hour} texts in the last hour"
    return f"{facts.texts_last_day} texts in the last 24 hours"


RULES: tuple[Rule, ...] = (
    Rule(
        "not_inbound",
        "The call is internal or outbound.",
        lambda f: f.direction is not Direction.INBOUND,
    ),
    Rule(
        "line_off",
        "The line isn't enabled, or texting is paused.",
        lambda f: not f.line.enabled or bool(f.paused),
        lambda f: f.paused,
    ),
    Rule(
        "answered",
        "A human answered.",
        lambda f: f.answered,
    ),
    Rule(
        "reason_off",
        "The line doesn't text for this reason (`text_on`).",
        lambda f: f.reason not in f.line.text_on,
        lambda f: f.reason.value if f.reason else "",
    ),
    Rule(
        "short_ring",
        "The caller hung up sooner than `min_ring` after the first ringing or joining the queue.",
        _short_ring,
        lambda f: f"after {f.waited:.1f} s" if f.waited is not None else "",
    ),
    Rule(
        "withheld",
        "The caller withheld the number, or none came with the call.",
        lambda f: f.presentation is Presentation.WITHHELD or f.number.withheld,
    ),
    Rule(
        "presentation_unknown",
        "Whether the number was withheld could not be learnt from the PBX.",
        lambda f: f.presentation is Presentation.UNKNOWN and not f.limits.trust_numbers,
    ),
    Rule(
        "not_textable",
        "The caller's number can't be texted.",
        lambda f: not f.number.textable,
        lambda f: f.number.why_not.value if f.number.why_not else "",
    ),
    Rule(
        "country",
        "The number belongs to a country that isn't texted.",
        lambda f: f.number.region not in f.line.countries,
        lambda f: f.number.region or "",
    ),
    Rule(
        "blocked",
        "The number is the business's own, a colleague's, or was blocked by a person.",
        lambda f: bool(f.blocked),
        lambda f: f.blocked,
    ),
    Rule(
        "opted_out",
        "The number opted out of texts from this business.",
        lambda f: bool(f.opted_out),
        lambda f: f.opted_out,
    ),
    Rule(
        "in_doubt",
        "The caller wrote what may be an opt-out, and nobody has looked yet (`secondring optout doubts`).",
        lambda f: bool(f.in_doubt),
        lambda f: f.in_doubt,
    ),
    Rule(
        "in_touch",
        "Somebody is talking to the caller, or has been since, or got back to the caller within 30 minutes.",
        lambda f: bool(f.in_touch),
        lambda f: f.in_touch,
    ),
    Rule(
        "cooldown",
        "The number was texted not long ago (`cooldown`), or a text to it is on its way.",
        _cooldown,
        _why_cooling,
    ),
    Rule(
        "no_texts",
        "The number is known not to receive texts.",
        lambda f: bool(f.no_texts),
        lambda f: f.no_texts,
    ),
    Rule(
        "attestation",
        "The carrier vouches for the number less than `attestation` asks.",
        _attestation,
        lambda f: f.attested or "no attestation",
    ),
    Rule(
        "sending_stopped",
        "The provider refuses the whole account or sender; nothing is sent until that is cleared.",
        lambda f: bool(f.stopped),
        lambda f: f.stopped,
    ),
    Rule(
        "cap",
        "A cap was reached: texts an hour or a day (`per_hour`, `per_day`), or 3 a day to one number.",
        _cap,
        _why_capped,
    ),
    Rule(
        "stale",
        "The miss became known later than `freshness` after the call; a late text is worse than none.",
        lambda f: f.age > f.limits.freshness,
        lambda f: f"{f.age / 60:.0f} minutes later",
    ),
    Rule(
        "quiet_hours",
        "It is inside the caller's quiet hours.",
        lambda f: f.quiet,
    ),
)

TEXT = Rule("text", "A human didn't answer, and nothing speaks against a text.", lambda _: True)

UNDECIDED = Rule(
    "undecided",
    "The call's end was never seen: the trace ended, or the program was away and no record tells.",
    lambda _: True,
)

LOOKED_AT_AGAIN = ("answered", "opted_out", "in_doubt", "in_touch", "stale")
"""Rules that are looked at once more just before a text is handed over."""

BY_NAME = {rule.name: rule for rule in (*RULES, TEXT, UNDECIDED)}


def decide(facts: Facts) -> Ruling:
    """The ruling on one call."""
    for rule in RULES:
        if rule.holds(facts):
            deferred = rule.name == "quiet_hours" and facts.limits.defer_quiet
            return Ruling(Decision.DEFER if deferred else Decision.SKIP, rule.name, rule.because(facts))
    return Ruling(Decision.TEXT, TEXT.name)
