"""Fills a gap from FreeSWITCH's own records: of mod_json_cdr, mod_xml_cdr or mod_cdr_csv, whichever the admin has."""

import logging
from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path
from typing import Protocol

from agent.pbx.events import LegEvent
from agent.pbx.freeswitch import cdr_csv, record_files
from agent.pbx.freeswitch.dialect import Dialect
from agent.pbx.freeswitch.leg_record import LegRecord, told_again
from agent.pbx.records import RecordsTrouble

LONGEST_CALL = 6 * 3600.0
"""How long before the gap a leg may have ended that belongs to a call which ended in it, seconds."""
FOLDERS = {".cdr.json": "json_cdr", ".cdr.xml": "xml_cdr"}
"""Kind of file → where it lies in FreeSWITCH's log folder. The better kind stands first."""
CSV = "cdr-csv/Master.csv"

log = logging.getLogger(__name__)


class Where(Protocol):
    """What is inbound."""

    @property
    def inbound_contexts(self) -> tuple[str, ...]: ...
    @property
    def trunk_channels(self) -> tuple[str, ...]: ...


def recorded_events(
    path: Path, since: float, until: float, where: Where, zone: tzinfo | None = None
) -> Iterator[tuple[float, LegEvent]]:
    """What the records say about legs, each event with its time (epoch s), in order; from a long call before `since`.

    `path` is FreeSWITCH's log folder, a folder of files of mod_json_cdr or mod_xml_cdr, or one Master.csv. `zone`: of
    the PBX's wall times (Master.csv has no others); None is this machine's. Calls in flight when the PBX was killed
    have no record. Whether a number was withheld is never known from records. Blocks while reading. Raises
    RecordsTrouble.
    """
    try:
        legs = _legs(path, since, where, zone)
    except OSError as error:
        raise RecordsTrouble(_unreadable(path, error)) from error
    dialect = Dialect(where.inbound_contexts, where.trunk_channels)
    for at, event in told_again(leg for leg in legs if leg.start <= until):
        for said in dialect.translate(event):
            yield at, said


def _legs(path: Path, since: float, where: Where, zone: tzinfo | None) -> list[LegRecord]:
    if path.is_file():
        return cdr_csv.legs_in(path, since - LONGEST_CALL, where.inbound_contexts, zone)
    folders = [(suffix, folder) for suffix, name in FOLDERS.items() for folder in (path / name, path)]
    found = [(newest, suffix, folder) for suffix, folder in folders if (newest := _newest(folder, suffix)) is not None]
    table = path / CSV if (path / CSV).exists() else path / "Master.csv"
    written = cdr_csv.newest(table, zone) if table.exists() else None
    if not found and not table.exists():
        if any((path / name).is_dir() for name in FOLDERS.values()):
            return []
        raise RecordsTrouble(
            f"{path} has no {', no '.join(FOLDERS.values())} and no {CSV}. Let FreeSWITCH write records with "
            "mod_json_cdr (pbx-config/freeswitch/README.md)."
        )
    going_on = [(suffix, folder) for newest, suffix, folder in found if newest >= since]
    if not found or (not going_on and written is not None and written >= since):
        return cdr_csv.legs_in(table, since - LONGEST_CALL, where.inbound_contexts, zone)
    suffix, folder = (going_on or [(suffix, folder) for _, suffix, folder in found])[0]
    return _read(folder, suffix, since - LONGEST_CALL)


def _newest(folder: Path, suffix: str) -> float | None:
    return record_files.newest(folder, suffix) if folder.is_dir() else None


def _read(folder: Path, suffix: str, since: float) -> list[LegRecord]:
    files = record_files.files_since(folder, suffix, since)
    legs = [leg for path in files if (leg := record_files.read_leg(path)) is not None]
    if len(legs) < len(files):
        log.warning("action=records folder=%s %d files held no whole record", folder, len(files) - len(legs))
    return legs


def _unreadable(path: Path, error: OSError) -> str:
    where = error.filename or path
    if isinstance(error, PermissionError):
        return (
            f"{where} can't be read: {error.strerror}. Give the service the PBX's group: "
            "`systemctl edit secondring`, add `[Service]` and `SupplementaryGroups=freeswitch`, restart it."
        )
    return (
        f"{where} can't be read: {error.strerror}. Point [pbx] records to FreeSWITCH's log folder, or to a folder or "
        "Master.csv in it."
    )
