"""Files of mod_json_cdr and mod_xml_cdr: one a leg, written when it ends, both with the same things in them.

`NAME.cdr.json` and `NAME.cdr.xml` hold the leg's variables, what the PBX did with it (`app_log`), and for each step of
its way the caller's profile with its times (`callflow`, the newest first): only the oldest tells what was dialled
first. Times are microseconds since 1970. Variables are percent-encoded unless `encode-values` is off.
"""

import json
import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from agent.pbx.freeswitch.leg_record import Application, Bridge, Dialled, LegRecord

SUFFIXES = (".cdr.json", ".cdr.xml")
LARGEST = 4 * 1024 * 1024
MICROSECONDS = 1e6
WITHHOLDS = frozenset({"id", "user", "header", "full"})
"""Words of a Privacy header by which a caller withholds his number (RFC 3323, RFC 3325)."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

Table = dict[str, object]


def files_since(folder: Path, suffix: str, since: float) -> list[Path]:
    """The record files written since (epoch s), oldest first, in the folder and its folders. Raises OSError."""
    return [path for _, path in sorted(_written(folder, suffix, since, deeper=True))]


def newest(folder: Path, suffix: str) -> float | None:
    """When the newest of them was written; None if there are none. Raises OSError."""
    return max((at for at, _ in _written(folder, suffix, 0.0, deeper=True)), default=None)


def _written(folder: Path, suffix: str, since: float, *, deeper: bool) -> Iterator[tuple[float, Path]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                at = entry.stat().st_mtime
                if at >= since and entry.name.endswith(suffix) and entry.is_file():
                    yield at, Path(entry.path)
                elif at >= since and deeper and entry.is_dir():  # `rotate` makes a folder for each time
                    yield from _written(Path(entry.path), suffix, since, deeper=False)
            except FileNotFoundError:  # it was imported or tidied away meanwhile
                continue


def read_leg(path: Path) -> LegRecord | None:
    """The leg in a file; None if it holds none that can be used, or is gone. Raises OSError."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    if len(data) > LARGEST:
        return None
    text = data.decode("utf-8", "replace")
    if text.startswith("%3C"):  # mod_xml_cdr encodes the whole of what it couldn't post
        text = unquote(text)
    try:
        return _leg(_from_json(text) if path.name.endswith(".json") else _from_xml(text))
    except (ValueError, ET.ParseError, RecursionError):
        return None


def _from_json(text: str) -> Table:
    told = json.loads(text, strict=False)
    if not isinstance(told, dict):
        raise ValueError("no object")
    variables = _table(told.get("variables"))
    steps = [_table(step) for step in _list(told.get("callflow"))]
    return {
        "variables": _unquoted(variables),
        "applications": _list(_table(told.get("app_log")).get("applications")),
        "steps": [
            {
                **_table(step.get("caller_profile")),
                **_table(step.get("times")),
                "profile_index": step.get("profile_index"),
                "peer": _peer(_table(step.get("caller_profile"))),
            }
            for step in steps
        ],
    }


def _peer(profile: Table) -> object:
    for other in ("originatee", "originator"):
        profiles = _list(_table(profile.get(other)).get(f"{other}_caller_profiles"))
        if profiles:
            return _table(profiles[0]).get("uuid")
    return None


def _from_xml(text: str) -> Table:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("FreeSWITCH writes no document type")
    root = ET.fromstring(_CONTROL.sub("\ufffd", text))
    variables: Table = {element.tag: element.text or "" for element in root.findall("variables/*")}
    return {
        "variables": _unquoted(variables),
        "applications": [dict(element.attrib) for element in root.findall("app_log/application")],
        "steps": [_xml_step(step) for step in root.findall("callflow")],
    }


def _xml_step(step: ET.Element) -> Table:
    profile = {element.tag: element.text or "" for element in step.findall("caller_profile/*")}
    times = {element.tag: element.text or "" for element in step.findall("times/*")}
    others = ("originatee/originatee_caller_profile", "originator/originator_caller_profile")
    peer = next((found for other in others if (found := step.findtext(f"caller_profile/{other}/uuid"))), "")
    return {**profile, **times, "profile_index": step.get("profile_index"), "peer": peer}


