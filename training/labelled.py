"""The replies that the weights are learnt from; README.md tells what the labels mean."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sms.own_words import marks

FOLDER = Path(__file__).parent / "replies"
OPEN_HALF = Path(__file__).parent.parent / "tests" / "replies" / "working.jsonl"
"""The half of the first set that whoever makes the reader may see."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply and what its writer meant. None: it wasn't labelled for that."""

    text: str
    opt_out: str
    lang: str | None
    urgent: bool | None
    wrong_number: bool | None
    says_when: bool | None

    @property
    def opts_out(self) -> bool:
        return self.opt_out in ("keyword", "own_words")


def read(path: Path) -> Iterator[Reply]:
    """The replies of one file."""
    for row in map(json.loads, path.read_text("utf-8").splitlines()):
        intents = row.get("intents")
        yield Reply(
            text=row["text"],
            opt_out=row["opt_out"],
            lang=row.get("lang"),
            urgent=row.get("urgent") if intents is None else "urgent" in intents,
            wrong_number=None if intents is None else "wrong_number" in intents,
            says_when=None if intents is None else "callback_time" in intents,
        )


def files() -> tuple[Path, ...]:
    """All that is learnt from."""
    return (OPEN_HALF, *sorted(FOLDER.glob("*.jsonl")))


def digest() -> str:
    """Names what was learnt from and how: another one, and the weights are to be learnt anew."""
    how = (Path(__file__), Path(__file__).with_name("learn.py"), Path(marks.__file__))
    return hashlib.sha256(b"".join(path.read_bytes() for path in (*files(), *how))).hexdigest()
