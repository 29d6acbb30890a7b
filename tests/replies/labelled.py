"""Reads the labelled replies."""

import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Labelled:
    """One reply and what its writer meant; README.md tells what the labels mean."""

    text: str
    opt_out: str
    intents: tuple[str, ...] = ()

    @property
    def opts_out(self) -> bool:
        return self.opt_out in ("keyword", "own_words")


def replies(name: str) -> list[Labelled]:
    """One set: "working", or one of those held back, which nobody who makes the reader opens."""
    lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [Labelled(row["text"], row["opt_out"], tuple(row.get("intents", ()))) for row in map(json.loads, lines)]
