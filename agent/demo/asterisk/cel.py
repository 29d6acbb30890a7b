"""The channel event log an Asterisk would write beside the calls, row by row as they go."""

from datetime import datetime
from pathlib import Path
from typing import IO, Self

from agent.demo.replant import Template


class CelFile:
    """`Master.csv`, appended to; None: it is written nowhere. Raises OSError."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        if self._path is not None:
            self._file = self._path.open("ab")
        return self

    def __exit__(self, *exc: object) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, rows: tuple[Template, ...], values: tuple[bytes, ...]) -> None:
        """Write rows of one call; the time is the machine's local one, as Asterisk's."""
        if self._file is not None and rows:
            now = datetime.now().isoformat(" ", "milliseconds").encode()
            self._file.writelines(template.fill((*values, now)) for template in rows)

    def flush(self) -> None:
        """Hand what was written to the system, as CEL does at once."""
        if self._file is not None:
            self._file.flush()
