"""A file that takes up space so that there is some when the disk is full.

Dropped at the first write that finds no space, it gives room for some dozens to hundreds of commits per MiB; it is put
back once the disk has room again.
"""

import os
from pathlib import Path

SIZE = 16 * 1024 * 1024
SPARE = 64 * 1024 * 1024
"""Bytes that must be free beside the ballast before it is put back."""


class Ballast:
    """One ballast file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def present(self) -> bool:
        """Whether there is ballast to drop."""
        return self._path.exists()

    @property
    def is_needed(self) -> bool:
        """Whether the disk has little room left beside it."""
        try:
            stat = os.statvfs(self._path.parent)
        except OSError:
            return False
        return stat.f_bavail * stat.f_frsize < SPARE

    def drop(self) -> bool:
        """Give its space away. False if there was none left to give."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True

    def restore(self) -> None:
        """Take the space again, if the disk has enough to spare. Where it hasn't, nothing happens: it isn't needed."""
        if self.present:
            return
        try:
            stat = os.statvfs(self._path.parent)
            if stat.f_bavail * stat.f_frsize < SIZE + SPARE:
                return
            descriptor = os.open(self._path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
        except OSError:
            return
        try:
            os.posix_fallocate(descriptor, 0, SIZE)
        except OSError:
            self._path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)
