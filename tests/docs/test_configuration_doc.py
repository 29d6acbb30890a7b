"""docs/configuration.md is what the models say, whole and current."""

from pathlib import Path

import pytest

from agent.config.document import json_schema, markdown
from agent.config.keys import Key, catalogue

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "agent/config/example.toml"


def test_the_page_is_what_the_models_say() -> None:
    page = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    assert page == markdown(), "do: python -m agent.config.document > docs/configuration.md"


@pytest.mark.parametrize("key", catalogue().values(), ids=lambda key: ".".join(key.path))
def test_every_setting_has_a_meaning_and_stands_in_the_example(key: Key) -> None:
    assert key.meaning.endswith(".") and len(key.meaning) > 10
    if not key.secret:
        assert f"{key.path[-1]} = " in EXAMPLE.read_text(encoding="utf-8")


def test_the_schema_describes_every_setting_and_spells_durations_as_text() -> None:
    schema = json_schema()
    limits = schema["$defs"]["Limits"]["properties"]
    assert limits["cooldown"]["default"] == "4h" and limits["cooldown"]["type"] == "string"
    assert set(schema["required"]) == {"business", "line"}
    assert all(
        "description" in one for table in schema["$defs"].values() for one in table.get("properties", {}).values()
    )
