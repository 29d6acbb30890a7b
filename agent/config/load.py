"""From the file, the environment and the credentials to Settings, or to every mistake at once.

Precedence: the environment; for secrets then systemd's credentials and the `*_file` keys; then the file.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path as FilePath
from typing import cast

from pydantic import ValidationError

from agent.config.checks import across, needed_to_run, read_numbers
from agent.config.keys import Path
from agent.config.mistakes import ConfigError, Mistake, from_validation
from agent.config.place import line_number
from agent.config.sections import ledger_path
from agent.config.settings import Settings
from agent.config.sources import SECRETS, Table, read_credential, read_environment, read_file, read_secret
from sms.numbers import COUNTRIES

DEFAULT_PATH = FilePath("/etc/secondring/secondring.toml")

PATH_KEYS = (
    ("pbx", "secret_file"),
    ("pbx", "records"),
    ("sms", "auth_token_file"),
    ("sms", "api_secret_file"),
    ("sms", "next_auth_token_file"),
    ("sms", "webhook_key_file"),
    ("storage", "path"),
)
"""Paths that may be relative: they are then meant from the folder of the configuration file."""

EXAMPLE_MESSAGE = (
    "Hi {first_name|there}, this is {business}. Sorry we missed your call. "
    "Reply with a good time to call back. {if_urgent} Reply STOP to opt out."
)


def load(
    path: FilePath = DEFAULT_PATH,
    environ: Mapping[str, str] = os.environ,
    credentials_directory: FilePath | None = None,
    *,
    need_secrets: bool = True,
    warn: Callable[[str], None] = lambda _: None,
) -> Settings:
    """The configuration, read and checked whole.

    `credentials_directory` is systemd's ($CREDENTIALS_DIRECTORY unless given). With `need_secrets` off (check,
    replay) secrets and the files that hold them aren't touched, and nobody misses them. `warn` is called with a
    sentence for what is unwise but not wrong. Raises ConfigError with every mistake found.
    """
    text, values = read_file(path)
    from_environment, variables, problems = read_environment(environ)
    _merge(values, from_environment)
    _resolve_paths(values, path.parent)
    if need_secrets:
        problems += _take_secrets(values, variables, credentials_directory or _systemd_directory(environ), warn)
        _warn_of_secrets_in_file(path, text, values, variables, warn)
    _set_ledger(values, environ)
    settings, mistakes = _check(values, need_secrets)
    problems += [_locate(mistake, path, text, variables) for mistake in sorted(mistakes, key=_order(path, text))]
    if problems or settings is None:
        raise ConfigError(tuple(dict.fromkeys(problems)))
    return settings


def default_settings() -> Settings:
    """What `replay` uses without a configuration: the defaults, one line `*`, a business in the US."""
    return Settings.model_validate(
        {
            "business": {"name": "the office", "country": "US", "timezone": "America/New_York"},
            "line": [{"number": "*", "name": "every number", "message": EXAMPLE_MESSAGE}],
        }
    )


def _check(values: Table, need_secrets: bool) -> tuple[Settings | None, list[Mistake]]:
    """The settings, if the models take them, and every mistake, each path told of once."""
    settings, country = None, _country(values)
    mistakes = read_numbers(values, country)
    mistakes += across(values)
    if need_secrets:
        mistakes += needed_to_run(values)
    told = {mistake.path for mistake in mistakes}
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        found = from_validation(error)
        mistakes += [m for m in found if m.path not in told and not (country is None and _is_national(m))]
    return settings, mistakes


def _country(values: Table) -> str | None:
    business = values.get("business")
    country = business.get("country") if isinstance(business, Mapping) else None
    return country if isinstance(country, str) and country in COUNTRIES else None


def _is_national(mistake: Mistake) -> bool:
    """Whether only the missing country makes this number a mistake."""
    number = mistake.path == ("sms", "from") or mistake.path[-1] == "number" or "own_numbers" in mistake.path
    return number and isinstance(mistake.value, str) and not mistake.value.startswith("+")


def _merge(values: Table, over: Table) -> None:
    for key, value in over.items():
        under = values.get(key)
        if isinstance(value, dict) and isinstance(under, dict):
            _merge(cast(Table, under), cast(Table, value))
        elif not (isinstance(value, dict) and key in values):
            values[key] = value


def _resolve_paths(values: Table, folder: FilePath) -> None:
    for table, key in PATH_KEYS:
        section = values.get(table)
        text = section.get(key) if isinstance(section, dict) else None
        if isinstance(section, dict) and isinstance(text, str) and text and text.isprintable() and text[0] != "~":
            section[key] = folder / text
    staff = values.get("staff")
    for person in staff if isinstance(staff, list) else ():
        if (
            isinstance(person, dict)
            and isinstance(text := person.get("notify_file"), str)
            and text[:1] not in ("", "~")
        ):
            person["notify_file"] = folder / text


def _set_ledger(values: Table, environ: Mapping[str, str]) -> None:
    storage = values.setdefault("storage", {})
    if isinstance(storage, dict):
        storage.setdefault("path", ledger_path(environ))


def _systemd_directory(environ: Mapping[str, str]) -> FilePath | None:
    directory = environ.get("CREDENTIALS_DIRECTORY")
    return FilePath(directory) if directory else None


def _take_secrets(
    values: Table, variables: Mapping[Path, str], directory: FilePath | None, warn: Callable[[str], None]
) -> list[str]:
    """Puts each secret where its setting is; returns what is wrong with the files that hold them."""
    problems = []
    for (table, key), names in SECRETS.items():
        section = values.get(table, {})
        if (table, key) in variables or not isinstance(section, dict):
            continue
        file = section.get(f"{key}_file")
        try:
            secret = read_credential(directory, names) if directory else None
            if secret is None and isinstance(file, FilePath):
                secret = read_secret(file, warn)
        except ValueError as error:
            problems.append(str(error))
            secret = "(unread)"
        if secret is not None:
            values[table] = {**section, key: secret}
    return problems


def _warn_of_secrets_in_file(
    path: FilePath, text: str, values: Table, variables: Mapping[Path, str], warn: Callable[[str], None]
) -> None:
    if not path.stat().st_mode & 0o004:
        return
    for table, key in SECRETS:
        section = values.get(table)
        line = line_number(text, (table, key))
        if (
            isinstance(section, dict)
            and key in section
            and (table, key) not in variables
            and line
            and _is_key(text, line, key)
        ):
            warn(f"{path}:{line}: {table}.{key} stands in a file that every user can read. Do: chmod o-rwx {path}")


def _is_key(text: str, line: int, key: str) -> bool:
    return text.splitlines()[line - 1].lstrip().startswith(key)


def _order(path: FilePath, text: str) -> Callable[[Mistake], int]:
    return lambda mistake: line_number(text, mistake.path) or 0


def _locate(mistake: Mistake, path: FilePath, text: str, variables: Mapping[Path, str]) -> str:
    setting = next((p for p in _upwards(mistake.path) if p in variables), None)
    if setting is not None:
        return f"environment variable {variables[setting]}: {mistake}"
    line = line_number(text, mistake.path)
    return f"{path}:{line}: {mistake}" if line else f"{path}: {mistake}"


def _upwards(path: Path) -> Iterable[Path]:
    return (path[:length] for length in range(len(path), 0, -1))
