"""Every query of the ledger is asked how it would find its rows: by an index, but for the few that run for people."""

import re
import sqlite3
from collections.abc import Iterator
from importlib import resources

import pytest

from storage.ledger import in_memory
from storage.queries import load

FILES = sorted(f.name for f in resources.files("storage.queries").iterdir() if f.name.endswith(".sql"))
PARAMETER = re.compile(r":([a-z_]+)")

MAY_SCAN = {
    "callers.sql: opt_outs": "a list for people, as long as it is",
    "callers.sql: blocks": "a list for people, as long as it is",
    "threads.sql: moved": "a row for each caller whom a person dealt with",
    "callers.sql: doubts": "a list for people, as long as it is",
    "learnt_numbers.sql: every": "a list for people, as long as it is",
    "conditions.sql: current": "a table of a handful of rows",
    "calls.sql: trunk_ends": "the newest 5000 calls, once at each start",
}
"""Queries that may read a whole table, and why."""


def queries() -> Iterator[tuple[str, str]]:
    for file in FILES:
        for name, sql in load(file).items():
            yield f"{file}: {name}", sql


QUERIES = list(queries())


def plan(db: sqlite3.Connection, sql: str) -> list[str]:
    values = dict.fromkeys(PARAMETER.findall(sql), 1)
    return [str(row["detail"]) for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", values)]


@pytest.mark.parametrize(("name", "sql"), QUERIES, ids=[name for name, _ in QUERIES])
def test_no_query_reads_a_whole_table_but_those_that_may(name: str, sql: str) -> None:
    scans = [step for step in plan(in_memory(), sql) if step.startswith("SCAN") and not is_harmless(step)]
    assert bool(scans) is (name in MAY_SCAN), scans


def is_harmless(step: str) -> bool:
    """A scan of constant rows, of a subquery that was searched for, or of an index that holds only what is wanted."""
    partial = (
        "texts_sending",
        "texts_waiting",
        "texts_to_ask",
        "calls_in_flight",
        "opt_outs_in_force",
        "ladders_open",
        "ladders_due",
        "ladder_asks_waiting",
    )
    return (
        step == "SCAN CONSTANT ROW"
        or any(f"USING INDEX {name}" in step for name in partial)
        or (any(f"USING COVERING INDEX {name}" in step for name in partial))
    )


@pytest.mark.parametrize(("name", "sql"), QUERIES, ids=[name for name, _ in QUERIES])
def test_no_query_that_runs_for_a_decision_sorts_a_table(name: str, sql: str) -> None:
    if name.split(": ")[0] in ("callers.sql", "texts.sql", "calls.sql", "conditions.sql"):
        sorted_by_hand = [step for step in plan(in_memory(), sql) if "TEMP B-TREE" in step]
        assert not sorted_by_hand or name in MAY_SCAN, sorted_by_hand


def test_every_query_has_a_name_once_and_a_sentence() -> None:
    names = [name for name, _ in QUERIES]
    assert len(names) == len(set(names)) > 40


def test_the_list_of_scans_is_of_queries_that_exist() -> None:
    assert set(MAY_SCAN) <= {name for name, _ in QUERIES}
