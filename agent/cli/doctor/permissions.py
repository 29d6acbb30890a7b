"""Who may read the secrets and the ledger, and whether the service can write where it must."""

import asyncio
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

from agent.cli.doctor.patient import Patient
from agent.findings import Finding, Grade, ok


async def probe_permissions(patient: Patient) -> list[Finding]:
    """Files that others can read, and files in the ledger's folder that belong to somebody else."""
    return await asyncio.to_thread(lambda: [*_secrets(patient), *_ledger(patient)])


def _secrets(patient: Patient) -> Iterator[Finding]:
    pbx, sms = patient.settings.pbx, patient.settings.sms
    files = [file for file in (pbx.secret_file, sms.auth_token_file, sms.api_secret_file) if file is not None]
    open_ones = [file for file in files if _mode(file) & (stat.S_IROTH | stat.S_IWOTH)]
    if open_ones:
        names = " ".join(str(file) for file in open_ones)
        why = "Who has the PBX's secret hears all calls; who has the provider's texts at your cost."
        seen = f"every user of this machine can read {names}"
        yield Finding("secret-files", Grade.FAILURE, seen, why, f"chmod o-rwx {names}")
    elif files:
        yield ok("secret-files", f"closed to others: {' '.join(str(file) for file in files)}")
    else:
        yield ok("secret-files", "none: the secrets come from the environment or from systemd")


def _ledger(patient: Patient) -> Iterator[Finding]:
    path = patient.settings.storage.path
    folder = path.parent
    if not folder.is_dir():
        why = "The agent makes it if it may, and can't keep anything until it is there."
        remedy = f"install -d -m 0750 -o secondring -g secondring {folder}"
        yield Finding("ledger-files", Grade.WARNING, f"{folder} isn't there yet", why, remedy)
        return
    try:
        files = sorted(file for file in folder.iterdir() if file.name.startswith(path.name))
    except PermissionError:
        yield Finding(
            "ledger-files", Grade.WARNING, f"{folder} may not be read by this user", "", "Run doctor as root."
        )
        return
    owner = folder.stat().st_uid
    foreign = [file for file in files if file.stat().st_uid != owner]
    if foreign:
        names = " ".join(str(file) for file in foreign)
        seen = f"{names} belong{'s' if len(foreign) == 1 else ''} to {_name(foreign[0].stat().st_uid)}"
        why = f"The service, which runs as {_name(owner)}, can't write them and won't start."
        yield Finding("ledger-files", Grade.FAILURE, seen, why, f"chown {_name(owner)}: {names}")
    elif files and folder.stat().st_mode & stat.S_IXOTH and _mode(path) & stat.S_IROTH:
        why = "It holds every caller's number and what they wrote."
        seen = f"every user of this machine can read {path}"
        yield Finding("ledger-files", Grade.WARNING, seen, why, f"chmod o-rwx {' '.join(map(str, files))}")
    else:
        yield ok("ledger-files", f"{len(files)} in {folder}, all of {_name(owner)}")


def _mode(file: Path) -> int:
    try:
        return file.stat().st_mode
    except OSError:  # that it is missing is told of the configuration
        return 0


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
