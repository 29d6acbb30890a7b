"""What the fuzzer found once, and the seeds it begins with: each must hold for ever."""

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

FOUND = Path(__file__).parent / "found"


def parameter(file: Path) -> object:
    return pytest.param(file.parent.name, file, id=f"{file.parent.name}/{file.name}")


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
