"""What a recording keeps of a connection, and the trace file it is written to."""

import gzip
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedWriter
from pathlib import Path
from typing import Protocol

from agent.pbx.masking import People
from agent.pbx.trace import FORMAT

Header = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Taped:
    """One message worth keeping. `asked`: the question it answers; None if it came by itself."""

    headers: list[Header]
    asked: list[Header] | None = None


class Tape(Protocol):
    """What one PBX's folder knows about recording one connection."""

    people: People
    """Where names stand in its messages."""
    version: str
    """The PBX's version, once it told; empty before."""

    def sent(self, data: bytes) -> None:
        """What goes out."""

    def heard(self, data: bytes) -> list[Taped]:
        """What came in; the messages that are complete now."""

    def questions(self) -> bytes:
        """What the tape itself wants to know."""


class TraceFile:
    """A `secondring-trace/1` being written, gzipped if its name ends in .gz. The file is new, and for us alone."""

    def __init__(self, path: Path) -> None:
        """Raises OSError, FileExistsError among them."""
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        raw = os.fdopen(descriptor, "wb")
        self._raw = raw
        self._out: BufferedWriter | gzip.GzipFile = (
            gzip.GzipFile(fileobj=raw, mode="wb") if path.suffix == ".gz" else raw
        )
        self.events = 0
        self.replies = 0

    def begin(self, pbx: str, version: str, started: float, contexts: Sequence[str]) -> None:
        """The header. `started`: epoch seconds at t = 0."""
        self._line(
            {
                "format": FORMAT,
                "pbx": pbx,
                "version": version,
                "started": datetime.fromtimestamp(started, UTC).isoformat(),
                "inbound_contexts": list(contexts),
            }
        )

    def add(self, t: float, taped: Taped) -> None:
        """One message, `t` seconds after the start."""
        at = round(t, 6)
        if taped.asked is None:
            self.events += 1
            self._line({"t": at, "event": taped.headers})
        else:
            self.replies += 1
            self._line({"t": at, "reply": taped.headers, "to": taped.asked})

    def flush(self) -> None:
        """Hand to the disk what is written so far."""
        if self._out is self._raw:
            self._raw.flush()

    def close(self) -> None:
        """Finish the file."""
        if self._out is not self._raw:
            self._out.close()
        self._raw.close()

    def _line(self, entry: dict[str, object]) -> None:
        # ASCII, so that bytes which are no UTF-8 (surrogates here) can be written, and read back as they were
        self._out.write(json.dumps(entry).encode("ascii") + b"\n")
