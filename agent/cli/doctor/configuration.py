"""The configuration, as far as it can be read: what is missing of the secrets is told, and the rest is tried anyway."""

import os
from pathlib import Path

from pydantic import SecretStr

from agent.cli.doctor.patient import Looking, Patient
from agent.config.load import load
from agent.config.mistakes import ConfigError
from agent.config.settings import Settings
from agent.config.sources import read_secret
from agent.findings import Finding, Grade, ok

NAME = "configuration"


def read_patient(config: Path, looking: Looking, now: float) -> tuple[Patient, list[Finding]]:
    """The installation, and what is to be said of its configuration. Raises ConfigError if it can't be used at all."""
    warnings: list[str] = []
    try:
        settings = load(config, os.environ, need_secrets=True, warn=warnings.append)
        mistakes: tuple[str, ...] = ()
    except ConfigError as error:
        settings = _with_readable_secrets(load(config, os.environ, need_secrets=False))
        mistakes = error.mistakes
    found = [_mistake(mistake) for mistake in mistakes] or [ok(NAME, _about(config, settings))]
    return Patient(config, settings, looking, now), [*found, *(_warning(each) for each in dict.fromkeys(warnings))]


def _about(config: Path, settings: Settings) -> str:
    lines = "1 line" if len(settings.line) == 1 else f"{len(settings.line)} lines"
    sms = settings.sms
    sender = sms.from_ or sms.messaging_service or sms.messaging_profile
    return f"{config} has {lines}; texts go through {settings.sms.provider.value}{f' from {sender}' if sender else ''}"


def _mistake(sentence: str) -> Finding:
    seen, _, remedy = sentence.partition(" Do: ")
    return Finding(NAME, Grade.FAILURE, seen, "`secondring run` refuses to start like this.", remedy)


def _warning(sentence: str) -> Finding:
    seen, _, remedy = sentence.partition(" Do: ")
    return Finding("configuration-warning", Grade.WARNING, seen, "", remedy)


def _with_readable_secrets(settings: Settings) -> Settings:
    """One secret that is missing mustn't keep what needs another one from being tried."""
    sections = {"pbx": settings.pbx, "sms": settings.sms}
    for table, key in (("pbx", "secret"), ("sms", "auth_token"), ("sms", "api_secret")):
        section = sections[table]
        file = getattr(section, f"{key}_file")
        if getattr(section, key) is not None or file is None:
            continue
        try:
            secret = SecretStr(read_secret(file, lambda _: None))
        except ValueError:  # told already, as a mistake
            continue
        sections[table] = section.model_copy(update={key: secret})
    return settings.model_copy(update=sections)
