"""A rule about words, with an example of what it reads."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """`example`: a reply that it finds. `pattern`: what is looked for in a plainly spelled sentence.

    `unless`: a sentence in which this is found is about something else.
    """

    example: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None

    def finds(self, sentence: str) -> bool:
        """Whether the sentence says so."""
        if self.pattern.search(sentence) is None:
            return False
        return self.unless is None or self.unless.search(sentence) is None


def rule(example: str, *alternatives: str, unless: str | None = None) -> Rule:
    """A rule that finds any of these."""
    return Rule(example, words(*alternatives), None if unless is None else re.compile(unless))


def words(*alternatives: str) -> re.Pattern[str]:
    """Any of these, at word boundaries."""
    return re.compile(r"\b(?:" + "|".join(alternatives) + r")\b")


def any_of(*groups: str) -> str:
    """One word or phrase of these, for use inside a pattern; groups are words parted by `|`."""
    return "(?:" + "|".join(groups) + ")"
