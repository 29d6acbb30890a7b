"""Honest names: what a caller name or a stored name lets a text call a person.

A caller name (CNAM) is 15 characters that a telephone company or the caller's own PBX chose: "SMITH JOHN", but also
"WIRELESS CALLER", "CHICAGO IL" or "ACME PLUMBING". A text that greets somebody by a wrong name is worse than one
with no name, so whatever is doubtful is None. In capitals a caller name is last name first (Telcordia GR-1188);
in mixed case it was typed by people, first name first.
"""

import re
import unicodedata
from dataclasses import dataclass
from importlib.resources import files

LONGEST_NAME = 40
"""Characters; a longer one is no name to put into a text."""
CNAM_LENGTH = 15


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name in normal capitals. `last` is empty where only the first is known."""

    first: str
    last: str = ""

    @property
    def full(self) -> str:
        return f"{self.first} {self.last}".strip()


def _words(text: str) -> frozenset[str]:
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


_GIVEN = _words(files("sms").joinpath("given_names.txt").read_text(encoding="utf-8"))
_NOT_PERSONS = _words(files("sms").joinpath("not_persons.txt").read_text(encoding="utf-8"))
# A name that ends so is a place: CHICAGO IL. Postal codes of the US and Canada.
_STATES = _words(
    "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or"
    " pa ri sc sd tn tx ut vt va wa wv wi wy dc pr ab bc mb nb nl ns nt nu on pe qc sk yt"
)
_TITLES = _words("mr mrs ms miss dr prof rev sir mme mlle sr sra srta")
_SUFFIXES = _words("jr sr ii iii iv esq phd dds rn")
_PARTICLES = _words("de del della der den di da do dos du la le van von vander ter ten mc mac o st bin el")
_IRISH = re.compile(
    r"o(?:brien|bryan|connor|conner|connell|neill?|neal|reilly|donnell|donoghue|hara|keef+e|sullivan|leary|malley"
    r"|rourke|grady|shea|toole|dwyer|flaherty|flynn|gorman|halloran|farrell|driscoll|regan|meara|mahony|hagan)"
)
_LETTERS = r"[^\W\d_]+"
# Dots stand after initials and abbreviations only, so no address (evil.com) is a name.
_NAME_WORD = re.compile(rf"(?:[^\W\d_]\.)+|{_LETTERS}(?:['-]{_LETTERS})*\.?")


def safe_name(raw: str | None) -> str | None:
    """A stored name as it may stand in a text, or None: letters, hyphens, apostrophes, initials; 40 characters.

    Nothing else passes: no digits, links, signs, line breaks, invisible or stacked characters.
    """
    if raw is None or len(raw) > 4 * LONGEST_NAME:
        return None
    name = re.sub(" +", " ", unicodedata.normalize("NFC", raw).strip(" ")).replace("’", "'")
    plain = all(c.isalpha() or c in " '-." for c in name) and len(name) <= LONGEST_NAME
    return name if plain and all(_NAME_WORD.fullmatch(word) for word in name.split(" ")) else None


def caller_name(raw: str | None) -> PersonName | None:
    """Read a caller name as a person's, or None where it is none's or doubtful. Takes any text; never raises."""
    text = (raw or "").strip(' "')
    last_part, comma, first_part = text.partition(",")
    if comma:
        return _with_comma(safe_name(last_part), safe_name(first_part))
    name = safe_name(text)
    if name is None or _is_no_person(name):
        return None
    words = _grouped(_without_titles(name.split(" ")))
    if not words:
        return None
    if not name.isupper():
        return _as_typed(words)
    if len(text) == CNAM_LENGTH and _may_be_cut(words[-1]):
        return None
    return _in_capitals(words)


def _with_comma(last: str | None, first: str | None) -> PersonName | None:
    """A comma says that the last name comes first, whatever the capitals."""
    if last is None or first is None or _is_no_person(f"{last} {first}"):
        return None
    given = _without_titles(first.split(" "))
    surname = _grouped(_without_titles(last.split(" ")))
    if not given or not surname or len(surname) > 2 or not _is_given(given[0]):
        return None
    return PersonName(_capitalised(given[0]), _capitalised(" ".join(surname)))


def _in_capitals(words: list[str]) -> PersonName | None:
    """The one word that is a given name is the first name; with none or no order to tell, nobody is named."""
    match [_is_given(word) for word in words]:
        case [True, False]:
            return _person(words[0], words[1:])
        case [False, True] | [False, False, True]:
            return _person(words[-1], words[:-1])
        case [True, True, False]:
            return _person(words[0], words[2:])
        case [False, True, True]:
            return _person(words[1], words[:1])
        case _:
            return None


def _as_typed(words: list[str]) -> PersonName | None:
    if not 1 <= len(words) <= 3 or not _is_given(words[0]):
        return None
    if len(words) == 3 and _is_given(words[1]):
        del words[1]
    return _person(words[0], words[1:])


def _person(first: str, last: list[str]) -> PersonName:
    return PersonName(_capitalised(first), _capitalised(" ".join(last)))


def _is_no_person(name: str) -> bool:
    words = re.split("[ -]", name)
    if words[-1].isupper() and _key(words[-1]) in _STATES:
        return True
    return any(_key(word) in _NOT_PERSONS for word in words)


def _without_titles(words: list[str]) -> list[str]:
    """Titles, suffixes and initials taken off; an initial is never a first name."""
    if words and _key(words[0]) in _TITLES:
        words = words[1:]
    return [w for w in words if _key(w) == "o" or (_key(w) not in _SUFFIXES and len(_key(w)) > 1)]


def _grouped(words: list[str]) -> list[str]:
    """Particles joined to the word they belong to: DE LA CRUZ, VAN DYKE, MC DONALD and O BRIEN are one name."""
    grouped: list[str] = []
    prefix = ""
    for word in words:
        if _key(word) in _PARTICLES:
            prefix += word + ("" if _key(word) in ("mc", "mac") else "'" if _key(word) == "o" else " ")
        else:
            grouped.append(prefix + word)
            prefix = ""
    return [*grouped, prefix.rstrip()] if prefix else grouped


def _may_be_cut(word: str) -> bool:
    """Whether the last word of a caller name of full length may be the beginning of another word."""
    key = _key(word)
    others = _GIVEN | _NOT_PERSONS if len(key) > 2 else _GIVEN
    return any(other != key and other.startswith(key) for other in others)


def _is_given(word: str) -> bool:
    key = _key(word)
    return key in _GIVEN or ("-" in key and key.split("-")[0] in _GIVEN)


def _key(word: str) -> str:
    """Small letters without accents and dots."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c) and c != ".")


def _capitalised(name: str) -> str:
    """Normal capitals for a name in capitals or small letters; one that has both was typed with care and stays."""
    if not (name.isupper() or name.islower()):
        return name
    return " ".join(_capitalised_word(word) for word in name.split(" "))


def _capitalised_word(word: str) -> str:
    small = word.lower()
    if _IRISH.fullmatch(small):
        small = f"o'{small[1:]}"
    word = "".join(part.capitalize() for part in re.split("(['’-])", small))
    return re.sub(r"^Mc(\w)(?=\w{2})", lambda found: "Mc" + found[1].upper(), word)
