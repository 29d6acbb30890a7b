"""The PBX: can it be reached, does it let us in, with which rights, and does it list its calls?"""

from agent.cli.doctor.patient import Patient
from agent.cli.pbx import adapter_of
from agent.findings import Finding, Grade, skipped
from agent.pbx.dialects import ADAPTERS


async def probe_pbx(patient: Patient) -> list[Finding]:
    """The findings of the PBX's own folder."""
    pbx = patient.settings.pbx
    if pbx.kind.value not in ADAPTERS:
        seen = f'this version doesn\'t speak to "{pbx.kind.value}" yet'
        return [Finding("pbx-connection", Grade.FAILURE, seen, "No call is seen.", f"One of: {', '.join(ADAPTERS)}")]
    if pbx.secret is None:
        return [skipped("pbx-login", "the PBX's secret", "Mend the configuration first.")]
    looking = patient.looking
    return await adapter_of(patient.settings).probe(pbx.host, pbx.port, looking.pbx_files, looking.watch)
