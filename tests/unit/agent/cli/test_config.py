"""What `secondring config` prints can be used as it is."""

import json
import tomllib

from click.testing import CliRunner

from agent.cli.config import command


def test_the_schema_is_json_and_names_what_is_needed() -> None:
    result = CliRunner().invoke(command, ["schema"])
    assert result.exit_code == 0
    schema = json.loads(result.stdout)
    assert schema["type"] == "object" and set(schema["required"]) == {"business", "line"}
    assert schema["$defs"]["Sms"]["properties"]["from"]["description"]


def test_the_example_is_toml_with_what_is_needed() -> None:
    result = CliRunner().invoke(command, ["example"])
    assert result.exit_code == 0
    assert {"business", "line"} <= set(tomllib.loads(result.stdout))
