"""What `doctor` finds: one sentence of what was seen, and where it isn't well, why that matters and what mends it."""

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How well it is."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"
    SKIPPED = "skipped"  # something it needs wasn't there


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `id` never changes its meaning; `remedy` is a command to type or a thing to click."""

    id: str
    grade: Grade
    seen: str
    why: str = ""
    remedy: str = ""


def ok(name: str, seen: str) -> Finding:
    """All is well."""
    return Finding(name, Grade.OK, seen)


def skipped(name: str, needs: str, remedy: str = "") -> Finding:
    """Not tried, since what it needs is missing."""
    return Finding(name, Grade.SKIPPED, f"needs {needs}", remedy=remedy)
