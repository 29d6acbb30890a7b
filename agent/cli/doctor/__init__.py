"""`secondring doctor`: tries every part for real, and says of each what was seen and what mends it."""

import asyncio
import sys
import time
from pathlib import Path

import click

from agent.cli.configured import BAD_CONFIGURATION, config_option
from agent.cli.doctor.configuration import read_patient
from agent.cli.doctor.ledger import probe_agent, probe_ledger
from agent.cli.doctor.machine import probe_clock, probe_space, probe_timezone
from agent.cli.doctor.patient import Looking, Probe, run_all
from agent.cli.doctor.pbx import probe_pbx
from agent.cli.doctor.permissions import probe_permissions
from agent.cli.doctor.provider import probe_provider
from agent.cli.doctor.report import Report
from agent.cli.printing import json_option
from agent.config.mistakes import ConfigError
from agent.findings import Grade

PBX_WITHIN = 30.0  # seconds, beside those of --watch

PROBES = (
    Probe("pbx", probe_pbx, PBX_WITHIN),
    Probe("provider", probe_provider, 30.0),
    Probe("ledger", probe_ledger, 30.0),
    Probe("agent", probe_agent, 10.0),
    Probe("space", probe_space, 10.0),
    Probe("clock", probe_clock, 10.0),
    Probe("timezone", probe_timezone, 10.0),
    Probe("permissions", probe_permissions, 10.0),
)


@click.command("doctor")
@config_option
@click.option(
    "--watch",
    type=click.FloatRange(0, 600),
    default=2.0,
    show_default=True,
    help="Seconds to wait for a call from outside; ring the office meanwhile.",
)
@click.option(
    "--pbx-files",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Where the PBX's own configuration files are, if not in their usual place.",
)
@json_option
def command(config: Path, watch: float, pbx_files: Path | None, as_json: bool) -> None:
    """Try every part: PBX, provider, ledger, agent, disk, clock, permissions. Nothing is changed and nobody is texted.

    Each finding says what was seen and, where it isn't well, why that matters and what mends it. The secrets are taken
    out, so that it can be pasted. Ends with 1 if anything failed, with 3 if the configuration is what failed.
    """
    try:
        patient, found = read_patient(config, Looking(watch, pbx_files), time.time())
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(BAD_CONFIGURATION)
    report = Report(patient, as_json)
    for finding in found:
        report.add(finding)
    for finding in asyncio.run(run_all(PROBES, patient)):
        report.add(finding)
    report.end()
    bad_configuration = any(finding.grade is Grade.FAILURE for finding in found)
    sys.exit(BAD_CONFIGURATION if bad_configuration else 1 if report.count(Grade.FAILURE) else 0)
