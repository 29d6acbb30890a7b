"""docs/configuration.md and the JSON Schema, written from the models.

`python -m agent.config.document > docs/configuration.md` after a setting has changed; a test compares the two.
"""

import sys
from collections.abc import Iterator
from typing import Any

from agent.config.durations import spell_duration
from agent.config.keys import Key, catalogue, table_model
from agent.config.mistakes import heading
from agent.config.ring_cycles import EUROPE_AND_MOST_OTHERS, RING_CYCLES
from agent.config.settings import Settings
from agent.config.sources import SECRETS

_INTRODUCTION = """\
# Configuration

*Generated from the models by `python -m agent.config.document`: change the descriptions there.*

One TOML file, `/etc/secondring/secondring.toml`, or the one named with `--config`. `secondring config example` prints
one to start from, `secondring check` reads it and shows what each line would do, and `secondring config schema` prints
all of it as JSON Schema. An unknown key, a wrong type or an impossible value is an error that names file, line, key,
value and what is allowed; all mistakes are told at once, and the agent never starts on half of a configuration.

Needed are `name`, `country` and `timezone` under `[business]`, and one `[[line]]` with `number` and `message`. The
PBX's secret and the provider's credentials are needed by `secondring run` and `secondring doctor` only.

## Where a value comes from

1. **The environment**: `SECONDRING_SMS__FROM` is `from` under `[sms]`. Lists are separated by commas. Lines and open
   hours can't be set there.
2. **For secrets, systemd's credentials** (`LoadCredential=` in the unit), **then the `*_file` key**, each holding the
   secret alone on one line. Credentials are handed over at start, so a changed one needs a restart.
3. **The file.**

{secrets}

Durations are numbers with a unit: `"90s"`, `"15m"`, `"4h"`, `"1h30m"`, `"2d"`. Phone numbers are written in full
(`"+13125550100"`) or as dialled in the business's country. A path that doesn't begin with `/` is meant from the folder
of the configuration file.

`systemctl reload secondring` reads the file again. A bad one is refused with the same messages, and the old settings
stay in force.
"""

_MESSAGES = """\
### Messages

`message` and `closed_message` take placeholders: `{business}`, `{line}`, `{first_name|fallback}`,
`{caller_name|fallback}`, `{callback_in}`, `{booking_url}` and `{if_urgent}`, which says "If it's urgent, reply URGENT."
once there is a `[[staff]]` to take urgent callers. Without a fallback a placeholder is empty where nothing is known. A
message must say how to opt out, and may hold no other placeholder; otherwise it is refused. `secondring
check` shows every message as it would be sent, with its segments, and warns of what makes it dear or reads like
advertising.
"""


def markdown() -> str:
    """The whole of docs/configuration.md."""
    parts = [_INTRODUCTION.replace("{secrets}", _secrets())]
    for name, field in Settings.model_fields.items():
        model = table_model(field)
        meaning = (model.__doc__ if model and name == "hours" else field.description) or ""
        parts.append(f"## {_title(name)}\n\n{_unindent(meaning)}\n\n{_table((name,))}")
        if name == "line":
            parts.append(f"`[line.hours]` below a line takes the same keys as `[hours]`.\n\n{_MESSAGES}\n{_cycles()}")
    return "\n".join(part.rstrip() + "\n" for part in parts)


def json_schema() -> dict[str, Any]:
    """The whole configuration as JSON Schema (2020-12). Durations are text, in defaults too."""
    schema = Settings.model_json_schema(by_alias=True)
    _spell_durations(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _title(name: str) -> str:
    return f"`{heading((name,))}`"


def _unindent(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def _table(path: tuple[str, ...]) -> str:
    keys = [key for key in catalogue().values() if key.path[:-1] == path]
    return "\n".join(["| key | meaning | must be | default |", "|---|---|---|---|", *map(_row, keys), ""])


def _row(key: Key) -> str:
    default = "**needed**" if key.required else key.default or "none"
    return " | ".join((f"| `{key.path[-1]}`", key.meaning, key.allowed, f"{default} |"))


def _secrets() -> str:
    rows = (
        f"| `{table}.{key}` | `SECONDRING_{table.upper()}__{key.upper()}` | "
        + ", ".join(f"`{name}`" for name in names)
        + f" | `{table}.{key}_file` |"
        for (table, key), names in SECRETS.items()
    )
    return "\n".join(("| secret | environment | systemd credential | file |", "|---|---|---|---|", *rows))


def _cycles() -> str:
    return "\n".join(
        ("### Ring cycles", "", "| seconds from ring to ring | countries |", "|---|---|", *_cycle_rows(), "")
    )


def _cycle_rows() -> Iterator[str]:
    for seconds in sorted(set(RING_CYCLES.values()), reverse=True):
        yield f"| {seconds:g} | {', '.join(sorted(c for c, s in RING_CYCLES.items() if s == seconds))} |"
    yield f"| {EUROPE_AND_MOST_OTHERS:g} | every other |"


def _spell_durations(node: object) -> None:
    if isinstance(node, list):
        for item in node:
            _spell_durations(item)
    if isinstance(node, dict):
        default = node.get("default")
        if node.get("format") == "duration-in-words" and isinstance(default, float):
            node["default"] = spell_duration(default)
        for item in node.values():
            _spell_durations(item)


if __name__ == "__main__":
    sys.stdout.write(markdown())
