"""A copy of the ledger, consistent also while the agent writes: all of it, as of one instant.

`VACUUM INTO` reads inside one transaction and holds no writer up. (The backup API in steps starts over at each foreign
write, and under a steady writer never ends.)
"""

import os
import sqlite3
from pathlib import Path

from storage.ledger import LedgerTrouble

_MAGIC = b"SQLite format 3\x00"
"""What every SQLite file begins with (sqlite.org/fileformat2.html)."""


def copy(db: sqlite3.Connection, ledger: Path, target: Path) -> int:
    """Copy the ledger that `db` has open to `target`, checked and safe on the disk; its size in bytes.

    An older copy at `target` is replaced as the last step, so that there is always a whole one; any other file is
    not. Raises LedgerTrouble.
    """
    _refuse_others(ledger, target)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    before = os.umask(0o177)
    try:
        partial.unlink(missing_ok=True)
        db.execute("VACUUM INTO ?", (str(partial),))
        _check(partial)
        _to_disk(partial)
        size = partial.stat().st_size
        partial.replace(target)
        _to_disk(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise LedgerTrouble(f"The copy {target} can't be written: {error}. Nothing was left there.") from error
    finally:
        os.umask(before)
        partial.unlink(missing_ok=True)
    return size


def _refuse_others(ledger: Path, target: Path) -> None:
    if target.name.startswith(ledger.name) and target.parent.resolve() == ledger.parent.resolve():
        raise LedgerTrouble(f"{target} belongs to the ledger itself: choose another name or folder for the copy.")
    if not target.exists():
        return
    if not target.is_file():
        raise LedgerTrouble(f"{target} is no file: name the file that the copy is to become.")
    try:
        with target.open("rb") as file:
            start = file.read(len(_MAGIC))
    except OSError as error:
        raise LedgerTrouble(f"{target} is there and can't be read ({error.strerror}): choose another name.") from error
    if start != _MAGIC:
        raise LedgerTrouble(f"{target} is there and no copy of a ledger: choose another name, or delete it first.")


def _check(copied: Path) -> None:
    db = sqlite3.connect(f"{copied.absolute().as_uri()}?mode=ro", uri=True)
    try:
        found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    finally:
        db.close()
    if found != "ok":
        raise sqlite3.DatabaseError(f"the copy is not whole ({found}); is the disk failing?")


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
