"""Every way a link to a PBX can fail, each with its own name, its sentence and its remedy.

One cause is told once: the link says it when it begins and when it is over, not at every try.
"""

from enum import Enum


class Cause(Enum):
    """What went wrong. The value is its stable name in logs, health and metrics."""

    UNREACHABLE = "pbx-unreachable"
    NOT_THIS_PBX = "pbx-not-recognised"
    REFUSED = "pbx-login-refused"
    RIGHTS = "pbx-rights-missing"
    BOOTING = "pbx-booting"
    SILENT = "pbx-silent"
    GOODBYE = "pbx-stopped"
    CLOSED = "pbx-closed"
    GARBLED = "pbx-garbled"
    OVERRUN = "pbx-overrun"


PATIENT = frozenset({Cause.REFUSED, Cause.RIGHTS, Cause.NOT_THIS_PBX})
"""Causes that only an admin can mend: trying again every second would only fill the PBX's log."""


class Trouble(Exception):
    """One failure: what happened, and what to do about it."""

    def __init__(self, cause: Cause, sentence: str, remedy: str) -> None:
        super().__init__(f"{sentence} {remedy}")
        self.cause = cause
        self.sentence = sentence
        self.remedy = remedy
