"""Was a reply lost, a text sent twice or after an opt-out, an urgent caller forgotten? The judge of a storm."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable

from agent.conversations.reception import ONE_HELP_IN
from sms.states import may
from storage.vocabulary import TextState
from tests.faults.evidence import Evidence, Said, Taken, evidence
from tests.faults.judge import Judgement
from tests.faults.judge_ladders import ladders_wrong
from tests.faults.night_office import COOLDOWN
from tests.faults.storm import Storm
from tests.faults.townsfolk import Meaning

FRESH_HELP = 3600.0
"""Seconds that an answer to HELP may wait before it leaves."""
AUTOMATIC = ("first", "follow_up")
FAILURES = frozenset(("failed", "undelivered"))


def judge_storm(storm: Storm) -> Judgement:
    """Judge a storm that is over."""
    found = evidence(storm)
    wrong = [*found.wrong, *(f"the program ended by itself: {fault!r}" for fault in storm.ours.faults)]
    wrong += misses_wrong(found)
    for number in {*found.taken, *found.said} - set(found.staff):
        taken, said = found.taken.get(number, []), found.said.get(number, [])
        wrong += [f"{number}: {why}" for why in (*kinds_wrong(found, number, taken, said), *opt_outs_wrong(found, number, taken, said))]
    wrong += states_wrong(found)
    wrong += ladders_wrong(found)
    return Judgement(wrong, figures(found))


def misses_wrong(found: Evidence) -> Iterable[str]:
    """Every miss has one record and one decision."""
    calls = found.rows("SELECT caller, decision FROM calls")
    if Counter(row["caller"] for row in calls) != Counter(number for number, _ in found.storm.ours.missed_calls):
        yield "the calls on record aren't those that were missed"
    yield from (f"a miss of {row['caller']} was never decided" for row in calls if row["decision"] is None)


def kinds_wrong(found: Evidence, number: str, taken: list[Taken], said: list[Said]) -> Iterable[str]:
    """At most one text of each kind a miss, by what the handset got."""
    arrived = [(t.row["kind"], t.row) for t in taken if t.arrived and t.row is not None]
    of: defaultdict[str, list[sqlite3.Row]] = defaultdict(list)
    for kind, row in arrived:
        of[kind].append(row)
    misses = sum(caller == number for caller, _ in found.storm.ours.missed_calls)
    for kind in AUTOMATIC:
        if len(of[kind]) > misses:
            yield f"{len(of[kind])} {kind} texts for {misses} misses"
        if len({row["call_id"] for row in of[kind]}) < len(of[kind]):
            yield f"two {kind} texts for one miss"
    if len(of["follow_up"]) > len([t for t in taken if t.row is not None and t.row["kind"] == "first"]):
        yield "followed up more often than texted"
    firsts = sorted(row["created_at"] for row in of["first"])
    if any(later - earlier < COOLDOWN for earlier, later in zip(firsts, firsts[1:], strict=False)):
        yield f"two first texts within the cooldown: {firsts}"
    helped = sorted(row["sending_at"] for row in of["help"])
    if any(later - earlier < ONE_HELP_IN - FRESH_HELP for earlier, later in zip(helped, helped[1:], strict=False)):
        yield f"answered HELP twice: {helped}"
    back = sum(s.meaning is Meaning.OPT_IN for s in said)
    if len(of["confirm"]) > 1 + back:
        yield f"{len(of['confirm'])} confirmations though only {back} times back"
    if len(of["confirm"]) > sum(s.meaning.is_opt_out for s in said):
        yield "an opt-out was confirmed that nobody asked for"
    if strange := set(of) - {*AUTOMATIC, "help", "confirm", "ladder"}:
        yield f"texts of kinds that nobody ordered: {strange}"


def opt_outs_wrong(found: Evidence, number: str, taken: list[Taken], said: list[Said]) -> Iterable[str]:
    """What is handed over after an opt-out was kept is its one confirmation; nothing automatic in a doubt."""
    confirmed: set[float] = set()
    for text in sorted((t for t in taken if t.row is not None), key=lambda t: t.message.created):
        row = text.row
        assert row is not None
        kept = [s for s in said if s.kept_at is not None and s.kept_at < row["sending_at"]]
        last = _last(kept, out=True)
        if last is not None and last.meaning.is_opt_out:
            if row["kind"] != "confirm":
                yield f"{row['kind']} text {row['id']} left {row['sending_at'] - (last.kept_at or 0):.1f} s after {last.message.body!r} was kept"
            since = max((s.at for s in kept if s.meaning is Meaning.OPT_IN), default=0.0)
            if row["kind"] == "confirm" and since in confirmed:
                yield "one opt-out was confirmed twice"
            if row["kind"] == "confirm":
                confirmed.add(since)
        last = _last(kept, out=False)
        if last is not None and last.meaning is Meaning.DOUBT and row["kind"] in AUTOMATIC:
            yield f"{row['kind']} text {row['id']} left though {last.message.body!r} was in doubt"
    last = _last([s for s in said if s.kept_at is not None], out=True)
    in_force = found.db.execute(
        "SELECT 1 FROM opt_outs WHERE number = ? AND lifted_at IS NULL", (number,)
    ).fetchone()
    if last is not None and last.meaning.is_opt_out and in_force is None:
        yield f"the last word was {last.message.body!r}, and no opt-out is in force"


def _last(said: list[Said], *, out: bool) -> Said | None:
    """The last word about opting out, or about a doubt."""
    words = [s for s in said if s.meaning is Meaning.OPT_IN or (s.meaning.is_opt_out if out else s.meaning is Meaning.DOUBT)]
    return max(words, key=lambda s: s.at, default=None)


def states_wrong(found: Evidence) -> Iterable[str]:
    """Every text has come to its end, by moves that are allowed, and the provider's record bears it out."""
    moves: defaultdict[int, list[sqlite3.Row]] = defaultdict(list)
    for move in found.rows("SELECT * FROM text_moves ORDER BY id"):
        moves[move["text_id"]].append(move)
    messages = {t.row["id"]: t.message for few in found.taken.values() for t in few if t.row is not None}
    for row in found.texts:
        message = messages.get(row["id"])
        why = _unproven(found, row, message, moves[row["id"]])
        if why:
            yield f"text {row['id']} ({row['kind']} to {row['number']}) is {row['state']}, but {why}"
        steps = [(m["before"], m["after"]) for m in moves[row["id"]] if m["before"] != m["after"]]
        state = None
        for before, after in steps:
            if before != state or (before is not None and not may(TextState(before), TextState(after))):
                yield f"text {row['id']} moved {steps}"
                break
            state = after
        if state != row["state"]:
            yield f"text {row['id']} is {row['state']}, and its moves end with {state}"


