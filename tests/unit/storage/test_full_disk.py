"""A real file system, filled to its last byte: what can be kept is kept, and the ledger goes on afterwards."""

import asyncio
import contextlib
import os
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.ballast import Ballast
from storage.ledger import DiskFull, Ledger
from storage.queries import conditions

PIECE = "x" * 2000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"a small file system can't be mounted here: {mounted.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


@contextlib.asynccontextmanager
async def opened(disk: Path) -> AsyncIterator[Ledger]:
    ledger = await Ledger.open(disk / "ledger.db")
    try:
        yield ledger
    finally:
        await ledger.close()


def fill(disk: Path) -> Path:
    """Take every byte that is left."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (65_536, 4096, 512, 1):
            try:
                while file.write(b"\0" * size) == size:
                    pass
            except OSError:
                continue
    return filler


def note(db: sqlite3.Connection, number: int) -> None:
    conditions.raise_condition(db, f"c{number}", PIECE, float(number))


def count(db: sqlite3.Connection) -> int:
    found: int = db.execute("SELECT count(*) FROM conditions").fetchone()[0]
    return found


def check(db: sqlite3.Connection) -> str:
    return str(db.execute("PRAGMA integrity_check").fetchone()[0])


async def write_until_full(ledger: Ledger, start: int = 0) -> int:
    """Write until there is no space; how many were written in all."""
    for number in range(start, start + 5000):
        try:
            await ledger.write(note, number)
        except DiskFull as full:
            assert "No space left" in str(full)
            assert ledger.full
            return number
    raise AssertionError("the disk never filled")


async def test_every_write_is_whole_or_told_as_impossible_and_all_goes_on_with_room(small_disk: Path) -> None:
    async with opened(small_disk) as ledger:
        filler = fill(small_disk)
        written = await write_until_full(ledger)
        for _ in range(5):
            with pytest.raises(DiskFull):
                await ledger.write(note, 99_999)
        assert await ledger.read(count) == written
        filler.unlink()
        await ledger.write(note, 99_999)
        assert not ledger.full
        assert await ledger.read(count) == written + 1
        assert await ledger.read(check) == "ok"


async def test_on_a_disk_with_little_room_the_log_of_a_busy_day_does_not_fill_it(small_disk: Path) -> None:
    async with opened(small_disk) as ledger:
        for number in range(3000):
            await ledger.write(conditions.mark, "heard", float(number))
            if number % 100 == 99:
                await ledger.tidy()
        assert not ledger.full


async def test_the_ballast_gives_room_for_what_comes_when_the_disk_is_full(small_disk: Path) -> None:
    ballast = small_disk / "ledger.db.ballast"
    ballast.write_bytes(b"\0" * 1_000_000)
    async with opened(small_disk) as ledger:
        fill(small_disk)
        written = await write_until_full(ledger)
        assert not ballast.exists()
        assert written >= 50, "a megabyte of ballast is room for some dozens of writes"
        assert await ledger.read(count) == written


async def test_the_ballast_is_put_back_only_where_there_is_much_room(small_disk: Path) -> None:
    async with opened(small_disk) as ledger:
        await ledger.regain_space()
        assert not Ballast(small_disk / "ledger.db.ballast").present


async def test_many_at_once_on_a_full_disk_are_all_told(small_disk: Path) -> None:
    async with opened(small_disk) as ledger:
        filler = fill(small_disk)
        await write_until_full(ledger)
        told = await asyncio.gather(*(ledger.write(note, n) for n in range(10_000, 10_020)), return_exceptions=True)
        assert {type(error) for error in told} == {DiskFull}
        filler.unlink()
        await asyncio.gather(*(ledger.write(note, n) for n in range(10_000, 10_020)))


async def test_what_was_committed_before_is_there_after_a_crash_on_a_full_disk(small_disk: Path) -> None:
    async with opened(small_disk) as ledger:
        fill(small_disk)
        written = await write_until_full(ledger)
        copy = sqlite3.connect(":memory:")
        await ledger.read(lambda db: db.backup(copy))
        assert count_in(copy) == written
    assert count_in(sqlite3.connect(f"file:{small_disk / 'ledger.db'}?mode=ro", uri=True)) == written


def count_in(db: sqlite3.Connection) -> int:
    found: int = db.execute("SELECT count(*) FROM conditions").fetchone()[0]
    return found


async def test_a_program_that_starts_on_a_full_disk_gives_its_ballast_for_it(small_disk: Path) -> None:
    async with opened(small_disk) as ledger:
        await ledger.write(note, 1)
    (small_disk / "ledger.db.ballast").write_bytes(b"\0" * 1_000_000)
    fill(small_disk)
    async with opened(small_disk) as ledger:
        await ledger.write(note, 2)
        assert await ledger.read(count) == 2
