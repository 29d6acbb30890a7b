"""Records what a manager user with the agent's rights is told, as a trace that `secondring replay` reads.

It is evidence for a failed scenario. No test decides by it; what happened is read from SIPp.
"""

import asyncio
import json
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from tests.lab.asterisk import SECRET, Asterisk

LOGIN = f"Action: Login\r\nUsername: tape\r\nSecret: {SECRET}\r\n\r\n".encode()


async def record(pbx: Asterisk, file: Path, listening: asyncio.Event) -> None:
    """Write events to `file` until cancelled; connects again whenever the PBX comes back. Sets `listening` at login."""
    with file.open("w") as out:
        began = time.time()
        head = {
            "format": "secondring-trace/1", "pbx": "asterisk", "version": pbx.version,
            "started": datetime.fromtimestamp(began, UTC).isoformat(),
            "inbound_contexts": ["from-pstn*", "from-trunk*"],
        }  # fmt: skip
        print(json.dumps(head), file=out, flush=True)
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                await _one_connection(pbx, out, began, listening)
            await asyncio.sleep(0.1)


async def _one_connection(pbx: Asterisk, out: TextIO, began: float, listening: asyncio.Event) -> None:
    reader, writer = await asyncio.open_connection(pbx.network.pbx, 5038)
    try:
        writer.write(LOGIN)
        await reader.readline()
        while True:
            frame = await reader.readuntil(b"\r\n\r\n")
            text = frame.decode(errors="replace").removesuffix("\r\n\r\n").lstrip("\r\n")
            event = [list(line.partition(": ")[::2]) for line in text.split("\r\n")]
            if event[0] == ["Response", "Success"]:
                listening.set()
            if event[0][0] == "Event":
                print(json.dumps({"t": round(time.time() - began, 6), "event": event}), file=out, flush=True)
    finally:
        writer.close()
