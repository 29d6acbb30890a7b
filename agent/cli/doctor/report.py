"""Prints findings: for people in columns, for scripts one JSON object a line. Secrets never get through."""

import shutil
import sys
import textwrap
from collections import Counter
from dataclasses import asdict

import click

from agent.cli.doctor.patient import Patient
from agent.cli.printing import print_json, printable
from agent.findings import Finding, Grade

COLOURS = {Grade.OK: "green", Grade.WARNING: "yellow", Grade.FAILURE: "red", Grade.SKIPPED: "bright_black"}
WORDS = {Grade.OK: "ok", Grade.WARNING: "warning", Grade.FAILURE: "FAILED", Grade.SKIPPED: "skipped"}
INDENT = max(len(word) for word in WORDS.values()) + 2
SHORTEST_SECRET = 6
"""Characters. What is shorter may well be a word, and taking it out would garble the sentences."""


class Report:
    """All findings of one run, printed as they are added."""

    def __init__(self, patient: Patient, as_json: bool) -> None:
        self._secrets = _secrets(patient)
        self._as_json = as_json
        self._grades: Counter[Grade] = Counter()
        self._width = min(shutil.get_terminal_size().columns, 120) if sys.stdout.isatty() else 0

    def count(self, grade: Grade) -> int:
        """How many findings there were of this grade."""
        return self._grades[grade]

    def add(self, finding: Finding) -> None:
        """Print one finding."""
        self._grades[finding.grade] += 1
        said = {key: self._redacted(value) for key, value in asdict(finding).items()}
        if self._as_json:
            print_json([said])
            return
        mark = click.style(WORDS[finding.grade].ljust(INDENT), fg=COLOURS[finding.grade])
        self._print(mark, f"{said['id']}: {said['seen']}")
        for label, key in (("why", "why"), ("do", "remedy")):
            if said[key]:
                self._print(" " * INDENT, f"{label}: {said[key]}")

    def end(self) -> None:
        """Print how many there were of each grade."""
        if self._as_json:
            return
        counted = [f"{self._grades[grade]} {WORDS[grade].lower()}" for grade in Grade if self._grades[grade]]
        click.echo(f"\n{', '.join(counted)}.")

    def _print(self, beside: str, words: str) -> None:
        lines = textwrap.wrap(words, max(30, self._width - INDENT), break_on_hyphens=False) if self._width else [words]
        for count, line in enumerate(lines):
            click.echo(f"{beside if count == 0 else ' ' * INDENT}{line}")

    def _redacted(self, value: object) -> str:
        words = printable(value)
        for secret in self._secrets:
            words = words.replace(secret, "[secret]")
        return words


def _secrets(patient: Patient) -> list[str]:
    settings = patient.settings
    found = (settings.pbx.secret, settings.sms.auth_token, settings.sms.api_secret)
    secrets = [secret.get_secret_value() for secret in found if secret is not None]
    return [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]
