"""What the fuzzer found once, and the seeds it begins with: each must hold for ever."""

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

FOUND = Path(__file__).parent / "found"


STILL_BROKEN = {
    "answer/retry-after-separators": "float() takes fewer blanks than strip(): ValueError out of wait_of",
    "configuration/from-plus-zero": "NumberParseException out of read_e164 instead of a mistake in words",
}


def parameter(file: Path) -> object:
    name = f"{file.parent.name}/{file.name}"
    marks = [pytest.mark.xfail(strict=True, reason=STILL_BROKEN[name])] if name in STILL_BROKEN else []
    return pytest.param(file.parent.name, file, id=name, marks=marks)


FILES = [parameter(file) for file in sorted(FOUND.glob("*/*"))]


@pytest.mark.parametrize("name", TARGETS)
def test_every_seed_holds(name: str) -> None:
    seeds = TARGETS[name].seeds()
    assert seeds
    for seed in seeds:
        TARGETS[name].run(seed)


@pytest.mark.parametrize(("name", "file"), FILES)
def test_what_was_found_holds(name: str, file: Path) -> None:
    TARGETS[name].run(file.read_bytes())
