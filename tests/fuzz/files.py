"""Files that others wrote: configurations, traces, the PBX's records."""

import gzip
import os
import tempfile
from importlib import resources
from pathlib import Path

from agent.config.load import default_settings, load
from agent.config.mistakes import ConfigError
from agent.office import Office
from agent.pbx.asterisk.records import recorded_events
from agent.pbx.dialects import Where
from agent.pbx.freeswitch.records import recorded_events as recorded_by_freeswitch
from agent.pbx.records import RecordsTrouble
from agent.pbx.trace import BadTrace, read_trace
from agent.replay import Replay, as_json
from tests.fuzz.wire import follow

_MEMORY = Path("/dev/shm")
FOLDER = Path(tempfile.mkdtemp(prefix="fuzz", dir=_MEMORY if _MEMORY.is_dir() else None))
OFFICE = Office.of(default_settings())


def _file(name: str, data: bytes) -> Path:
    path = FOLDER / f"{os.getpid()}-{name}"
    path.write_bytes(data)
    return path


def configuration(data: bytes) -> None:
    """A configuration file: settings, or every mistake in sentences."""
    path = _file("secondring.toml", data)
    for secrets in (False, True):
        try:
            settings = load(path, {}, need_secrets=secrets)
        except ConfigError as error:
            assert str(error).strip()
            continue
        office = Office.of(settings)
        for line in office.lines:
            office.body(line, "SMITH JOHN", 1_795_510_000.0)
            office.is_open(line, 1_795_510_000.0)
        office.quiet_until("+12025550143", 1_795_510_000.0)


def trace(data: bytes) -> None:
    """A recorded stream, replayed with the defaults; byte 0: packed or plain."""
    packed = data[:1] == b"\x01"
    path = _file("trace.jsonl", gzip.compress(data[1:], 1) if packed else data[1:])
    try:
        replayed = Replay(read_trace(path), OFFICE, (), ())
    except BadTrace as error:
        assert str(error).strip()
        return
    for row in replayed.run():
        as_json("x", row, OFFICE)


def records(data: bytes) -> None:
    """CEL or CDR of a gap."""
    path = _file("Master.csv", data)
    where = Where("", "", ("from-trunk",), (), lambda: "")
    try:
        events = list(recorded_events(path, 1_795_500_000.0, 1_795_600_000.0, where))
    except RecordsTrouble as error:
        assert str(error).strip()
        return
    follow([event for _, event in events])


FREESWITCH = ("Master.csv", "a_1.cdr.json", "a_1.cdr.xml")
WRITTEN = Path(__file__).parents[1] / "traces" / "freeswitch" / "records"


def freeswitch_records(data: bytes) -> None:
    """A table, or a file of one leg (byte 0 says which), of a gap."""
    name = FREESWITCH[data[0] % len(FREESWITCH)] if data else FREESWITCH[0]
    folder = FOLDER / f"{os.getpid()}-{name}-alone"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data[1:])
    where = Where("", "", ("public",), (), lambda: "")
    try:
        events = list(recorded_by_freeswitch(folder, 1_795_400_000.0, 1_795_600_000.0, where))
    except RecordsTrouble as error:
        assert str(error).strip()
        return
    follow([event for _, event in events])


def configuration_seeds() -> list[bytes]:
    """The smallest good file, and one with everything in it."""
    small = (
        b'[business]\nname = "Acme"\ncountry = "US"\ntimezone = "America/Chicago"\n[[line]]\nnumber = "*"\n'
        b'message = "This is {business}. Reply STOP to opt out."\n'
    )
    more = (
        b'[pbx]\nkind = "asterisk"\nhost = "127.0.0.1"\nport = 5038\nuser = "secondring"\nsecret = "x"\n'
        b'inbound_contexts = ["from-trunk*"]\n[sms]\nprovider = "console"\nshadow = true\nfrom = "+13125550100"\n'
        b'[hours]\nmon-fri = "08:00-12:00, 13:00-17:30"\nholidays = "US-IL"\n[limits]\ncooldown = "4h"\n'
        b'freshness = "15m"\nper_hour = 60\ncountries = ["US", "CA"]\nquiet_hours = "21:00-08:00"\n'
        b'quiet_hours_then = "defer"\n'
    )
    line = (
        b'[[line]]\nnumber = "+13125550101"\nname = "Main"\nrings = 4\nring_cycle = "6s"\nmin_ring = "3s"\n'
        b'delay = "0s"\nforwarded = false\nenabled = true\ntext_on = ["no_answer"]\n'
        b'message = "Hi {first_name|there}, {business}. STOP to opt out."\n[line.hours]\nsat = "10:00-12:00"\n'
    )
    return [small, small + more, more + line + small.replace(b"[[line]]", b"[[line]]", 1), small + line]


def trace_seeds() -> list[bytes]:
    """Recorded streams, the first part of each."""
    folder = resources.files("agent.demo") / "recordings" / "asterisk"
    found = []
    for file in sorted(folder.iterdir(), key=lambda one: one.name)[::12]:
        if file.name.endswith(".jsonl.gz"):
            lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
            found.append(b"\x00" + b"".join(lines[:40]))
    head = b'{"format":"secondring-trace/1","pbx":"asterisk","version":"1","started":"2026-11-24T06:41:26+00:00"}\n'
    reply = b'{"t":1.0,"reply":[["Response","Success"],["Value","prohib"]],"to":{"Channel":"PJSIP/trunk-00000001"}}\n'
    return [*found, b"\x00" + head + reply]


def records_seeds() -> list[bytes]:
    """CEL as it was written beside the recordings, and a CDR."""
    folder = resources.files("agent.demo") / "recordings" / "asterisk"
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".cel.csv.gz")), key=lambda one: one.name)
    cdr = (
        b'"","+12025550143","+12025550101","from-trunk","""A"" <+12025550143>","PJSIP/trunk-00000001",'
        b'"PJSIP/101-00000002","Dial","PJSIP/101","2026-11-24 06:41:26","","2026-11-24 06:41:34",8,0,"NO ANSWER",'
        b'"DOCUMENTATION","1795502486.1",""\n'
    )
    return [gzip.decompress(one.read_bytes())[:8_000] for one in files[::4]] + [cdr]


def freeswitch_records_seeds() -> list[bytes]:
    """The real files, the table cut."""
    found = []
    for path in sorted(WRITTEN.glob("*.gz")):
        kind = next(place for place, name in enumerate(FREESWITCH) if path.name.endswith(name[-4:] + ".gz"))
        found.append(bytes((kind,)) + gzip.decompress(path.read_bytes())[:30_000])
    return found
