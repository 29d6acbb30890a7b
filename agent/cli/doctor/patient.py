"""What every probe gets, and how all of them are run: at once, each with a time-out, none stopping another."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.config.settings import Settings
from agent.findings import Finding, Grade


@dataclass(frozen=True, slots=True)
class Looking:
    """How to look: seconds to watch the PBX's events, and where its files are (None: their usual place)."""

    watch: float
    pbx_files: Path | None


@dataclass(frozen=True, slots=True)
class Patient:
    """One installation. `now`: epoch seconds."""

    config: Path
    settings: Settings
    looking: Looking
    now: float


@dataclass(frozen=True, slots=True)
class Probe:
    """One probe. It may take `within` seconds, beside those it is told to watch."""

    name: str
    run: Callable[[Patient], Awaitable[list[Finding]]]
    within: float


async def run_all(probes: Sequence[Probe], patient: Patient) -> list[Finding]:
    """Every finding, in the order of the probes."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_run(probe, patient)) for probe in probes]
    return [finding for task in tasks for finding in task.result()]


async def _run(probe: Probe, patient: Patient) -> list[Finding]:
    within = probe.within + patient.looking.watch
    try:
        async with asyncio.timeout(within):
            return await probe.run(patient)
    except TimeoutError:
        seen = f"not finished after {within:.0f} s"
        return [Finding(probe.name, Grade.FAILURE, seen, "So nothing is known about it.", "Try again when less is on.")]
    except Exception as error:  # noqa: BLE001 - a probe's own fault must not keep the others from being told
        seen = f"the probe itself failed: {type(error).__name__}: {error}"
        return [Finding(probe.name, Grade.FAILURE, seen, "This is a fault of secondring.", "Please report it.")]
