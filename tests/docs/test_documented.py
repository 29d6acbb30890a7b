"""Every word a user can meet stands in the documentation, with its meaning."""

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.__main__ import cli
from agent.config.load import load
from agent.health import KINDS
from agent.pbx.trouble import Cause
from storage.vocabulary import OptOutSource, Reason, TextKind, TextState
from tests.docs.blocks import BLOCKS, filled

WHOLE = """\
business = { name = "Acme Plumbing", country = "US", timezone = "America/Chicago" }
line = [{ number = "*", message = "This is {business}. Sorry we missed your call. Reply STOP to opt out." }]
"""

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def first_cells(page: str) -> list[str]:
    """The code words that open a row of a table, in the page's order."""
    return re.findall(r"^\| `([^`]+)` \| +\S", (DOCS / page).read_text(), re.MULTILINE)


def in_order(words: type[StrEnum], page: str) -> list[str]:
    return [cell for cell in first_cells(page) if cell in set(words)]


def test_every_reason_for_a_miss_is_explained_in_the_order_in_which_it_applies() -> None:
    assert in_order(Reason, "missed-calls.md") == list(Reason)


@pytest.mark.parametrize("words", [TextState, TextKind, OptOutSource])
def test_every_word_about_texts_is_explained(words: type[StrEnum]) -> None:
    assert set(first_cells("texts.md")) >= set(words)


@pytest.mark.parametrize(("page", "name"), list(BLOCKS))
def test_what_is_written_from_the_code_is_up_to_date(page: str, name: str) -> None:
    assert (DOCS / page).read_text() == filled(page, name), "run `make docs`"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--version"], 0),
        (["replay", "no-such-trace.jsonl"], 1),
        (["no-such-command"], 2),
        (["check", "--config", "no-such-file.toml"], 3),
    ],
)
def test_exit_codes_are_as_documented(words: list[str], code: int) -> None:
    assert CliRunner().invoke(cli, words).exit_code == code
    assert f"\n| {code} | " in (DOCS / "commands.md").read_text()


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md")), *sorted((ROOT / "pbx-config").rglob("*.md"))]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_leads_nowhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_way_a_link_can_fail_is_an_alarm() -> None:
    assert set(KINDS) >= {cause.value for cause in Cause}


def snippets() -> Iterator[tuple[str, str]]:
    for page in pages():
        for found in re.finditer(r"```toml\n(.*?)```", page.read_text(), re.DOTALL):
            yield str(page.relative_to(ROOT)), found[1]


@pytest.mark.parametrize(("page", "snippet"), list(snippets()))
def test_every_configuration_shown_is_one_that_works(tmp_path: Path, page: str, snippet: str) -> None:
    file = tmp_path / "secondring.toml"
    file.write_text(snippet if "[business]" in snippet else WHOLE + snippet)
    load(file, environ={}, need_secrets=False)
