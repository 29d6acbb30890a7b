"""Public holidays by country and region, from the holidays package, with as little of it in memory as will do.

The package is imported at the first use. Its `holidays.countries` imports all 250 countries as soon as one is asked
for (0.109: 7.9 MB and 60 ms, beside 3.5 MB for the rest), which is more than the whole agent may spare. So an empty
package with the same path stands in for it, and only the country's own module is imported.
"""

import importlib
import sys
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase


def holiday_name(region: str, day: date) -> str | None:
    """What is celebrated on `day` in `region` ("US-IL"), else None. Raises ValueError: no such region."""
    name = _calendar(region).get(day)
    return None if name is None else str(name)


def check_region(region: str) -> None:
    """Raises ValueError with the rest of a sentence if the holidays of `region` aren't known."""
    _calendar(region)


@lru_cache(maxsize=16)
def _calendar(region: str) -> "HolidayBase":
    """The calendar of a region; it works out a year when a day of it is first asked for."""
    country, dash, subdivision = region.partition("-")
    kind = _country(country)
    if dash and subdivision not in kind.subdivisions:
        known = ", ".join(kind.subdivisions) or "none"
        raise ValueError(f"names no region of {country}; those known are {known}")
    return kind(subdiv=subdivision or None, expand=True)


def _country(code: str) -> "type[HolidayBase]":
    from holidays.registry import COUNTRIES

    for module, names in COUNTRIES.items():
        if names[1] == code:
            _stand_in()
            kind: type[HolidayBase] = getattr(importlib.import_module(f"holidays.countries.{module}"), names[0])
            return kind
    raise ValueError("is no country whose holidays are known")


def _stand_in() -> None:
    """Puts an empty package where `holidays.countries` would be, unless that is there already."""
    import holidays

    if "holidays.countries" not in sys.modules:
        package = ModuleType("holidays.countries")
        package.__path__ = [str(Path(holidays.__file__).with_name("countries"))]
        sys.modules["holidays.countries"] = package
