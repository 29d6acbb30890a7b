"""Those parts of the documentation that are written from the code: `make docs` after a change; a test compares.

A block stands between `<!-- NAME: … -->` and `<!-- /NAME -->`.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import TypeVar

import click

from agent.__main__ import cli
from agent.calls import states as calls
from agent.health import KINDS
from agent.policy.rules import RULES, TEXT, UNDECIDED
from sms import states as texts

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

State = TypeVar("State", bound=Enum)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    ruler = "|" + "---|" * len(head)
    escaped = ([cell.replace("|", "\\|") for cell in row] for row in rows)
    return "\n".join(("| " + " | ".join(head) + " |", ruler, *("| " + " | ".join(row) + " |" for row in escaped)))


def rules() -> str:
    """The policy, in its order."""
    numbered = [(str(count), f"`{rule.name}`", rule.sentence) for count, rule in enumerate(RULES, start=1)]
    others = [("", f"`{rule.name}`", rule.sentence) for rule in (TEXT, UNDECIDED)]
    return table(("", "rule", "holds when"), [*numbered, *others])


def diagram(moves: Mapping[tuple[State, State], str]) -> str:
    """A table of moves as a picture that reads well as text, too."""

    def name(state: State) -> str:
        return str(state.value).replace(" ", "_")

    arrows = (f"    {name(a)} --> {name(b)}: {why.replace(':', ',')}" for (a, b), why in moves.items())
    return "\n".join(("```mermaid", "stateDiagram-v2", *arrows, "```"))


def conditions() -> str:
    """Everything that can last, how bad it is and what mends it."""
    rows = ((f"`{kind.code}`", kind.severity.name.lower(), kind.meaning, kind.remedy) for kind in KINDS.values())
    return table(("name", "severity", "what it means", "what to do"), rows)


def rooms() -> str:
    """Every module with the first sentence of its docstring, room by room."""
    modules = [path for package in ("agent", "sms", "storage") for path in sorted((ROOT / package).rglob("*.py"))]
    told = [(path.relative_to(ROOT), first_sentence(path)) for path in modules if path.name != "__init__.py"]
    parts = []
    for folder in sorted({path.parent for path, _ in told}):
        rows = [(f"`{path.name}`", sentence) for path, sentence in told if path.parent == folder]
        parts.append(f"### `{folder}/`\n\n{table(('module', 'what it does'), rows)}")
    return "\n\n".join(parts)


def first_sentence(module: Path) -> str:
    text = " ".join((ast.get_docstring(ast.parse(module.read_text())) or "").split())
    assert text, f"{module} has no docstring"
    return text.split(". ", 1)[0].rstrip(".:") + "."


def commands() -> str:
    """Every command with what it takes, as its `--help` has it."""
    return "\n\n".join(described("secondring", cli))


def described(path: str, group: click.Group) -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None and command.help, f"`{path} {name}` has no help"
        if isinstance(command, click.Group):
            yield from described(f"{path} {name}", command)
            continue
        arguments = [param.make_metavar(context) for param in command.params if isinstance(param, click.Argument)]
        yield f"## `{' '.join((path, name, *arguments))}`\n\n{unwrapped(command.help)}"
        options = [
            param for param in command.params if isinstance(param, click.Option) and "--config" not in param.opts
        ]
        rows = [(f"`{record[0]}`", record[1]) for option in options if (record := option.get_help_record(context))]
        if rows:
            yield table(("option", "meaning"), rows)


def unwrapped(text: str) -> str:
    """Paragraphs on one line each; click marks those it mustn't wrap with a \\b."""
    paragraphs = text.strip().split("\n\n")
    return "\n\n".join(" ".join(paragraph.replace("\b", "").split()) for paragraph in paragraphs)


BLOCKS: dict[tuple[str, str], Callable[[], str]] = {
    ("alarms.md", "conditions"): conditions,
    ("architecture.md", "rooms"): rooms,
    ("missed-calls.md", "rules"): rules,
    ("missed-calls.md", "call states"): lambda: diagram(calls.MOVES),
    ("commands.md", "commands"): commands,
    ("texts.md", "text states"): lambda: diagram(texts.MOVES),
}


def filled(page: str, name: str) -> str:
    """The page with its block written anew. Raises ValueError if the page has no such block."""
    text = (DOCS / page).read_text()
    found = re.search(rf"(<!-- {name}:[^\n]*-->\n)(.*?)(<!-- /{name} -->)", text, re.DOTALL)
    if found is None:
        raise ValueError(f"docs/{page} has no block `{name}`")
    return f"{text[: found.start()]}{found[1]}\n{BLOCKS[page, name]()}\n\n{found[3]}{text[found.end() :]}"


if __name__ == "__main__":
    for page, name in BLOCKS:
        (DOCS / page).write_text(filled(page, name))
