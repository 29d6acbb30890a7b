"""Was every urgent caller asked about, each person once a step, and told the truth once?"""

import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable

from agent.conversations.reception import URGENT_FRESH
from tests.faults.evidence import Evidence

ENDS = ("seen", "unheard")
ONCE_A_LADDER = (
    ("staff", re.compile(r'^URGENT from (\+\d+): "(?!.*Nobody has taken this yet)')),
    ("staff", re.compile(r'^URGENT from (\+\d+): ".*Nobody has taken this yet')),
    ("staff", re.compile(r"has taken (\+\d+)\. Nothing more to do")),
)
"""What one person of the staff is told at most once about a ladder."""
ONCE_AT_ALL = (re.compile(r"^It's yours\. Call (\+\d+)"), re.compile(r"^The time promised to (\+\d+) is up"))
"""What only who took it is told."""
TO_CALLERS = ("has been alerted. We'll text", "nobody has seen your message yet", "has seen this")


def ladders_wrong(found: Evidence) -> Iterable[str]:
    """All that is wrong about urgent callers."""
    ladders: defaultdict[str, list[sqlite3.Row]] = defaultdict(list)
    for ladder in found.rows("SELECT * FROM ladders ORDER BY opened_at"):
        ladders[ladder["number"]].append(ladder)
    for number in {*ladders, *found.said} - set(found.staff):
        yield from _unanswered(found, number, ladders[number])
    yield from _ends_wrong(found, [ladder for few in ladders.values() for ladder in few])
    yield from _callers_told_wrong(found, ladders)
    yield from _staff_told_wrong(found, ladders)


def _unanswered(found: Evidence, number: str, ladders: list[sqlite3.Row]) -> Iterable[str]:
    """Each urgent reply that wasn't fetched too late opened a ladder, or one was open; none was opened for nothing."""
    whole = found.said.get(number, [])
    urgent = [s for s in whole if s.meaning.is_urgent and s.kept_at is not None and s.kept_at - s.at < URGENT_FRESH]
    for said in urgent:
        at = said.kept_at or 0.0
        if not any(one["opened_at"] <= at <= (one["seen_at"] or float("inf")) for one in ladders):
            yield f"{number} wrote {said.message.body!r} and no ladder was there for it"
    if len(ladders) > len(urgent):
        yield f"{number} has {len(ladders)} ladders for {len(urgent)} urgent texts"


def _ends_wrong(found: Evidence, ladders: list[sqlite3.Row]) -> Iterable[str]:
    answered: defaultdict[str, list[float]] = defaultdict(list)
    for message in found.storm.twilio.carrier.messages.values():
        if message.direction == "inbound" and message.sender in found.staff:
            answered[message.sender].append(message.created)
    for number, _, at in found.storm.folk.taken_by_link:
        answered[number].append(at)
    numbers = {person.name: person.number for person in found.storm.ours.office.people}
    for ladder in ladders:
        if ladder["state"] not in ENDS:
            yield f"the ladder of {ladder['number']} ended as {ladder['state']}"
        by = answered[numbers[ladder["seen_by"]] or ""] if ladder["seen_by"] else ()
        if ladder["seen_by"] and not any(at <= ladder["seen_at"] + 1 for at in by):
            yield f"{ladder['seen_by']} never answered, and has seen {ladder['number']}"
        asks = found.db.execute("SELECT person FROM ladder_asks WHERE ladder_id = ?", (ladder["id"],))
        asked = Counter(row["person"] for row in asks)
        if any(times > 2 for times in asked.values()) or asked.total() > ladder["step"] + len(numbers):
            yield f"the ladder of {ladder['number']} asked {dict(asked)}"
        if ladder["state"] == "unheard" and set(asked) != set(numbers):
            yield f"nobody has seen {ladder['number']}, and only {set(asked)} were asked"
    unheard = any(ladder["state"] == "unheard" for ladder in ladders)
    if unheard != found.storm.alarm:
        yield f"unheard callers: {unheard}, the alarm: {found.storm.alarm}"


def _callers_told_wrong(found: Evidence, ladders: dict[str, list[sqlite3.Row]]) -> Iterable[str]:
    for number, taken in found.taken.items():
        if number in found.staff:
            continue
        bodies = [t.message.body for t in taken if t.arrived and t.row is not None and t.row["kind"] == "ladder"]
        for words in TO_CALLERS:
            told = sum(words in body for body in bodies)
            if told > len(ladders.get(number, ())):
                yield f"{number} was told {told} times: {words}"
        seen = sum(ladder["seen_by"] is not None for ladder in ladders.get(number, ()))
        if sum("has seen this" in body for body in bodies) > seen:
            yield f"{number} was told that somebody has seen it, and nobody has"


def _staff_told_wrong(found: Evidence, ladders: dict[str, list[sqlite3.Row]]) -> Iterable[str]:
    alone: Counter[tuple[str, str]] = Counter()
    for person in found.staff:
        told: Counter[tuple[str, str]] = Counter()
        for text in found.taken.get(person, []):
            if not text.arrived:
                continue
            for _, pattern in ONCE_A_LADDER:
                if about := pattern.search(text.message.body):
                    told[about[1], pattern.pattern] += 1
            for pattern in ONCE_AT_ALL:
                if about := pattern.search(text.message.body):
                    alone[about[1], pattern.pattern] += 1
        for (number, what), times in told.items():
            if times > len(ladders.get(number, ())):
                yield f"{person} was told {times} times about {number}: {what}"
    for (number, what), times in alone.items():
        if times > len(ladders.get(number, ())):
            yield f"the staff were told {times} times about {number}: {what}"
