"""Fills a gap from Asterisk's own records: CEL where it is written, else CDR.

Both are CSV files in Asterisk's log folder (`cel-custom/Master.csv` of cel_custom, `cdr-csv/Master.csv` of cdr_csv,
each with its rotated `.1`). They are read from the end, no further back than a long call before the gap.
"""

import logging
from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path

from agent.pbx.asterisk.cdr import CDR, Reader
from agent.pbx.asterisk.cel import CEL, Timed, Where, events_in
from agent.pbx.asterisk.record_files import Clock, Fields, Kind, Skipped, last_time, rows, unreadable
from agent.pbx.records import RecordsTrouble

LONGEST_CALL = 6 * 3600.0
"""How long before the gap a call may have begun that ended in it, seconds."""
KINDS = (CEL, CDR)
PLACES = ("cel-custom/Master.csv", "cdr-csv/Master.csv")

log = logging.getLogger(__name__)


def recorded_events(
    path: Path, since: float, until: float, where: Where, zone: tzinfo | None = None
) -> Iterator[Timed]:
    """What the records say about legs since a long call before `since`, each event with its time (epoch s).

    `path` is Asterisk's log folder, or one Master.csv. `zone`: in which the PBX writes wall times; None is this
    machine's. A call whose end isn't there and of which nothing was heard for SILENT seconds before `until`, or before
    the PBX began anew, was cut off: its leg is cleared and ends at its last row. Records can't tell that from a caller
    who waits long, so drop the calls that the PBX still lists. Whether a number was withheld is never known from
    records. Blocks while reading. Raises RecordsTrouble.
    """
    clock, skipped = Clock(zone), Skipped()
    file, kind = _choose(path, since, clock)
    try:
        written = _rows(file, kind, since, clock, skipped)
        if kind is CEL:
            yield from events_in(written, where, until)
            return
        reader = Reader(where, clock)
        for end, fields in written:
            reader.take(end, fields)
        yield from reader.events()
    finally:
        if skipped.rows:
            log.warning("action=records file=%s %d broken rows were left out", file, skipped.rows)


def _rows(file: Path, kind: Kind, since: float, clock: Clock, skipped: Skipped) -> Iterator[tuple[float, Fields]]:
    rotated = file.with_name(file.name + ".1")
    if rotated.exists():
        yield from rows(rotated, kind, since - LONGEST_CALL, clock, skipped)
    yield from rows(file, kind, since - LONGEST_CALL, clock, skipped)


def _choose(path: Path, since: float, clock: Clock) -> tuple[Path, Kind]:
    """The file to read, and what is in it: CEL unless only the CDR goes on to the gap."""
    try:
        files = [path / place for place in PLACES if (path / place).exists()] if path.is_dir() else [path]
    except OSError as error:
        raise RecordsTrouble(unreadable(path, error)) from error
    if not files:
        raise RecordsTrouble(
            f"{path} has no {' and no '.join(PLACES)}. Make Asterisk write CEL: `enable=yes`, `apps=all`, "
            "`events=ALL` in cel.conf, the sample's mapping in cel_custom.conf, `module load cel_custom.so`."
        )
    found = [(last_time(file, kind, clock), file, kind) for file in files for kind in KINDS]
    known = [(newest, file, kind) for newest, file, kind in found if newest is not None]
    if not known:
        return files[0], _unwritten(files[0])
    return next(((file, kind) for newest, file, kind in known if newest >= since), known[0][1:])


def _unwritten(file: Path) -> Kind:
    """An empty file has no calls; one full of something else is none of ours."""
    if file.stat().st_size:
        raise RecordsTrouble(
            f"{file} holds no records as Asterisk writes them by default. Give cel_custom.conf its sample's "
            "mapping, and cel.conf no dateformat (or `%F %T`)."
        )
    return CDR if "cdr" in file.parent.name else CEL
