"""A small disk of its own for the ledger: a tmpfs in a mount namespace, gone with the process that holds it."""

import contextlib
import errno
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

_HOLD = 'mount -t tmpfs -o size={size}m none "$1" && echo mounted && exec sleep infinity'


@dataclass(frozen=True, slots=True)
class Disk:
    """`inside`: where the agent finds it. `seen`: where everybody else does. `enter`: the words that lead into it."""

    inside: Path
    seen: Path
    enter: tuple[str, ...]

    def fill(self) -> int:
        """Take all that is left, to the last byte; how much it was."""
        taken = 0
        with (self.seen / f"fill{len(list(self.seen.glob('fill*')))}").open("wb", buffering=0) as file:
            for piece in (1024 * 1024, 4096, 1):
                with contextlib.suppress(OSError):
                    while True:
                        taken += file.write(b"x" * piece)
        assert os.statvfs(self.seen).f_bavail == 0
        return taken

    def clear(self) -> None:
        """Give it back."""
        for file in self.seen.glob("fill*"):
            file.unlink()

    @property
    def free(self) -> int:
        """Bytes that are left."""
        now = os.statvfs(self.seen)
        return now.f_bavail * now.f_frsize


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Disk]:
    """A disk of so many megabytes, mounted on `folder`. Skips the test where no namespace can be had."""
    folder.mkdir()
    hold = (
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        _HOLD.format(size=megabytes),
        "-",
        str(folder),
    )
    try:
        holder = subprocess.Popen(hold, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    except OSError as error:
        assert error.errno == errno.ENOENT
        pytest.skip("unshare (util-linux) is not on this machine")
    with holder:
        try:
            assert holder.stdout is not None and holder.stderr is not None
            if holder.stdout.readline() != b"mounted\n":
                pytest.skip(f"no mount namespace can be had here: {holder.stderr.read().decode().strip()}")
            enter = ("nsenter", "--target", str(holder.pid), "--user", "--mount", "--preserve-credentials", "--")
            yield Disk(folder, Path(f"/proc/{holder.pid}/root{folder}"), enter)
        finally:
            holder.kill()
