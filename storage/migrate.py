"""Numbered SQL files bring any older ledger up to date, each in one transaction, after a copy was made.

`PRAGMA user_version` is the number of the last file applied. A ledger newer than the program is refused.
"""

import sqlite3
from importlib import resources
from pathlib import Path


class NewerLedger(sqlite3.OperationalError):
    """The ledger was written by a later version of this program."""


def steps() -> list[tuple[int, str]]:
    """(number, SQL) of every migration, in order."""
    files = resources.files("storage").joinpath("migrations").iterdir()
    return sorted((int(f.name[:3]), f.read_text("utf-8")) for f in files if f.name.endswith(".sql"))


def newest() -> int:
    """The version that this program writes."""
    return steps()[-1][0]


def check(db: sqlite3.Connection) -> int:
    """The ledger's version. Raises NewerLedger where it is beyond ours."""
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    if version > newest():
        raise NewerLedger(
            f"it is of version {version}, this program knows {newest()}; install the newer program again, or restore "
            f"the copy made before the update (ledger.db.before-{newest() + 1})"
        )
    return version


def migrate(db: sqlite3.Connection, path: Path | None) -> None:
    """Apply what is missing. A ledger with data is copied first, to `<name>.before-<number>`."""
    version = check(db)
    for number, sql in steps():
        if number <= version:
            continue
        if path is not None and version > 0:
            _copy(db, path.with_name(f"{path.name}.before-{number}"))
        db.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")


def _copy(db: sqlite3.Connection, target: Path) -> None:
    target.unlink(missing_ok=True)
    db.execute("VACUUM INTO ?", (str(target),))
