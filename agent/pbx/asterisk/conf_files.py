"""Asterisk's own configuration files, as far as doctor must read them: sections, keys, includes, templates.

The format is that of config files (docs.asterisk.org, "Config File Format"). `#exec` is never followed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

MOST_FILES = 200
LARGEST = 8 * 1024 * 1024

_SECTION = re.compile(r"\[([^\]]+)\](?:\(([^)]*)\))?")
_INCLUDE = re.compile(r"#(?:try)?include\s+[\"<]?([^\">;]+)[\">]?", re.IGNORECASE)


@dataclass(slots=True)
class Section:
    """One section, all places where it stands taken together. Keys in lower case."""

    name: str
    items: list[tuple[str, str]] = field(default_factory=list)

    def last(self, key: str, default: str = "") -> str:
        """The value that counts where a key may stand once."""
        return next((value for name, value in reversed(self.items) if name == key), default)

    def words(self, key: str) -> frozenset[str]:
        """A list such as `read = system,call`."""
        return frozenset(word.strip().lower() for word in self.last(key).split(",") if word.strip())


def read_sections(path: Path) -> dict[str, Section]:
    """Every section of a file and of what it includes. Raises OSError for the file itself; a missing or unreadable
    include is passed over, as Asterisk does with `#tryinclude`."""
    found: dict[str, Section] = {}
    here: Section | None = None
    for line in _lines(path, path.parent, [MOST_FILES]):
        if section := _SECTION.match(line):
            here = found.setdefault(section[1].strip(), Section(section[1].strip()))
            for template in (section[2] or "").split(","):
                if template.strip() in found:
                    here.items += found[template.strip()].items
        elif here is not None and "=" in line:
            key, _, value = line.partition("=")
            here.items.append((key.strip().lower(), value.removeprefix(">").strip()))
    return found


def _lines(path: Path, folder: Path, files_left: list[int]) -> Iterator[str]:
    files_left[0] -= 1
    if files_left[0] < 0 or path.stat().st_size > LARGEST:
        return
    for raw in path.read_text("utf-8", "replace").splitlines():
        line = _without_comment(raw).strip()
        if include := _INCLUDE.match(line):
            for other in sorted(folder.glob(include[1].strip().removeprefix(f"{folder}/"))) if include[1] else []:
                try:
                    yield from _lines(other, folder, files_left)
                except OSError:
                    continue
        elif line:
            yield line


def _without_comment(line: str) -> str:
    return re.sub(r"(?<!\\);.*", "", line)
