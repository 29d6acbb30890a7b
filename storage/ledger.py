"""The ledger: one SQLite file, one writer, readers beside it.

A write is one function that runs whole on the writer's thread between BEGIN IMMEDIATE and COMMIT. So no task can see or
join another's transaction, and a task that is cancelled half-way leaves none open: the function ends, committed or
rolled back, and only the waiting is given up. (aiosqlite's own statements-at-a-time interface has both faults;
docs/decisions/003-ledger.md has the figures.)
"""

import asyncio
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import aiosqlite

from storage import migrate
from storage.ballast import Ballast

P = ParamSpec("P")
T = TypeVar("T")

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a "sending" row lost in a power cut would be a second text
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA wal_autocheckpoint = 16000",  # a safety net; `tidy` does it sooner, when nobody waits
    "PRAGMA journal_size_limit = 16777216",  # these blocks stay allocated and take writes on a full disk
    "PRAGMA trusted_schema = OFF",
)

TIDY_AFTER = 50
"""Commits after which a checkpoint is worth its while."""
TIDY_WHEN_IDLE = 1.0


class LedgerTrouble(Exception):
    """The ledger can't be opened or written. The message says what to do."""


class DiskFull(LedgerTrouble):
    """Nothing was written, since no space is left. The same write may be tried again."""


