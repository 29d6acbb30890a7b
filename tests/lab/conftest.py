"""Fixtures of the lab: `version` runs every scenario on each Asterisk, `stage` plays the selected ones together."""

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("tests.lab.story", "tests.lab.people")

from tests.lab import packages  # noqa: E402 - after its assertions are made readable
from tests.lab.stage import Scenario, Stage  # noqa: E402

NOTES = pytest.StashKey[list[str]]()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "version" in metafunc.fixturenames:
        metafunc.parametrize("version", list(packages.ASTERISK))


@pytest.fixture(scope="session")
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """All selected scenarios, started together."""
    stage = Stage(_selected(request.session.items))
    yield stage
    stage.close()
    request.config.stash[NOTES] = stage.notes


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for note in config.stash.get(NOTES, []):
        terminalreporter.write_line(f"lab: {note}")


def _selected(items: list[pytest.Item]) -> Iterator[tuple[str, Scenario]]:
    for item in items:
        if isinstance(item, pytest.Function) and isinstance(told := getattr(item.function, "scenario", None), Scenario):
            yield str(item.callspec.params["version"]), told
