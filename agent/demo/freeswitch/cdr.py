"""The records a FreeSWITCH would write as each leg ends: mod_cdr_csv's `Master.csv` (its template `example`), and
mod_json_cdr's files.

Both write of a leg that nobody dialled for another: callers, a queue's agents, the second halves of loopback pairs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Self

from agent.demo.freeswitch.encoding import Piece, as_it_is, encoded, escaped, json_object
from agent.demo.freeswitch.replant import Fields, Plant, Values
from agent.demo.recording import Headers, RecordedEvent, Recording
from agent.demo.replant import Template, template

_COLUMNS = (
    "Caller-Caller-ID-Name", "Caller-Caller-ID-Number", "Caller-Destination-Number", "Caller-Context",
    "variable_start_stamp", "variable_answer_stamp", "variable_end_stamp", "variable_duration", "variable_billsec",
    "variable_hangup_cause", "Unique-ID", "variable_signal_bond", "variable_accountcode", "variable_read_codec",
    "variable_write_codec",
)  # fmt: skip
_PROFILE = (
    ("username", "Caller-Username"), ("dialplan", "Caller-Dialplan"), ("caller_id_name", "Caller-Caller-ID-Name"),
    ("ani", "Caller-ANI"), ("aniii", "Caller-ANI-II"), ("caller_id_number", "Caller-Caller-ID-Number"),
    ("network_addr", "Caller-Network-Addr"), ("rdnis", "Caller-RDNIS"),
    ("destination_number", "Caller-Destination-Number"), ("uuid", "Caller-Unique-ID"), ("source", "Caller-Source"),
    ("context", "Caller-Context"), ("chan_name", "Caller-Channel-Name"),
)  # fmt: skip
_TIMES = (
    ("created_time", "Caller-Channel-Created-Time"), ("profile_created_time", "Caller-Profile-Created-Time"),
    ("progress_time", "Caller-Channel-Progress-Time"), ("progress_media_time", "Caller-Channel-Progress-Media-Time"),
    ("answered_time", "Caller-Channel-Answered-Time"), ("bridged_time", "Caller-Channel-Bridged-Time"),
    ("last_hold_time", "Caller-Channel-Last-Hold"), ("hold_accum_time", "Caller-Channel-Hold-Accum"),
    ("hangup_time", "Caller-Channel-Hangup-Time"), ("resurrect_time", "Caller-Channel-Resurrect-Time"),
    ("transfer_time", "Caller-Channel-Transfer-Time"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record:
    """What is written of one leg."""

    uuid: Template
    row: Template
    document: Template


FieldsOf = Callable[[Headers], Fields]


class Records:
    """The records of one recording, by the event that ends a leg."""

    def __init__(self, plant: Plant, recording: Recording) -> None:
        self._plant = plant
        self._events = recording.events

    @cached_property
    def at(self) -> dict[int, Record]:
        """Index of the event → what is written then."""
        return {
            i: record_of(event.headers, self._events[:i], self._plant.fields)
            for i, event in enumerate(self._events)
            if is_written(event.headers)
        }


def is_written(headers: Headers) -> bool:
    """Whether an event ends a leg of which there are records."""
    return headers[0][1] == "CHANNEL_HANGUP_COMPLETE" and ("Other-Type", "originator") not in headers


def record_of(ended: Headers, before: Sequence[RecordedEvent], fields_of: FieldsOf) -> Record:
    """What is written of a leg, by its last event and those before it."""
    given = dict(fields_of(ended))
    return Record(
        template(encoded(given["Unique-ID"], as_it_is)),
        template(_row(given)),
        template(_document(ended, before, fields_of)),
    )


def _document(ended: Headers, before: Sequence[RecordedEvent], fields_of: FieldsOf) -> Iterator[Piece]:
    uuid = dict(ended)["Unique-ID"]
    own = [event for event in before if event.get("Unique-ID") == uuid]
    fields = fields_of(ended)
    given = dict(fields)
    yield '{"core-uuid":"'
    yield from given["Core-UUID"]
    yield '","switchname":"'
    yield from given["FreeSWITCH-Switchname"]
    yield '","channel_data":'
    state: tuple[Piece, ...] = ("CS_REPORTING",)
    yield from json_object([("state", state), ("direction", given["Call-Direction"]), ("state_number", ("11",))])
    yield ',"callStats":{},"variables":'
    prefix = "variable_"
    yield from json_object((key.removeprefix(prefix), value) for key, value in fields if key.startswith(prefix))
    yield ',"app_log":{"applications":['
    for i, event in enumerate(one for one in own if one.name == "CHANNEL_EXECUTE"):
        yield "," if i else ""
        run = dict(fields_of(event.headers))
        ran = run["Application"], run.get("Application-Data", ()), run["Event-Date-Timestamp"]
        yield from json_object(zip(("app_name", "app_data", "app_stamp"), ran, strict=True))
    yield ']},"callflow":['
    profiles = {event.get("Caller-Profile-Index"): event.headers for event in own}
    profiles[dict(ended)["Caller-Profile-Index"]] = ended
    profiles.pop("", None)  # the first event has none yet
    for i, headers in enumerate(reversed(profiles.values())):
        yield "," if i else ""
        yield from _flow(dict(fields_of(headers)))
    yield "]}"


def _flow(given: Mapping[str, tuple[Piece, ...]]) -> Iterator[Piece]:
    """One profile of the caller: whom he was put through to, and when what happened."""
    yield '{"dialplan":"'
    yield from encoded(given.get("Caller-Dialplan", ()), escaped)
    yield '","profile_index":"'
    yield from given["Caller-Profile-Index"]
    yield '","caller_profile":'
    yield from json_object((name, given.get(key, ())) for name, key in _PROFILE)
    yield ',"times":'
    yield from json_object((name, given.get(key, ())) for name, key in _TIMES)
    yield "}"


def _row(fields: dict[str, tuple[Piece, ...]]) -> Iterator[Piece]:
    for i, column in enumerate(_COLUMNS):
        yield ',"' if i else '"'
        yield from encoded(fields.get(column, ()), as_it_is)
        yield '"'
    yield "\n"


class RecordFiles:
    """`cdr-csv/Master.csv` and `json_cdr/a_UUID.cdr.json` in one folder; None: nothing is written. Raises OSError."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._rows: IO[bytes] | None = None

    @property
    def are_wanted(self) -> bool:
        """Whether anything is written."""
        return self._folder is not None

    def __enter__(self) -> Self:
        if self._folder is not None:
            for name in ("cdr-csv", "json_cdr"):
                (self._folder / name).mkdir(parents=True, exist_ok=True)
            self._rows = (self._folder / "cdr-csv" / "Master.csv").open("ab", buffering=0)
        return self

    def __exit__(self, *exc: object) -> None:
        if self._rows is not None:
            self._rows.close()

    def write(self, record: Record, raw: Values, as_json: Values) -> None:
        """Write of one leg."""
        if self._rows is not None and self._folder is not None:
            self._rows.write(record.row.fill(raw))
            name = f"a_{record.uuid.fill(raw).decode()}.cdr.json"
            (self._folder / "json_cdr" / name).write_bytes(record.document.fill(as_json))
