"""The catalogue of settings, read off the models: for messages, the environment and the documentation."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from agent.config.durations import spell_duration
from agent.config.settings import Settings
from agent.config.values import Allowed

Path = tuple[str | int, ...]
"""Where a value stands: ("sms", "from"), or ("line", 0, "rings") with lines counted from 0."""

LISTS = ("line", "staff")
"""Tables of which there may be several: `[[line]]`."""


@dataclass(frozen=True, slots=True)
class Key:
    """One setting. `path` has no line index: ("line", "hours", "holidays")."""

    path: tuple[str, ...]
    meaning: str
    allowed: str
    required: bool
    default: str | None  # as it would be written; None: there is none
    secret: bool
    many: bool  # a list


@cache
def catalogue() -> dict[tuple[str, ...], Key]:
    """Every setting by its path, in the order of the models."""
    return {key.path: key for key in _keys(Settings, ())}


def key_at(path: Path) -> Key | None:
    """The setting at `path`, with or without indexes; None if there is none."""
    return catalogue().get(tuple(part for part in path if isinstance(part, str)))


def known_names(table: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the keys and tables directly inside `table`; () is the whole file."""
    depth = len(table)
    return tuple(dict.fromkeys(p[depth] for p in catalogue() if p[:depth] == table and len(p) > depth))


def table_model(field: FieldInfo) -> type[BaseModel] | None:
    """The model of a field that is a table, optional or a list of tables."""
    return next((a for a in _flat(field.annotation) if isinstance(a, type) and issubclass(a, BaseModel)), None)


def _keys(model: type[BaseModel], above: tuple[str, ...]) -> Iterator[Key]:
    for name, field in model.model_fields.items():
        path = (*above, field.alias or name)
        if inner := table_model(field):
            yield from _keys(inner, path)
            continue
        kinds = tuple(_flat(field.annotation))
        yield Key(
            path=path,
            meaning=field.description or "",
            allowed=_allowed(field),
            required=field.is_required(),
            default=_default(field),
            secret=SecretStr in kinds,
            many=tuple in kinds,
        )


def _flat(annotation: object) -> Iterator[object]:
    """The annotation and everything inside it, Annotated and unions opened."""
    origin = get_origin(annotation)
    if origin is tuple:
        yield tuple
    if origin in (Annotated, Union, UnionType, tuple):
        for inner in get_args(annotation):
            yield from _flat(inner)
    elif annotation is not NoneType:
        yield annotation


def _allowed(field: FieldInfo) -> str:
    words = _words(field.annotation, tuple(field.metadata))
    return words or "text"


def _words(annotation: object, metadata: tuple[object, ...]) -> str | None:
    for note in metadata:
        if isinstance(note, Allowed):
            return note.words
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _words(inner[0], tuple(inner[1:]))
    if origin in (Union, UnionType):
        return next((words for kind in inner if (words := _words(kind, ()))), None)
    if origin is tuple:
        return f"a list, each {_words(inner[0], ()) or 'text'}"
    if origin is Literal:
        return "one of " + ", ".join(f'"{choice}"' for choice in inner)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "one of " + ", ".join(f'"{choice.value}"' for choice in annotation)
    return "a secret" if annotation is SecretStr else None


def _default(field: FieldInfo) -> str | None:
    extra = field.json_schema_extra
    if isinstance(extra, dict) and "x-default" in extra:
        return str(extra["x-default"])
    if field.is_required() or field.default is None:
        return None
    return f"`{spell(field.default, duration=is_duration(field))}`"


def is_duration(field: FieldInfo) -> bool:
    """Whether the field is a duration, optional or not: no other setting is a float."""
    return float in tuple(_flat(field.annotation))


def spell(value: object, *, duration: bool = False) -> str:
    """A value as it is written in the file, without its key."""
    match value:
        case bool():
            return "true" if value else "false"
        case float() if duration:
            return f'"{spell_duration(value)}"'
        case Enum():
            return f'"{value.value}"'
        case tuple():
            return "[" + ", ".join(spell(item) for item in value) + "]"
        case str():
            return f'"{value}"'
        case _:
            return str(value)
