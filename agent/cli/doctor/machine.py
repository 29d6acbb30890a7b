"""The machine: free space, a clock that is kept right, and the time zone."""

import asyncio
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from agent.cli.doctor.patient import Patient
from agent.findings import Finding, Grade, ok, skipped

LEAST_FREE = 200e6
"""Bytes. Below, the ledger may soon find no room; its ballast is 16 MB."""
LEAST_SHARE = 0.05
SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
"""Made by systemd-timesyncd at its first synchronisation (systemd-timesyncd.service(8))."""


async def probe_space(patient: Patient) -> list[Finding]:
    """Room for the ledger."""
    folder = patient.settings.storage.path.parent
    there = next(each for each in (folder, *folder.parents) if each.exists())
    usage = await asyncio.to_thread(shutil.disk_usage, there)
    seen = f"{usage.free / 1e6:,.0f} MB free ({usage.free / usage.total:.0%}) for {folder}"
    if usage.free >= LEAST_FREE and usage.free >= usage.total * LEAST_SHARE:
        return [ok("space", seen)]
    grade = Grade.FAILURE if usage.free < LEAST_FREE else Grade.WARNING
    why = "On a full disk calls are followed in memory alone, and nobody is texted."
    return [Finding("space", grade, seen, why, f"du -xh / | sort -h | tail -20, and free some (df -h {there})")]


async def probe_clock(patient: Patient) -> list[Finding]:
    """Whether something keeps the clock right. (How far it is off shows where the provider tells its own time.)"""
    return [await asyncio.to_thread(_look_at_clock)]


def _look_at_clock() -> Finding:
    try:
        asked = subprocess.run(
            ["timedatectl", "show", "--property=NTPSynchronized"], capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        said = ""
    else:
        said = asked.stdout.strip()
    if said == "NTPSynchronized=yes" or SYNCHRONISED.exists():
        return ok("clock", "synchronised over the network")
    if not said:
        return skipped("clock", "timedatectl, which gives no answer here")
    why = "By a wrong clock texts go out in quiet hours or count as stale, and records don't match."
    return Finding("clock", Grade.WARNING, "not synchronised", why, "timedatectl set-ntp true; timedatectl status")


async def probe_timezone(patient: Patient) -> list[Finding]:
    """Whether office and machine read the same time off the clock."""
    zone = patient.settings.business.timezone
    office = datetime.fromtimestamp(patient.now, ZoneInfo(zone))
    machine = datetime.fromtimestamp(patient.now).astimezone()
    if office.utcoffset() == machine.utcoffset():
        return [ok("timezone", f"{office:%H:%M} in {zone}, the same on this machine")]
    return [
        Finding(
            "timezone",
            Grade.WARNING,
            f"{office:%H:%M} in the office ({zone}), {machine:%H:%M} on this machine ({machine.tzname()})",
            "Secondring goes by the office's; but the PBX's own opening hours and logs go by the machine's.",
            f"timedatectl set-timezone {zone}, then restart the PBX; or correct [business] timezone",
        )
    ]
