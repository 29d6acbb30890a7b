"""Where in the file a key stands, so that a message can point at its line."""

import re

from agent.config.keys import LISTS, Path

_HEADING = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\"' -]+?)\s*\]\]?")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\"'-]+)\s*[=.]")


def line_number(text: str, path: Path) -> int | None:
    """The line (from 1) of the key at `path`; failing that of its table's heading, else None.

    Reads headings and keys only. Text over several lines that looks like a key may mislead it by a few lines; it
    only ever serves to point.
    """
    table: Path = ()
    begun = dict.fromkeys(LISTS, 0)
    heading: int | None = None
    for count, content in enumerate(text.splitlines(), start=1):
        if found := _HEADING.match(content):
            names = tuple(_bare(name) for name in found[2].split("."))
            name = names[0]
            if found[1] == "[[" and len(names) == 1 and name in LISTS:
                begun[name] += 1
            table = (name, begun[name] - 1, *names[1:]) if name in LISTS else names
            if heading is None and (names == path or table == path[: len(table)]):
                heading = count
        elif (found := _KEY.match(content)) and table == path[: len(table)]:
            rest = path[len(table) :]
            if rest and _bare(found[1]) == rest[0]:
                return count
    return heading


def _bare(name: str) -> str:
    return name.strip().strip("\"'")
