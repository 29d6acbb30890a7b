"""The two marks of the deep folders: `make test` takes the quick ones of what is deep."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "deep: takes minutes; `make faults` runs it")
    config.addinivalue_line("markers", "quick: deep, but short enough for `make test`")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures of each run, also where it passed."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, figures in report.user_properties:
            terminalreporter.write_line(f"faults: {name}: {figures}")
