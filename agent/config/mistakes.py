"""Mistakes in the configuration, told so that an admin can mend each without reading anything else."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from agent.config.keys import LISTS, Path, catalogue, key_at, known_names
from agent.config.opening import DAYS, TableError
from agent.config.values import Told

_SECRET_WORDS = ("secret", "token", "password", "passwd")


class _Nothing(Enum):
    NOTHING = "nothing"


NOTHING = _Nothing.NOTHING
"""The value of a key that isn't there."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to mend: at `path`, the value, and `why` it won't do: the rest of the sentence."""

    path: Path
    value: object
    why: str

    def __str__(self) -> str:
        given = "" if self.value is NOTHING else f" = {show(self.path, self.value)}"
        return f"{dotted(self.path)}{given}: {self.why}"


class ConfigError(Exception):
    """The configuration can't be used. `mistakes` has every sentence; the text of the error has them all."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        self.mistakes = mistakes
        many = f"The configuration has {len(mistakes)} mistakes:\n" if len(mistakes) > 1 else ""
        super().__init__(many + "\n".join(mistakes))


def dotted(path: Path) -> str:
    """The path as people read it, lines and list items counted from 1: `line[2].rings`."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def show(path: Path, value: object) -> str:
    """The value as written, cut to a readable length; nothing that might be a secret."""
    key = key_at(path)
    name = next((part for part in reversed(path) if isinstance(part, str)), "").lower()
    if (key is not None and key.secret) or (key is None and _may_be_secret(name)):
        return "(not shown)"
    if isinstance(value, dict):
        return "{…}"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 70 else text[:69] + "…"


def _may_be_secret(name: str) -> bool:
    """Whether an unknown key looks like the misspelt name of a secret."""
    secrets = [key.path[-1] for key in catalogue().values() if key.secret]
    return any(word in name for word in _SECRET_WORDS) or bool(get_close_matches(name, secrets, cutoff=0.7))


def from_validation(error: ValidationError) -> Iterator[Mistake]:
    """What the models found, in our words."""
    for detail in error.errors(include_url=False):
        yield from _mistakes(detail)


def unknown_key(path: Path) -> str:
    """Why a key that no table knows is refused, with the nearest that one does."""
    table, name = tuple(part for part in path[:-1] if isinstance(part, str)), str(path[-1])
    here = known_names(table)
    if near := get_close_matches(name.lower(), here, n=1, cutoff=0.7):
        return f'unknown key. Did you mean "{near[0]}"?'
    elsewhere = [p[:-1] for p in catalogue() if p[-1] == name and p[:-1] != table and len(p) == 2]
    if elsewhere:
        return "unknown key. It belongs in " + " or ".join(heading(above) for above in elsewhere) + "."
    what = "tables" if not table else "keys"
    return f"unknown key. The {what} known here are {', '.join(here)}."


def heading(table: tuple[str, ...]) -> str:
    """The heading of a table in the file: `[sms]`, `[[line]]`."""
    return f"[[{table[0]}]]" if len(table) == 1 and table[0] in LISTS else f"[{'.'.join(table)}]"


def _mistakes(detail: ErrorDetails) -> Iterator[Mistake]:
    path: Path = detail["loc"]
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, TableError):
        return  # checks.py has told of each day already
    if detail["type"] == "default_factory_not_called":
        return  # it only says that another key, told of by itself, is wrong
    if detail["type"] == "missing":
        yield Mistake(path, NOTHING, _missing(path))
    elif detail["type"] == "extra_forbidden":
        yield Mistake(path, detail["input"], unknown_key(path))
    else:
        yield Mistake(path, detail["input"], _why(path, detail, cause))


def _why(path: Path, detail: ErrorDetails, cause: object) -> str:
    key = key_at(path)
    if isinstance(cause, Told):
        return str(cause)
    if isinstance(cause, ValueError):
        sentence = str(cause) if str(cause).endswith("?") else f"{cause}."
        return sentence if key is None else f"{sentence} It must be {_item(path, key.allowed)}."
    if key is not None:
        return f"must be {_item(path, key.allowed)}."
    match path:
        case ("line" | "staff",) | ("line" | "staff", int()):
            return _LINE_TABLE
        case ("hours", _) | ("line", int(), "hours", _):
            return 'must be hours in quotes, such as "08:00-12:00, 13:00-17:30".'
        case (str() as table,) | ("line", int(), str() as table):
            return f"must be a table: write the heading [{table}] and its keys below it."
        case _:
            return f"{detail['msg']}."


_LINE_TABLE = "must be written with two brackets, [[line]], once for each number, and its keys below it."


def _item(path: Path, allowed: str) -> str:
    """What an item of a list may be, where `path` points at one."""
    inside = isinstance(path[-1], int) and allowed.startswith("a list, each ")
    return allowed.removeprefix("a list, each ") if inside else allowed


def _missing(path: Path) -> str:
    if path == ("line",):
        return "is missing. Give one [[line]] with number and message for each business number."
    key = key_at(path)
    table = tuple(part for part in path if isinstance(part, str))[: -1 if key else None]
    if key is None:
        needed = ", ".join(p[-1] for p, k in catalogue().items() if p[:-1] == table and k.required)
        return f"the table {heading(table)} is missing; it needs {needed}."
    return f"is missing under {heading(table)}. It must be {key.allowed}."


def day_words(key: str, why: str) -> str:
    """Why a key of `[hours]` is refused; a misspelt one gets the nearest known."""
    if key not in DAYS and "is no day" in why:
        near = get_close_matches(key.lower(), ("holidays", *DAYS, "mon-fri", "sat-sun"), n=1, cutoff=0.7)
        return f'unknown key. Did you mean "{near[0]}"?' if near else f"{why}."
    return f"{why}."
