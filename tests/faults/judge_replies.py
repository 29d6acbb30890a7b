"""Was a reply lost, a text sent twice or after an opt-out, an urgent caller forgotten? The judge of a storm.

Who got what and who said what is the provider's record alone; our ledger is judged by it, text by text.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise

from agent.conversations.reception import ANSWER_FRESH, ONE_HELP_IN
from sms.states import may
from storage.vocabulary import TextState
from tests.faults.evidence import Evidence, Said, Taken, evidence
from tests.faults.figures import figures
from tests.faults.judge import Judgement
from tests.faults.judge_ladders import ladders_wrong
from tests.faults.night_office import COOLDOWN
from tests.faults.storm import Storm
from tests.faults.townsfolk import Meaning

FRESH_HELP = ANSWER_FRESH
"""Seconds that an answer to HELP may wait before it leaves."""
ON_ITS_WAY = 1.0
"""Seconds after an opt-out was heard within which a text may still reach the provider: it had left before."""
AUTOMATIC = ("first", "follow_up")
FAILURES = frozenset(("failed", "undelivered"))


def judge_storm(storm: Storm) -> Judgement:
    """Judge a storm that is over."""
    found = evidence(storm)
    wrong = [*found.wrong, *(f"the program ended by itself: {fault!r}" for fault in storm.ours.faults)]
    wrong += misses_wrong(found)
    for number in {*found.taken, *found.said} - set(found.staff):
        taken, said = found.taken.get(number, []), found.said.get(number, [])
        wrong += [f"{number}: {why}" for why in kinds_wrong(found, number, taken, said)]
        wrong += [f"{number}: {why}" for why in opt_outs_wrong(found, number, taken, said)]
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
    """At most one text of each kind a miss, by what the provider took and when."""
    of: defaultdict[str, list[Taken]] = defaultdict(list)
    for text in taken:
        of[text.kind].append(text)
    for kind in AUTOMATIC:
        for place, text in enumerate(of[kind]):
            if sum(at <= text.at for at in found.misses.get(number, ())) <= place:
                yield f"{place + 1} {kind} texts, and fewer misses until then"
        of_calls = [text.row["call_id"] for text in of[kind] if text.row is not None]
        if len(set(of_calls)) < len(of_calls):
            yield f"two {kind} texts for one miss"
    if len(of["follow_up"]) > len(of["first"]):
        yield "followed up more often than texted"
    firsts = sorted(text.row["created_at"] for text in of["first"] if text.arrived and text.row is not None)
    if any(later - earlier < COOLDOWN for earlier, later in pairwise(firsts)):
        yield f"two first texts within the cooldown: {firsts}"
    if any(later.at - earlier.at < ONE_HELP_IN - FRESH_HELP for earlier, later in pairwise(of["help"])):
        yield "answered HELP twice"
    if len(of["help"]) > sum(s.meaning is Meaning.HELP for s in said):
        yield "answered HELP that nobody asked for"
    if strange := of["strange"]:
        yield f"a text that nobody ordered: {strange[0].message.body!r}"


def opt_outs_wrong(found: Evidence, number: str, taken: list[Taken], said: list[Said]) -> Iterable[str]:
    """What is handed over after an opt-out was heard is its one confirmation; nothing automatic in a doubt."""
    confirmations = 0
    for text in taken:
        heard = [s for s in said if s.heard_at <= text.at]
        if text.kind == "confirm":
            if not any(s.meaning.is_opt_out for s in heard):
                yield "an opt-out was confirmed that nobody asked for"
            if confirmations > sum(s.meaning is Meaning.OPT_IN for s in heard):
                yield "one opt-out was confirmed twice"
            confirmations += 1
            continue
        before = [s for s in heard if s.heard_at <= text.at - ON_ITS_WAY]
        last = _last(before, out=True)
        if last is not None and last.meaning.is_opt_out:
            yield f"{text.message.body!r} left {text.at - last.heard_at:.1f} s after {last.message.body!r} was heard"
        last = _last(before, out=False)
        if last is not None and last.meaning is Meaning.DOUBT and text.kind in AUTOMATIC:
            yield f"{text.message.body!r} left though {last.message.body!r} was in doubt"
    yield from _not_in_force(found, number, said)


def _not_in_force(found: Evidence, number: str, said: list[Said]) -> Iterable[str]:
    """The last word counts, and an opt-out that the provider doesn't confirm by itself is confirmed by us."""
    outs = [s for s in said if s.meaning.is_opt_out]
    last = _last(said, out=True)
    in_force = "SELECT source FROM opt_outs WHERE number = ? AND lifted_at IS NULL"
    opt_out = found.db.execute(in_force, (number,)).fetchone()
    refused = opt_out is not None and opt_out["source"] == "provider" and "21610" in found.refused.get(number, ())
    if last is not None and last.meaning.is_opt_out != (opt_out is not None) and not refused:
        yield f"the last word was {last.message.body!r}, and the opt-out in force doesn't go by it"
    by_provider = any(found.storm.twilio.carrier.keyword(s.message) for s in outs)
    soon = [s for s in outs if s.heard_at - s.at < ANSWER_FRESH]
    if outs and len(soon) == len(outs) and not by_provider:
        written = "SELECT 1 FROM texts WHERE number = ? AND kind = 'confirm'"
        if found.db.execute(written, (number,)).fetchone() is None:
            yield f"{outs[0].message.body!r} was never confirmed"


def _last(said: list[Said], *, out: bool) -> Said | None:
    """The last word about opting out, or about a doubt."""
    ends = (Meaning.OPT_OUT, Meaning.URGENT_OPT_OUT) if out else (Meaning.DOUBT,)
    words = [s for s in said if s.meaning in (Meaning.OPT_IN, *ends)]
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
            by_provider = row["code"] in found.refused.get(row["number"], ())
            return "" if by_provider else f"nobody refused it with {row['code']}"
        case "expired":
            late = row["sid"] is not None or moves[-1]["at"] >= row["fresh_until"] - 10
            return "" if late else "it was fresh"
        case "cancelled":
            return "the provider took it" if message else "" if moves[-1]["note"] else "nobody tells why"
        case "unknown":
            return "the provider knows it" if message else ""
        case state:
            return f"{state} is no end"