def _unquoted(variables: Table) -> Table:
    """Percent-encoded values decoded; a time with a blank in it shows that these aren't."""
    if " " in str(variables.get("start_stamp", "")):
        return variables
    return {name: unquote(value) if isinstance(value, str) else value for name, value in variables.items()}


def _leg(told: Table) -> LegRecord | None:
    variables = _table(told["variables"])
    steps = sorted((_table(step) for step in _list(told["steps"])), key=lambda step: _number(step, "profile_index"))
    uuid, end = _text(variables, "uuid"), _time(variables, "end_uepoch")
    start = _time(variables, "start_uepoch")
    if not uuid or start is None or end is None:
        return None
    first = steps[0] if steps else {}
    return LegRecord(
        uuid=uuid,
        arriving=_text(variables, "direction") == "inbound",
        start=start,
        end=end,
        channel=_text(variables, "channel_name"),
        context=_text(first, "context"),
        number=_text(first, "caller_id_number"),
        name=_text(first, "caller_id_name"),
        dialled=_text(first, "destination_number"),
        withheld=not WITHHOLDS.isdisjoint(_text(variables, "sip_Privacy").replace(",", ";").split(";")),
        voicemail_action=_text(variables, "voicemail_action"),
        user=_text(variables, "user_name"),
        gateway=_text(variables, "sip_gateway_name"),
        by=_text(variables, "originating_leg_uuid")
        or _text(variables, "originator")
        or _text(variables, "cc_member_session_uuid"),
        other_half=_text(variables, "other_loopback_leg_uuid"),
        ringing=_time(variables, "progress_uepoch") or _time(variables, "progress_media_uepoch"),
        answered=_time(variables, "answer_uepoch"),
        cause=_text(variables, "hangup_cause"),
        disposition=_text(variables, "sip_hangup_disposition"),
        applications=tuple(_applications(told["applications"])),
        bridges=tuple(_bridges(uuid, variables, steps)),
        phones=tuple(_phones(variables)),
    )


def _applications(told: object) -> Iterator[Application]:
    for each in map(_table, _list(told)):
        at = _time(each, "app_stamp")
        if at is not None:
            yield Application(at, _text(each, "app_name"), _text(each, "app_data"))


def _bridges(uuid: str, variables: Table, steps: list[Table]) -> Iterator[Bridge]:
    """One a step of its way at most; whom it was bridged with last, the leg itself remembers."""
    for place, step in enumerate(steps, 1):
        at = _time(step, "bridged_time")
        last = _text(variables, "bridge_uuid") if place == len(steps) else ""
        if at is not None:
            yield Bridge(at, last or _text(step, "peer") or f"{uuid} {place}")


def _phones(variables: Table) -> Iterator[Dialled]:
    """`originated_legs` and `originate_causes` hold a leg each; several stand in a list, or in text as one."""
    causes = dict(entry.partition(";")[::2] for entry in _entries(variables.get("originate_causes")))
    numbers = {
        entry.partition(";")[0]: entry.rpartition(";")[2] for entry in _entries(variables.get("originated_legs"))
    }
    for uuid, number in numbers.items():
        yield Dialled(uuid, number, causes.get(uuid, ""))


def _entries(value: object) -> list[str]:
    if isinstance(value, list):
        return [each for each in value if isinstance(each, str)]
    return str(value or "").removeprefix("ARRAY::").split("|:") if value else []


def _table(value: object) -> Table:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(table: Table, name: str) -> str:
    value = table.get(name)
    return value if isinstance(value, str) else ""


def _number(table: Table, name: str) -> int:
    value = str(table.get(name) or "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else 0


def _time(table: Table, name: str) -> float | None:
    """Epoch seconds; None where it never came to that (0), or it is no time."""
    return _number(table, name) / MICROSECONDS or None
