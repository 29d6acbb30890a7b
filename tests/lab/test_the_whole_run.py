"""What must hold over all scenarios together."""

import pytest

from tests.lab.stage import Stage


@pytest.mark.deep
@pytest.mark.quick
def test_nobody_else_was_texted(version: str, stage: Stage) -> None:
    assert stage.leftovers(version) == []
