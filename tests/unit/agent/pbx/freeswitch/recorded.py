"""Records of calls whose truth is known: Master.csv as a real FreeSWITCH wrote it, and files of mod_json_cdr and
mod_xml_cdr made from what the streams tell of each leg at its end, in the shape of the real ones beside them.
"""

import ast
import gzip
import json
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

from agent.calls.past import calls_over
from agent.calls.verdicts import Call
from agent.pbx.freeswitch.records import recorded_events
from tests.unit.agent.pbx.freeswitch.socket_end import TRACES, stream

RECORDS = TRACES / "records"
Event = dict[str, str]

PROFILE = {
    "caller_id_name": "Caller-Caller-ID-Name", "caller_id_number": "Caller-Caller-ID-Number",
    "destination_number": "Caller-Destination-Number", "context": "Caller-Context",
    "uuid": "Caller-Unique-ID", "chan_name": "Caller-Channel-Name",
}  # fmt: skip
TIMES = {
    "created_time": "Caller-Channel-Created-Time", "profile_created_time": "Caller-Profile-Created-Time",
    "progress_time": "Caller-Channel-Progress-Time", "progress_media_time": "Caller-Channel-Progress-Media-Time",
    "answered_time": "Caller-Channel-Answered-Time", "bridged_time": "Caller-Channel-Bridged-Time",
    "hangup_time": "Caller-Channel-Hangup-Time",
}  # fmt: skip


class Where:
    inbound_contexts: tuple[str, ...] = ("public",)
    trunk_channels: tuple[str, ...] = ()


def read(path: Path, since: float = 0.0, until: float = 4e9) -> list[Call]:
    """The calls that the records under a path tell of, in the order in which they began."""
    events = recorded_events(path, since, until, Where(), UTC)
    return sorted(calls_over(events, since, until), key=lambda call: call.started_at)


def master() -> str:
    """The real Master.csv."""
    return gzip.decompress((RECORDS / "Master.csv.gz").read_bytes()).decode()


def rows_of(name: str) -> str:
    """Its rows about one stream; a row that a caller tore is whole."""
    legs = {dict(event).get("Unique-ID", "") for _, event in stream(name)} - {""}
    lines = master().replace("\nUnique-ID: evil", "\0Unique-ID: evil").splitlines(keepends=True)
    return "".join(line for line in lines if any(f'"{leg}","' in line for leg in legs)).replace("\0", "\n")


def _legs(name: str) -> Iterator[tuple[Event, list[Event]]]:
    """Each leg's last event, and all of its events."""
    events = [dict(event) for _, event in stream(name)]
    for last in events:
        if last.get("Event-Name") == "CHANNEL_HANGUP_COMPLETE":
            yield last, [event for event in events if event.get("Unique-ID") == last["Unique-ID"]]


def write_json(folder: Path, name: str, *, b_legs: bool, quoted: bool = False) -> Path:
    """What mod_json_cdr would write of a stream's calls; `b_legs` as its `log-b-leg`."""
    for last, events in _legs(name):
        is_b = last.get("Other-Type") == "originator"
        if is_b and not b_legs:
            continue
        told = {
            "variables": {
                key: _value(value, quoted) for key, value in _variables(last).items()
            },
            "app_log": {"applications": _applications(events)},
            "callflow": [_step(index, each) for index, each in sorted(_steps(events).items(), reverse=True)],
        }  # fmt: skip
        path = folder / f"{'' if is_b else 'a_'}{last['Unique-ID']}.cdr.json"
        path.write_text(json.dumps(told), encoding="utf-8")
    return folder


def write_xml(folder: Path, name: str) -> Path:
    """What mod_xml_cdr would write, both kinds of legs."""
    for last, events in _legs(name):
        variables = "".join(
            f"<{key}>{quote(_as_text(value))}</{key}>" for key, value in _variables(last).items() if key.isidentifier()
        )
        apps = "".join(
            f'<application app_name="{app["app_name"]}" app_data="" app_stamp="{app["app_stamp"]}"></application>'
            for app in _applications(events)
        )
        flow = "".join(
            f'<callflow dialplan="XML" profile_index="{index}"><caller_profile>{_tags(PROFILE, each)}</caller_profile>'
            f"<times>{_tags(TIMES, each)}</times></callflow>"
            for index, each in sorted(_steps(events).items(), reverse=True)
        )
        text = f'<?xml version="1.0"?>\n<cdr><variables>{variables}</variables><app_log>{apps}</app_log>{flow}</cdr>'
        (folder / f"{last['Unique-ID']}.cdr.xml").write_text(text, encoding="utf-8")
    return folder


def _tags(names: dict[str, str], event: Event) -> str:
    return "".join(f"<{tag}>{escape(event.get(header, ''))}</{tag}>" for tag, header in names.items())


def _variables(last: Event) -> dict[str, object]:
    found: dict[str, object] = {
        key.removeprefix("variable_"): ast.literal_eval(value) if value.startswith("['") else value
        for key, value in last.items()
        if key.startswith("variable_")
    }
    return found | {"channel_name": last["Channel-Name"], "direction": last["Call-Direction"]}


def _value(value: object, quoted: bool) -> object:
    return quote(value) if quoted and isinstance(value, str) else value


def _as_text(value: object) -> str:
    return (
        value if isinstance(value, str) else "ARRAY::" + "|:".join(map(str, value)) if isinstance(value, list) else ""
    )


def _applications(events: list[Event]) -> list[dict[str, str]]:
    return [
        {
            "app_name": event["Application"],
            "app_data": event.get("Application-Data", ""),
            "app_stamp": event["Event-Date-Timestamp"],
        }
        for event in events
        if event["Event-Name"] == "CHANNEL_EXECUTE"
    ]


def _steps(events: list[Event]) -> dict[str, Event]:
    """Each step of a leg's way as its last event shows it."""
    return {event["Caller-Profile-Index"]: event for event in events if event.get("Caller-Profile-Index")}


def _step(index: str, event: Event) -> dict[str, object]:
    return {
        "profile_index": index,
        "caller_profile": {tag: event.get(header, "") for tag, header in PROFILE.items()},
        "times": {tag: event.get(header, "0") for tag, header in TIMES.items()},
    }
