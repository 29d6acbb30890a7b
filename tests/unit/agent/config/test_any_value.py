"""Whatever stands at a key, the answer is settings or a list of mistakes, never a crash, never a leaked secret."""

from pathlib import Path

import pytest

from agent.config.keys import Key, catalogue
from agent.config.load import load
from agent.config.mistakes import ConfigError

ODD = (
    "0", "-1", "1.5", "inf", "nan", "true", '""', '"x"', '"*"', '"\\u0000"', '"\\n"', '"~x/y"', "99999999999999999999",
    "[]", "[1]", "[[]]", '["x", "x"]', "{}", "{ a = 1 }", "[{ a = 1 }]", "2026-01-01", "07:30:00", '"é😀"', '"{"',
)  # fmt: skip


@pytest.mark.parametrize("key", catalogue().values(), ids=lambda key: ".".join(key.path))
def test_any_value_gives_settings_or_mistakes(key: Key, tmp_path: Path) -> None:
    file = tmp_path / "secondring.toml"
    for value in ODD:
        file.write_text(_with(key.path, value), encoding="utf-8")
        for need_secrets in (False, True):
            try:
                load(file, {}, need_secrets=need_secrets)
            except ConfigError as error:
                assert error.mistakes and all(": " in mistake for mistake in error.mistakes)
                assert "Input should" not in str(error) and "Undefined" not in str(error)


@pytest.mark.parametrize("table", ["business", "pbx", "sms", "line", "hours", "storage", "limits", "policy", "other"])
def test_any_value_in_the_place_of_a_table(table: str, tmp_path: Path) -> None:
    file = tmp_path / "secondring.toml"
    for value in ODD:
        file.write_text(f"{table} = {value}\n", encoding="utf-8")
        with pytest.raises(ConfigError):
            load(file, {})


def _with(path: tuple[str, ...], value: str) -> str:
    """A configuration with everything needed, in which the key at `path` has `value`."""
    tables = {
        "[business]": {"name": '"Acme"', "country": '"US"', "timezone": '"America/Chicago"'},
        "[[line]]": {"number": '"*"', "message": '"{business}: reply STOP to opt out."'},
    }
    heading = {"line": "[[line]]"}.get(path[0], f"[{path[0]}]") if len(path) == 2 else f"[{'.'.join(path[:-1])}]"
    tables.setdefault(heading, {})[path[-1]] = value
    return "".join(f"{head}\n" + "".join(f"{k} = {v}\n" for k, v in keys.items()) for head, keys in tables.items())
