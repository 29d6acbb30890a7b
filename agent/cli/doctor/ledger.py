"""The ledger and the running agent: is the file whole, does one agent work on it, and is anything stuck?"""

import asyncio
import contextlib
import sqlite3

from agent.cli.doctor.patient import Patient
from agent.cli.printing import local
from agent.control import NoAgent, ask, socket_path
from agent.findings import Finding, Grade, ok, skipped
from agent.health import KINDS, Severity
from storage.ledger import LedgerTrouble, reading
from storage.lock import is_held
from storage.queries import conditions, doctor
from storage.vocabulary import Direction

DAY = 86400.0
OVERDUE_AFTER = 120.0
"""Seconds after which a text that waits to be handed over is stuck."""
MANY_FAILED = 0.1
"""Share of a day's texts that may fail before it is told."""
FEW = 10
"""Texts or calls below which shares say nothing."""


async def probe_ledger(patient: Patient) -> list[Finding]:
    """Opening, integrity, what is stored of pauses, texts that are stuck, calls that look wrong."""
    return await asyncio.to_thread(_look_at_ledger, patient)


async def probe_agent(patient: Patient) -> list[Finding]:
    """Whether an agent runs on this ledger, and what it complains of."""
    return await asyncio.to_thread(_look_at_agent, patient)


def _look_at_ledger(patient: Patient) -> list[Finding]:
    path = patient.settings.storage.path
    after = ("ledger-integrity", "texting", "outbox", "calls")
    if not path.exists():
        seen = f"there is none yet at {path}"
        start = "systemctl enable --now secondring"
        first = Finding("ledger", Grade.WARNING, seen, "It is made when the agent first runs.", start)
        return [first, *(skipped(name, "ledger") for name in after)]
    try:
        with contextlib.closing(reading(path)) as db:
            first = ok("ledger", f"{path}, {path.stat().st_size / 1e6:.1f} MB")
            return [first, _integrity(db, patient), _texting(db, patient), _outbox(db, patient), _calls(db, patient)]
    except (LedgerTrouble, sqlite3.Error) as trouble:
        remedy = f"Restore a copy, or move it away and start anew: ls -l {path}*"
        first = Finding("ledger", Grade.FAILURE, str(trouble), "Without it nothing is recorded or texted.", remedy)
        return [first, *(skipped(name, "ledger") for name in after)]


def _integrity(db: sqlite3.Connection, patient: Patient) -> Finding:
    found = doctor.quick_check(db)
    if found == "ok":
        return ok("ledger-integrity", "the file is whole")
    return Finding(
        "ledger-integrity",
        Grade.FAILURE,
        f"the file is damaged: {found}",
        "Calls and opt-outs in the damaged part are lost to the agent.",
        "Stop the agent, keep the file, and put the latest copy of `secondring backup` in its place; check the disk.",
    )


def _texting(db: sqlite3.Connection, patient: Patient) -> Finding:
    lasting = conditions.current(db, patient.now)
    if stopped := lasting.get(conditions.SENDING_STOPPED):
        kind = KINDS["sending-stopped"]
        return Finding("texting", Grade.FAILURE, f"stopped: {stopped.detail}", kind.meaning, kind.remedy)
    if paused := lasting.get(conditions.PAUSED):
        zone = patient.settings.business.timezone
        until = f" until {local(paused.until, zone)}" if paused.until is not None else ""
        seen = f"paused since {local(paused.since, zone)}{until}: {paused.detail}"
        return Finding("texting", Grade.WARNING, seen, "Nobody is texted meanwhile.", "secondring resume")
    if patient.settings.sms.shadow:
        remedy = "When you trust it: shadow = false under [sms], then systemctl reload secondring"
        return Finding("texting", Grade.WARNING, "shadow mode is on", "All is decided, but no text leaves.", remedy)
    return ok("texting", "not paused, not stopped, not in shadow mode")


def _outbox(db: sqlite3.Connection, patient: Patient) -> Finding:
    found = doctor.outbox(db, patient.now - DAY, patient.now - OVERDUE_AFTER)
    told = f"in 24 hours {found.texts} texts, {found.failed} failed, {found.unknown} of unknown fate"
    if found.overdue and found.since is not None:
        waits = (patient.now - found.since) / 60
        seen = f"{found.overdue} texts wait to be handed over, the oldest for {waits:.0f} minutes"
        return Finding("outbox", Grade.FAILURE, seen, "Callers wait for them.", "See agent and provider in this list.")
    if found.texts >= FEW and found.failed > found.texts * MANY_FAILED:
        remedy = "secondring texts --state failed"
        return Finding("outbox", Grade.WARNING, told, "Callers weren't reached; the codes tell why.", remedy)
    return ok("outbox", told)


def _calls(db: sqlite3.Connection, patient: Patient) -> Finding:
    found = doctor.directions(db, patient.now - 7 * DAY)
    told = ", ".join(f"{found.get(each, 0)} {each.value}" for each in Direction)
    if sum(found.values()) >= FEW and not found.get(Direction.INBOUND):
        return Finding(
            "calls",
            Grade.WARNING,
            f"in 7 days {told}",
            "No call counted as coming from outside: then nobody is ever texted.",
            "Type secondring doctor --watch 60, ring the office from outside, and see pbx-inbound.",
        )
    return ok("calls", f"in 7 days {told}")


def _look_at_agent(patient: Patient) -> list[Finding]:
    path = patient.settings.storage.path
    try:
        status = ask(socket_path(path), {"do": "status"})
    except NoAgent:
        return [_not_running(patient)]
    except PermissionError:
        return [skipped("agent", "the right to ask it", "Run doctor as root.")]
    except (OSError, ValueError) as error:
        seen = f"it doesn't answer: {error}"
        return [Finding("agent", Grade.FAILURE, seen, "It hangs, or is stuck.", "systemctl restart secondring")]
    told = status.get("conditions")
    found = [_condition(each) for each in told if isinstance(each, dict)] if isinstance(told, list) else []
    state = "listens to the PBX" if status.get("linked") else "doesn't hear the PBX"
    grade = Grade.OK if status.get("linked") else Grade.FAILURE
    why = "" if status.get("linked") else "No call is seen, and nobody is texted."
    remedy = "" if status.get("linked") else "See the pbx- findings; journalctl -u secondring"
    return [Finding("agent", grade, f"runs and {state}; {status.get('in_flight')} calls now", why, remedy), *found]


def _not_running(patient: Patient) -> Finding:
    path = patient.settings.storage.path
    if is_held(path):
        seen = f"another program holds {path.name}.lock, and no agent answers"
        return Finding("agent", Grade.FAILURE, seen, "No agent can start meanwhile.", f"fuser -v {path}.lock")
    why = "No call is seen, and nobody is texted."
    return Finding("agent", Grade.WARNING, "not running", why, "systemctl enable --now secondring")


def _condition(told: dict[str, object]) -> Finding:
    kind = KINDS.get(str(told.get("code")))
    if kind is None:
        return Finding("agent-condition", Grade.WARNING, f"it complains of {told.get('code')}: {told.get('detail')}")
    grade = Grade.FAILURE if kind.severity is Severity.ERROR else Grade.WARNING
    return Finding(f"agent-{kind.code}", grade, str(told.get("detail") or kind.meaning), kind.meaning, kind.remedy)
