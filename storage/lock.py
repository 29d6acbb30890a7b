"""One writer, also across processes: an advisory lock on a file beside the ledger, held as long as it is open."""

import fcntl
import os
from pathlib import Path
from types import TracebackType

from storage.ledger import LedgerTrouble


class Lock:
    """`with Lock(ledger_path):`. Raises LedgerTrouble if another process holds it. Released even by kill -9."""

    def __init__(self, ledger: Path) -> None:
        self._path = ledger.with_name(ledger.name + ".lock")
        self._descriptor = -1

    def __enter__(self) -> "Lock":
        try:
            self._path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            self._descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise LedgerTrouble(f"The ledger's folder can't be used: {error}.") from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._descriptor)
            raise LedgerTrouble(
                f"Another secondring already uses this ledger ({self._path} is locked): only one may run with it."
            ) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)


def is_held(ledger: Path) -> bool:
    """Whether a process holds the lock now. Makes nothing; a lock that can't be looked at counts as free."""
    try:
        descriptor = os.open(ledger.with_name(ledger.name + ".lock"), os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
