"""The figures of a fault run are told, whether it passed or not."""

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures of each run, also where it passed."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, figures in report.user_properties:
            terminalreporter.write_line(f"faults: {name}: {figures}")
