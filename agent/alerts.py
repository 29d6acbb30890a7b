"""Words to owner and staff by whatever Apprise speaks: Telegram, ntfy, e-mail, Teams and many more.

Apprise is loaded when the first notice is due: it costs memory that most offices never need.
"""

import asyncio
import logging
from collections.abc import Iterable
from pathlib import Path

log = logging.getLogger(__name__)

WITHIN = 30.0
"""Seconds for one notice; a service that takes longer has failed."""


def addresses_of(addresses: Iterable[str], file: Path | None) -> list[str]:
    """All addresses of a person; the file has one a line, remarks begin with #. Raises OSError."""
    lines = file.read_text("utf-8").splitlines() if file is not None else []
    return [*addresses, *(line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#"))]


async def notify(addresses: list[str], title: str, body: str) -> str:
    """Send one notice by all of these addresses. What went wrong, in words without secrets; empty if nothing did."""
    try:
        async with asyncio.timeout(WITHIN):
            failed = await asyncio.to_thread(_notify, addresses, title, body)
    except TimeoutError:
        return f"no answer within {WITHIN:.0f} s"
    return "" if not failed else "not delivered by " + ", ".join(failed)


def _notify(addresses: list[str], title: str, body: str) -> list[str]:
    import apprise

    failed = []
    for address in addresses:
        scheme = address.partition(":")[0]
        service = apprise.Apprise.instantiate(address)
        if service is None:
            failed.append(f"{scheme} (Apprise doesn't know this address)")
        elif not service.notify(title=title, body=body, notify_type=apprise.NotifyType.WARNING):
            failed.append(scheme)
    return failed
