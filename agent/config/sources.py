"""Where settings come from: the file, the environment, systemd's credentials and the files that hold secrets.

Each is read into a nested dictionary of plain values; `load` merges and checks them.
"""

import errno
import json
import re
import stat
import tomllib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Any, cast

from pydantic_settings import EnvSettingsSource

from agent.config.keys import Key, Path, catalogue, known_names
from agent.config.mistakes import ConfigError
from agent.config.settings import Settings

Table = dict[str, object]

PREFIX = "SECONDRING_"
NOT_SETTINGS = ("SECONDRING_CONFIG",)
"""Variables of ours that aren't settings: where the file is."""

FILE_ONLY = ("line", "hours", "staff")
"""Tables that have no names a shell could use."""

SECRETS: dict[tuple[str, str], tuple[str, ...]] = {
    ("pbx", "secret"): ("pbx_secret", "pbx-secret", "ami-secret"),
    ("sms", "auth_token"): ("sms_auth_token", "sms-auth-token"),
    ("sms", "api_secret"): ("sms_api_secret", "sms-api-secret"),
    ("sms", "next_auth_token"): ("sms_next_auth_token", "sms-next-auth-token"),
    ("sms", "webhook_key"): ("sms_webhook_key", "sms-webhook-key"),
}
"""Each secret and the names under which systemd may hand it over (LoadCredential=, systemd.exec(5))."""

_LONGEST_SECRET = 4_096


def read_file(path: FilePath) -> tuple[str, Table]:
    """The text of the configuration file and what it says. Raises ConfigError with the remedy."""
    text = _read_text(path, "the configuration", f"secondring config example > {path}")
    try:
        return text, cast(Table, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError((_syntax(path, text, str(error)),)) from error


def read_environment(environ: Mapping[str, str]) -> tuple[Table, dict[Path, str], list[str]]:
    """What the environment sets, the variable behind each value, and what is wrong.

    `SECONDRING_SMS__FROM` is `from` under `[sms]`. Lists are separated by commas or written as in the file. Lines
    and open hours stand in the file only: a shell has no names for them.
    """
    source = EnvSettingsSource(Settings)
    ours = {n: v for n, v in environ.items() if n.startswith(PREFIX) and n not in NOT_SETTINGS}
    known = {PREFIX + "__".join(p).upper(): key for p, key in catalogue().items() if p[0] not in FILE_ONLY}
    problems = [_unknown_variable(name, tuple(known)) for name in ours if name not in known]
    source.env_vars = {name.lower(): value for name, value in ours.items() if name in known}
    table: Table = cast(Table, source())
    names: dict[Path, str] = {}
    for name, key in known.items():
        if name not in ours:
            continue
        names[key.path] = name
        section = cast(Table, table[key.path[0]])
        section[key.path[1]] = _typed(ours[name], key)
    return table, names, problems


def read_secret(path: FilePath, warn: Callable[[str], None]) -> str:
    """The secret that stands in a file, without its line break. Raises ValueError with a whole sentence."""
    try:
        text = _read_text(path, "the secret", f"(umask 077; cat > {path}), then paste it, Enter, Ctrl-D")
    except ConfigError as error:
        raise ValueError(str(error)) from error
    secret = text.rstrip("\r\n")
    if not secret.strip() or not secret.isprintable() or len(secret) > _LONGEST_SECRET:
        raise ValueError(f"{path}: must hold the secret alone, on one line.")
    if path.stat().st_mode & stat.S_IROTH:
        warn(f"{path}: every user of this machine can read this secret. Do: chmod o-rwx {path}")
    return secret


def read_credential(directory: FilePath, names: tuple[str, ...]) -> str | None:
    """The secret that systemd handed over under one of these names; None if it did not. Raises ValueError."""
    for name in names:
        if (directory / name).exists():
            return read_secret(directory / name, warn=lambda _: None)
    return None


def _read_text(path: FilePath, what: str, if_missing: str) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        why = f"is not UTF-8 (byte {error.start + 1}). Do: iconv -f WINDOWS-1252 -t UTF-8 {path}"
    except OSError as error:
        why = _unreadable(path, error, if_missing)
    raise ConfigError((f"{path}: can't read {what}: it {why}",))


def _unreadable(path: FilePath, error: OSError, remedy: str) -> str:
    match error.errno:
        case errno.ENOENT:
            return f"does not exist. Do: {remedy}"
        case errno.EACCES | errno.EPERM:
            return f"may not be read by this user. Do: chgrp secondring {path} && chmod g+r {path}"
        case errno.EISDIR:
            return f"is a directory. Name the file in it: ls {path}"
        case _:
            return f"can't be opened ({error.strerror})."


def _syntax(path: FilePath, text: str, message: str) -> str:
    found = re.search(r"^(.*) \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    if found is None:
        return f"{path}: {message}."
    lines = text.splitlines() or [""]
    line = int(found[2] or len(lines))
    content = lines[min(line, len(lines)) - 1]
    column = int(found[3] or len(content) + 1)
    told = f"{path}:{line}:{column}: {_syntax_words(found[1])}."
    return f"{told}\n    {content}\n    {' ' * (column - 1)}^{_syntax_hint(content)}"


def _syntax_words(message: str) -> str:
    """The parser's complaint in words that need no knowledge of TOML; its own where we have none."""
    if table := re.fullmatch(r"Cannot (?:declare|mutate immutable namespace) \((.*?),?\)(?: twice)?", message):
        name = table[1].replace("', '", ".").strip("'")
        return f"the table [{name}] stands here a second time; put its keys under the first"
    return {
        "Cannot overwrite a value": "this key stands here a second time",
        "Illegal character '\\n'": "the quotes are not closed on this line",
        "Unterminated string": "quotes that begin above are never closed",
        "Invalid value": "this is no value",
        "Expected '=' after a key in a key/value pair": "an = must follow the key",
    }.get(message, message)


def _syntax_hint(content: str) -> str:
    if re.search("[“”„‘’]", content):
        return ' these quotes are typographic; write " instead'
    if "\\" in content:
        return " in double quotes a backslash must be doubled; single quotes take it as it is"
    if re.search(r"=\s*[A-Za-z+*]", content) and '"' not in content:
        return ' text stands in quotes: key = "value"'
    return ""


def _unknown_variable(name: str, known: tuple[str, ...]) -> str:
    section = name.removeprefix(PREFIX).split("__")[0].lower()
    if section in FILE_ONLY:
        return f"environment variable {name}: lines and open hours can be set in the file only."
    near = get_close_matches(name.removeprefix(PREFIX), [each.removeprefix(PREFIX) for each in known], n=1)
    hint = f"Did you mean {PREFIX}{near[0]}?" if near else f"They begin with one of {', '.join(_sections())}."
    return f"environment variable {name}: no setting has this name. {hint}"


def _sections() -> list[str]:
    return [f"{PREFIX}{name.upper()}__" for name in known_names(()) if name not in FILE_ONLY]


def _typed(text: str, key: Key) -> Any:
    """The text of a variable as the file would have it: a number, true, a list; else the text itself."""
    if key.many:
        if text.lstrip().startswith("["):
            try:
                return json.loads(text)
            except json.JSONDecodeError:
                return text
        return [part.strip() for part in text.split(",") if part.strip()]
    if key.allowed.startswith("true or false"):
        return {"true": True, "false": False, "1": True, "0": False}.get(text.lower(), text)
    if key.allowed.startswith("a whole number"):
        return int(text) if re.fullmatch(r"\d+", text, re.ASCII) else text
    return text