class Ledger:
    """The writer's side. Open with `Ledger.open`, close with `close`."""

    def __init__(self, connection: aiosqlite.Connection, path: Path | None, ballast: Ballast | None) -> None:
        self._connection = connection
        self._ballast = ballast
        self.path = path
        self.full = False
        """The last write found the disk full."""
        self._wrote_at = 0.0
        self._writes = 0

    @classmethod
    async def open(cls, path: Path | None) -> "Ledger":
        """Open the file, made and migrated where needed; None keeps all in memory. Raises LedgerTrouble."""
        ballast = Ballast(path.with_name(path.name + ".ballast")) if path is not None else None
        try:
            connection = await _opened(path)
        except (sqlite3.Error, OSError) as error:
            # on a full disk not even the files beside the ledger can be made; its ballast gives them room
            full = isinstance(error, OSError) or _is_full(error)
            if not full or ballast is None or not ballast.drop():
                raise LedgerTrouble(_cannot_open(path, error)) from error
            connection = await _opened_at_last(path)
        ledger = cls(connection, path, ballast)
        if ballast is not None:
            await asyncio.to_thread(ballast.restore)
        return ledger

    async def write(self, job: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `job(connection, …)` as one transaction and return what it returns, once it is committed.

        Raises what the job raises, with everything rolled back; DiskFull when there is no space. A cancelled caller
        does not cancel the transaction: the job runs to its end.
        """
        try:
            result = await self._run(lambda db: _transact(db, lambda: job(db, *args, **kwargs)))
        except sqlite3.OperationalError as error:
            if not _is_full(error):
                raise
            result = await self._again_without_ballast(lambda db: _transact(db, lambda: job(db, *args, **kwargs)))
        self.full = False
        self._writes += 1
        self._wrote_at = asyncio.get_running_loop().time()
        return result

    async def tidy(self) -> None:
        """Move what the log holds into the database, if much waits and nobody has written for a moment.

        A checkpoint costs some commits' time, so it is no part of a commit that somebody waits for. On a disk with
        little room it doesn't wait for that moment: a log that took the last of it could never be moved.
        """
        if self._writes < TIDY_AFTER:
            return
        idle = asyncio.get_running_loop().time() - self._wrote_at > TIDY_WHEN_IDLE
        if idle or (self._ballast is not None and self._ballast.is_needed):
            self._writes = 0
            await self._run(lambda db: db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone())

    async def read(self, job: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a short reading job on the writer's connection. Long reports open their own (`storage.reading`)."""
        return await self._run(lambda db: job(db, *args, **kwargs))

    async def shrink(self) -> None:
        """Let go of pages kept at hand; the next transactions read them anew from the system's own cache."""
        await self._run(lambda db: db.execute("PRAGMA shrink_memory").fetchone())

    async def regain_space(self) -> None:
        """Put the ballast back once there is room for it."""
        if self._ballast is not None and not self._ballast.present:
            await asyncio.to_thread(self._ballast.restore)

    async def close(self) -> None:
        """Checkpoint and close. Safe to call twice."""
        await self._connection.close()

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        db = self._connection._conn  # aiosqlite offers its thread only for single statements
        return await self._connection._execute(lambda: work(db))  # type: ignore[no-untyped-call,no-any-return]

    async def _again_without_ballast(self, work: Callable[[sqlite3.Connection], T]) -> T:
        self.full = True
        if self._ballast is None or not self._ballast.drop():
            raise DiskFull(_no_space(self.path))
        try:
            return await self._run(work)
        except sqlite3.OperationalError as error:
            if not _is_full(error):
                raise
            raise DiskFull(_no_space(self.path)) from error


async def _opened(path: Path | None) -> aiosqlite.Connection:
    connection = aiosqlite.Connection(lambda: _connect(path), 64)
    try:
        await connection
    except BaseException:
        await asyncio.to_thread(connection._thread.join)  # it tells the loop that it ends, which must be there then
        raise
    return connection


async def _opened_at_last(path: Path | None) -> aiosqlite.Connection:
    try:
        return await _opened(path)
    except (sqlite3.Error, OSError) as error:
        raise LedgerTrouble(_cannot_open(path, error)) from error


def reading(path: Path) -> sqlite3.Connection:
    """A connection of one's own for reading, which never writes, also beside a running agent. Raises LedgerTrouble.

    After a clean stop there is no -wal or -shm file, and a user who may only read can't make them: then the file is
    opened as immutable, which is right exactly because nobody writes.
    """
    if not path.exists():
        raise LedgerTrouble(f"There is no ledger at {path}: has `secondring run` ever run with this configuration?")
    for mode in ("mode=ro", "immutable=1"):
        try:
            db = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)
            db.row_factory = sqlite3.Row
            version = migrate.check(db)
        except sqlite3.DatabaseError as error:
            trouble = error
            continue
        if version == 0:
            db.close()
            raise LedgerTrouble(f"The ledger {path} is being made at this moment: try again.")
        if version < migrate.newest():
            db.close()
            raise LedgerTrouble(
                f"The ledger {path} is of version {version}, this program reads {migrate.newest()}. The agent brings "
                "it up to date when it starts: systemctl restart secondring"
            )
        return db
    raise LedgerTrouble(_cannot_open(path, trouble))


def in_memory() -> sqlite3.Connection:
    """An empty ledger in memory, for the thread that asks."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.row_factory = sqlite3.Row
    migrate.migrate(db, None)
    return db


def _connect(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
    try:
        db.row_factory = sqlite3.Row
        for pragma in PRAGMAS:
            db.execute(pragma)
        migrate.migrate(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _transact(db: sqlite3.Connection, job: Callable[[], T]) -> T:
    db.execute("BEGIN IMMEDIATE")
    try:
        result = job()
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # a full disk has rolled back already
            db.execute("ROLLBACK")
        raise
    return result


def _is_full(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)


def _no_space(path: Path | None) -> str:
    where = path.parent if path is not None else "memory"
    return f"No space left for the ledger in {where}: free some (`df -h {where}`); nothing is texted until then."


def _cannot_open(path: Path | None, error: Exception) -> str:
    if path is None:
        return f"The ledger can't be kept in memory: {error}."
    who = f"user {os.environ.get('USER') or os.getuid()}"
    if isinstance(error, PermissionError) or "unable to open" in str(error) or "readonly" in str(error):
        return f"The ledger {path} can't be opened by {who}: check owner and rights (`ls -ld {path.parent} {path}`)."
    return f"The ledger {path} can't be opened: {error}."
