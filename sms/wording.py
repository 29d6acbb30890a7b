"""A rule about words, with an example of what it reads."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """`example`: a reply that it finds. `pattern`: what is looked for in plainly spelled words."""

    example: str
    pattern: re.Pattern[str]

    def finds(self, words: str) -> bool:
        """Whether the words say so."""
        return self.pattern.search(words) is not None


def rule(example: str, *alternatives: str) -> Rule:
    """A rule that finds any of these."""
    return Rule(example, words(*alternatives))


def words(*alternatives: str) -> re.Pattern[str]:
    """Any of these, at word boundaries."""
    return re.compile(r"\b(?:" + "|".join(alternatives) + r")\b")


def any_of(*groups: str) -> str:
    """One word or phrase of these, for use inside a pattern; groups are words parted by `|`."""
    return "(?:" + "|".join(groups) + ")"