def _unproven(found: Evidence, row: sqlite3.Row, message: object, moves: list[sqlite3.Row]) -> str:
    """Why the evidence doesn't bear out where a text is; empty if it does."""
    twilio = found.storm.twilio
    taken = twilio.carrier.messages.get(row["sid"]) if row["sid"] else None
    truth = set() if taken is None else {s.status for s in taken.plan} | found.told.get(row["sid"], set())
    match row["state"]:
        case "delivered":
            return "" if "delivered" in truth else f"the provider said {truth}"
        case "sent":
            final = taken.final.status if taken else None
            return "" if final == "sent" else f"the provider knows it as {final}"
        case "failed" if row["sid"]:
            return "" if truth & FAILURES else f"the provider said {truth}"
        case "failed" if row["code"] == "20003":
            began, mended = found.storm.wrong_token
            return "" if began <= row["sending_at"] <= mended else "our token was right"
        case "failed":
            return "" if row["code"] in found.refused.get(row["number"], ()) else f"nobody refused it with {row['code']}"
        case "expired":
            late = row["sid"] is not None or moves[-1]["at"] >= row["fresh_until"] - 10
            return "" if late else "it was fresh"
        case "cancelled":
            return "the provider took it" if message else "" if moves[-1]["note"] else "nobody tells why"
        case "unknown":
            return "the provider knows it" if message else ""
        case state:
            return f"{state} is no end"


def figures(found: Evidence) -> dict[str, object]:
    """How much of what there was."""
    hooks = Counter(
        "forged" if e["forgery"] else "lost" if e["status"] is None else e["status"]
        for e in found.storm.twilio.record.of("hook")
    )
    texts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in found.texts:
        texts[row["kind"]][row["state"]] += 1
    return {
        "misses": len(found.storm.ours.missed_calls),
        "callers": len({number for number, _ in found.storm.ours.missed_calls}),
        "texts": {kind: dict(states) for kind, states in texts.items()},
        "replies": found.rows("SELECT count(*) AS n FROM replies")[0]["n"],
        "opt-outs": dict(Counter(row["source"] for row in found.rows("SELECT source FROM opt_outs"))),
        "opt-ins": sum(s.meaning is Meaning.OPT_IN for few in found.said.values() for s in few),
        "ladders": dict(Counter(row["state"] for row in found.rows("SELECT state FROM ladders"))),
        "webhooks": dict(hooks),
        "replays": found.storm.replayed,
        "restarts": found.storm.ours.restarts,
    }
