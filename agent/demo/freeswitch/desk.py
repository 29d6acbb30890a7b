"""Answers to a client's `api` commands, from the calls in flight at that moment."""

import time
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Protocol

from agent.demo.freeswitch.board import COLUMNS
from agent.demo.freeswitch.stage import HOST, FreeswitchCall
from agent.demo.replant import Template

VERSION = "1.10.12"
_BUILD = "-release-10222002881-a88d069d6f"

NO_SUCH_CHANNEL = "-ERR No such channel!\n"
_SHOW_USAGE = (
    "-USAGE: codec|endpoint|application|api|dialplan|file|timer|calls [count]|channels [count|like <match string>]|"
    "calls|detailed_calls|bridged_calls|detailed_bridged_calls|aliases|complete|chat|management|modules|nat_map|say|"
    "interfaces|interface_types|tasks|limits|status\n"
)


class Readiness(Enum):
    """How far a FreeSWITCH has booted, or that it is going down."""

    READY = "is ready"
    NOT_READY = "is not ready"
    NO_COMMANDS = "its commands aren't loaded yet"


class Pbx(Protocol):
    """What the desk may ask of the whole PBX. `booted` is epoch seconds; `answers`: further commands, word for word."""

    readiness: Readiness

    @property
    def booted(self) -> float: ...

    @property
    def processed(self) -> int: ...

    @property
    def most_in_flight(self) -> int: ...

    @property
    def core(self) -> str: ...

    @property
    def answers(self) -> Mapping[str, str]: ...

    def calls(self) -> Iterable[FreeswitchCall]:
        """The calls in flight."""

    def call_of(self, uuid: str) -> FreeswitchCall | None:
        """The call a leg belongs to."""

    def sequence(self) -> bytes:
        """The number of a new event."""


def _status(argument: str, pbx: Pbx) -> str:
    age = time.time() - pbx.booted
    seconds, micros = int(age), int(age * 1e6) % 1_000_000
    parts = (
        (seconds // 31_536_000, "year"), (seconds // 86_400 % 365, "day"), (seconds // 3600 % 24, "hour"),
        (seconds // 60 % 60, "minute"), (seconds % 60, "second"), (micros // 1000, "millisecond"),
        (micros % 1000, "microsecond"),
    )  # fmt: skip
    up = ", ".join(f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts)
    legs = sum(len(call.scene().board.legs) for call in pbx.calls())
    return (
        f"UP {up}\nFreeSWITCH (Version {VERSION} {_BUILD}git a88d069 2024-08-02 21:02:27Z 64bit) "
        f"{pbx.readiness.value}\n{pbx.processed} session(s) since startup\n"
        f"{legs} session(s) - peak {pbx.most_in_flight}, last 5min {pbx.most_in_flight} \n"
        "0 session(s) per Sec out of max 30, peak 1, last 5min 1 \n1000 session(s) max\n"
        "min idle cpu 0.00/98.50\nCurrent Stack Size/Max 240K/8192K\n"
    )


def _version(argument: str, pbx: Pbx) -> str:
    if argument.startswith("short"):
        return f"{VERSION}\n"
    return f"FreeSWITCH Version {VERSION}{_BUILD}~64bit ({_BUILD} 64bit)\n"


def _getvar(argument: str, pbx: Pbx) -> str:
    known = {"core_uuid": pbx.core, "hostname": HOST[0][1], "switchname": HOST[1][1], "local_ip_v4": HOST[2][1]}
    return known.get(argument, "") if argument else "".join(f"{name}={value}\n" for name, value in known.items())


def _show(argument: str, pbx: Pbx) -> str:
    name, *wanted = argument.split() or [""]
    if name not in ("channels", "calls"):
        return _SHOW_USAGE
    as_json = wanted[-2:] == ["as", "json"]
    rows = [row for call in pbx.calls() for row in _rows(call, name, as_json)]
    if wanted[:1] == ["count"]:
        return f'{{"row_count":{len(rows)}}}' if as_json else f"\n{len(rows)} total.\n"
    if as_json:
        listed = f',"rows":[{",".join(rows)}]' if rows else ""
        return f'{{"row_count":{len(rows)}{listed}}}'
    head = ",".join(COLUMNS) + "\n" if rows else ""
    return f"{head}{''.join(rows)}\n{len(rows)} total.\n"


def _rows(call: FreeswitchCall, name: str, as_json: bool) -> list[str]:
    scene = call.scene()
    found: tuple[Template, ...] = scene.channels_as_text
    if as_json:
        found = scene.channels if name == "channels" else scene.calls
    values = call.written("json" if as_json else "raw")
    return [row.fill(values).decode("utf-8", "surrogateescape") for row in found]


def _uuid_dump(argument: str, pbx: Pbx) -> str:
    uuid, _, how = argument.partition(" ")
    if not uuid:
        return "-USAGE: <uuid> [format]\n"
    call = pbx.call_of(uuid)
    recorded = call.legs().get(uuid) if call is not None else None
    if call is None or recorded is None:
        return NO_SUCH_CHANNEL
    told = call.dump(recorded, "json" if how.strip().lower() == "json" else "plain", pbx.sequence())
    return NO_SUCH_CHANNEL if told is None else told.decode("utf-8", "surrogateescape")


def _uuid_exists(argument: str, pbx: Pbx) -> str:
    call = pbx.call_of(argument)
    return "true" if call is not None and argument in call.legs() else "false"


ANSWERS: Mapping[str, Callable[[str, Pbx], str]] = {
    "status": _status,
    "version": _version,
    "uptime": lambda argument, pbx: f"{int(time.time() - pbx.booted)}\n",
    "hostname": lambda argument, pbx: HOST[0][1],
    "global_getvar": _getvar,
    "show": _show,
    "uuid_dump": _uuid_dump,
    "uuid_exists": _uuid_exists,
}


def answer(text: str, pbx: Pbx) -> str:
    """The whole answer to an `api` command that its user may run."""
    command, _, argument = text.partition(" ")
    given = pbx.answers.get(text)
    make = ANSWERS.get(command.lower())
    if pbx.readiness is Readiness.NO_COMMANDS or (given is None and make is None):
        return f"-ERR {command} Command not found!\n"
    told = given if given is not None or make is None else make(argument, pbx)
    return told or "-ERR no reply\n"
