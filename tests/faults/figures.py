"""How much of everything there was in a storm, so that nobody takes a calm day for one."""

from collections import Counter, defaultdict

from tests.doubles.twilio.carrier import Message
from tests.faults.evidence import Evidence
from tests.faults.townsfolk import Meaning

INTERRUPTED = "SELECT count(*) AS n FROM text_moves WHERE note = 'the program stopped while it was being handed over'"
ADOPTED = "SELECT count(*) AS n FROM text_moves WHERE before = 'unknown' AND after = 'accepted'"


def figures(found: Evidence) -> dict[str, object]:
    """How much of what there was: what was to be done, then what went wrong around it."""
    said = Counter(one.meaning for few in found.said.values() for one in few)
    texts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in found.texts:
        texts[row["kind"]][row["state"]] += 1
    return {
        "misses": len(found.storm.ours.missed_calls),
        "callers": len(found.misses),
        "texts": {kind: dict(states) for kind, states in sorted(texts.items())},
        "replies": {meaning.name.lower(): said[meaning] for meaning in Meaning},
        "of staff": sum(m.direction == "inbound" and m.sender in found.staff for m in _messages(found)),
        "opt-outs": dict(Counter(row["source"] for row in found.rows("SELECT source FROM opt_outs"))),
        "ladders": dict(Counter(row["state"] for row in found.rows("SELECT state FROM ladders"))),
        **_troubles(found),
    }


def _troubles(found: Evidence) -> dict[str, object]:
    storm, twilio = found.storm, found.storm.twilio
    hooks = Counter(
        "forged" if event["forgery"] else "not answered" if event["status"] is None else str(event["status"])
        for event in twilio.record.of("hook")
    )
    carriers = Counter(
        message.final.error or message.final.status
        for message in _messages(found)
        if message.direction == "outbound-api" and message.final.status != "delivered"
    )
    return {
        "restarts": storm.ours.restarts,
        "interrupted while sending": found.rows(INTERRUPTED)[0]["n"],
        "found again": found.rows(ADOPTED)[0]["n"],
        "outages of the provider": storm.outages,
        "troubles of sends": dict(twilio.mix.drawn) if twilio.mix else {},
        "of questions": dict(twilio.get_mix.drawn) if twilio.get_mix else {},
        "of webhooks": dict(twilio.hooks.mix.drawn) if twilio.hooks.mix else {},
        "webhook calls": dict(hooks),
        "replayed": storm.replayed,
        "refused": dict(Counter(str(event["code"]) for event in twilio.record.of("refused"))),
        "carriers": dict(carriers),
    }


def _messages(found: Evidence) -> list[Message]:
    return list(found.storm.twilio.carrier.messages.values())
