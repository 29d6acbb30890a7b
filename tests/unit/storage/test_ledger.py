"""One writer, whole transactions, and what a cancelled caller, a crash inside a job or another version does to them."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import migrate
from storage.ballast import SIZE, SPARE, Ballast
from storage.ledger import Ledger, LedgerTrouble, in_memory, reading
from storage.lock import Lock
from storage.queries import conditions


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    opened = await Ledger.open(tmp_path / "ledger.db")
    yield opened
    await opened.close()


def mark(db: sqlite3.Connection, name: str) -> None:
    conditions.mark(db, name, 1.0)


def marks(db: sqlite3.Connection) -> set[str]:
    return {row["name"] for row in db.execute("SELECT name FROM marks")}


class TestTransactions:
    async def test_what_is_written_is_there_for_who_reads_beside(self, ledger: Ledger) -> None:
        await ledger.write(mark, "a")
        assert ledger.path is not None
        with reading(ledger.path) as beside:
            assert marks(beside) == {"a"}

    async def test_a_job_that_raises_leaves_nothing_and_its_error_is_told(self, ledger: Ledger) -> None:
        def breaks(db: sqlite3.Connection) -> None:
            mark(db, "half")
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await ledger.write(breaks)
        await ledger.write(mark, "whole")
        assert await ledger.read(marks) == {"whole"}

    async def test_a_cancelled_writer_leaves_no_open_transaction_and_its_job_is_whole(self, ledger: Ledger) -> None:
        """Cancelled in the middle of the job: the job ends, committed; only the waiting is given up."""
        begun, go_on = threading.Event(), threading.Event()

        def slow(db: sqlite3.Connection) -> None:
            mark(db, "first half")
            begun.set()
            go_on.wait(5)
            mark(db, "second half")

        task = asyncio.create_task(ledger.write(slow))
        await asyncio.to_thread(begun.wait, 5)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        next_write = asyncio.create_task(ledger.write(mark, "next"))
        go_on.set()
        await next_write
        assert await ledger.read(marks) == {"first half", "second half", "next"}
        assert not await ledger.read(lambda db: db.in_transaction)

    async def test_cancelled_before_its_turn_it_runs_all_the_same(self, ledger: Ledger) -> None:
        hold = threading.Event()
        blocked = asyncio.create_task(ledger.read(lambda db: hold.wait(5)))
        waiting = asyncio.create_task(ledger.write(mark, "waited"))
        await asyncio.sleep(0)
        waiting.cancel()
        hold.set()
        await asyncio.gather(blocked, waiting, return_exceptions=True)
        assert await ledger.read(marks) == {"waited"}

    async def test_two_tasks_never_share_a_transaction(self, ledger: Ledger) -> None:
        async def many(name: str) -> None:
            for number in range(20):
                failing = number % 2 == 1

                def job(db: sqlite3.Connection, number: int = number, failing: bool = failing) -> None:
                    assert db.in_transaction
                    mark(db, f"{name}{number}")
                    if failing:
                        raise KeyError(name)

                if failing:
                    with pytest.raises(KeyError):
                        await ledger.write(job)
                else:
                    await ledger.write(job)

        await asyncio.gather(*(many(name) for name in "abcd"))
        assert await ledger.read(marks) == {f"{name}{number}" for name in "abcd" for number in range(0, 20, 2)}

    async def test_a_violated_constraint_is_told_and_the_ledger_goes_on(self, ledger: Ledger) -> None:
        def twice(db: sqlite3.Connection) -> None:
            db.execute("INSERT INTO marks VALUES ('x', 1)")
            db.execute("INSERT INTO marks VALUES ('x', 2)")

        with pytest.raises(sqlite3.IntegrityError):
            await ledger.write(twice)
        await ledger.write(mark, "y")
        assert await ledger.read(marks) == {"y"}

    async def test_closing_twice_is_once(self, tmp_path: Path) -> None:
        opened = await Ledger.open(tmp_path / "ledger.db")
        await opened.close()
        await opened.close()

    async def test_it_is_as_durable_as_promised(self, ledger: Ledger) -> None:
        def setting(db: sqlite3.Connection, name: str) -> object:
            return db.execute(f"PRAGMA {name}").fetchone()[0]

        found = [await ledger.read(setting, name) for name in ("journal_mode", "synchronous", "foreign_keys")]
        assert found == ["wal", 2, 1]

    async def test_tidying_loses_nothing(self, ledger: Ledger) -> None:
        for number in range(60):
            await ledger.write(mark, str(number))
        ledger._wrote_at -= 10
        await ledger.tidy()
        assert len(await ledger.read(marks)) == 60


class TestVersions:
    async def test_a_ledger_of_a_later_program_is_refused_with_what_to_do(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger.db"
        await (await Ledger.open(path)).close()
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA user_version = 999")
        db.close()
        with pytest.raises(LedgerTrouble, match=r"version 999.*newer program"):
            await Ledger.open(path)
        with pytest.raises(LedgerTrouble, match="999"):
            reading(path)

    async def test_what_is_no_ledger_is_not_touched(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger.db"
        path.write_text("a letter to my aunt, longer than a hundred bytes " * 10)
        with pytest.raises(LedgerTrouble):
            await Ledger.open(path)
        assert path.read_text().startswith("a letter to my aunt")

    def test_reading_one_that_is_just_being_made_says_so(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger.db"
        path.touch()
        with pytest.raises(LedgerTrouble, match="is being made"):
            reading(path)

    def test_reading_what_is_no_ledger_says_so(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger.db"
        path.write_text("a letter to my aunt, longer than a hundred bytes " * 10)
        with pytest.raises(LedgerTrouble):
            reading(path)

    def test_reading_where_there_is_none_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(LedgerTrouble, match="no ledger"):
            reading(tmp_path / "ledger.db")

    def test_one_that_the_agent_has_yet_to_bring_up_to_date_is_not_read_but_explained(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger.db"
        with sqlite3.connect(path) as older:
            number, sql = migrate.steps()[0]
            older.executescript(f"{sql}; PRAGMA user_version = {number};")
        with pytest.raises(LedgerTrouble, match="systemctl restart secondring"):
            reading(path)

    def test_all_migrations_together_are_the_schema(self) -> None:
        def shape(db: sqlite3.Connection) -> list[tuple[object, ...]]:
            rows = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").fetchall()
            return [(*tuple(row)[:3], " ".join(str(row[3]).split())) for row in rows]

        written = sqlite3.connect(":memory:")
        written.executescript(Path(migrate.__file__).with_name("schema.sql").read_text())
        assert shape(in_memory()) == shape(written)

    def test_migrations_are_numbered_without_a_gap(self) -> None:
        numbers = [number for number, _ in migrate.steps()]
        assert numbers == list(range(1, len(numbers) + 1))

    def test_an_older_ledger_is_copied_and_then_brought_up_to_date(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "ledger.db"
        db = sqlite3.connect(path, isolation_level=None)
        monkeypatch.setattr(migrate, "steps", lambda: [(1, "CREATE TABLE a (x);")])
        migrate.migrate(db, path)
        db.execute("INSERT INTO a VALUES (7)")
        monkeypatch.setattr(migrate, "steps", lambda: [(1, "never again"), (2, "CREATE TABLE b (y);")])
        migrate.migrate(db, path)
        assert db.execute("SELECT count(*) FROM b").fetchone() == (0,)
        assert sqlite3.connect(tmp_path / "ledger.db.before-2").execute("SELECT x FROM a").fetchone() == (7,)

    def test_a_migration_that_breaks_leaves_the_ledger_as_it_was(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "ledger.db"
        db = sqlite3.connect(path, isolation_level=None)
        monkeypatch.setattr(migrate, "steps", lambda: [(1, "CREATE TABLE a (x);")])
        migrate.migrate(db, path)
        monkeypatch.setattr(migrate, "steps", lambda: [(1, ""), (2, "CREATE TABLE b (y); CREATE TABLE a (z);")])
        with pytest.raises(sqlite3.OperationalError):
            migrate.migrate(db, path)
        db.close()
        again = sqlite3.connect(path)
        assert [row[0] for row in again.execute("SELECT name FROM sqlite_master")] == ["a"]
        assert again.execute("PRAGMA user_version").fetchone() == (1,)


class TestLock:
    def test_only_one_may_run_with_a_ledger(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger.db"
        with Lock(path), pytest.raises(LedgerTrouble, match="already uses this ledger"), Lock(path):
            pass
        with Lock(path):
            pass


class TestBallast:
    def test_it_is_given_away_once(self, tmp_path: Path) -> None:
        ballast = Ballast(tmp_path / "b")
        (tmp_path / "b").write_bytes(b"x")
        assert ballast.present
        assert ballast.drop()
        assert not ballast.drop()
        assert not ballast.present

    def test_it_takes_real_space_and_no_more_than_there_is(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Free:
            f_frsize = 1
            f_bavail = SIZE + SPARE - 1

        monkeypatch.setattr("os.statvfs", lambda path: Free())
        ballast = Ballast(tmp_path / "b")
        ballast.restore()
        assert not ballast.present
        Free.f_bavail += 1
        ballast.restore()
        assert (tmp_path / "b").stat().st_blocks * 512 >= SIZE

    def test_where_it_cannot_be_put_back_nothing_happens(self, tmp_path: Path) -> None:
        Ballast(tmp_path / "gone" / "b").restore()
