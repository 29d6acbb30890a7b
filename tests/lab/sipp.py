"""SIPp processes, and what their message traces say truly happened: the lab's only source of truth.

A trace has every SIP message with its time; nothing here asks the PBX.
"""

import asyncio
import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from tests.lab import packages

HEAD = re.compile(
    r"^-{10,} (\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d+)\n(?:UDP) message (sent|received) .*?:\n\n", re.MULTILINE
)


@cache
def command() -> tuple[str, ...]:
    """The words that start SIPp: the machine's own, else Debian's package unpacked. Raises Unavailable."""
    own = shutil.which("sipp")
    return (own,) if own else tuple(packages.unpacked(packages.SIPP).command("usr/bin/sipp"))


@dataclass(frozen=True, slots=True)
class Message:
    """One SIP message: epoch seconds, direction, first line (`INVITE sip:…`, `SIP/2.0 180 Ringing`), Call-ID, CSeq."""

    at: float
    sent: bool
    first: str
    call_id: str
    method: str
    text: str

    def header(self, name: str) -> str:
        found = re.search(rf"(?im)^{name}:[ \t]*(.*?)\r?$", self.text)
        return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Truth:
    """One call as one end saw it. Times are epoch seconds, None: it didn't happen.

    `final` is the status that ended the INVITE, 200 included; `over` is when this end knew that the call was over.
    """

    call_id: str
    invited: float
    rang: float | None
    early_media: float | None
    answered: float | None
    final: int | None
    cancelled: float | None
    bye: float | None
    bye_sent: bool
    over: float | None


class Sipp:
    """One SIPp process on `ip`. `calls` is how many it places or takes before it ends (0: until stopped)."""

    def __init__(self, script: str, ip: str, pbx: str, folder: Path, name: str) -> None:
        self._script, self._ip, self._pbx = script, ip, pbx
        self._stem = folder / name
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, *, calls: int = 0, port: int = 5060, call_id: str = "") -> None:
        """Start it; a phone is ready when its socket is bound, which this awaits. Raises RuntimeError if it can't."""
        xml = self._stem.with_suffix(".xml")
        xml.write_text(self._script)
        words = [
            *command(), f"{self._pbx}:5060", "-sf", str(xml), "-i", self._ip, "-mi", self._ip, "-p", str(port),
            "-aa", "-default_behaviors", "all,-abortunexp", "-nostdin", "-trace_msg", "-trace_err",
            "-message_file", str(self.trace), "-error_file", str(self._stem.with_suffix(".err")),
        ]  # fmt: skip
        if calls:
            words += ["-m", str(calls)]
        if call_id:
            words += ["-cid_str", call_id]
        with self._stem.with_suffix(".out").open("wb") as out:
            self._process = await asyncio.create_subprocess_exec(
                *("setpriv", "--pdeathsig", "KILL", "--"), *words,
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self._stem.parent, start_new_session=True,
            )  # fmt: skip
        if not calls:
            await self._bound(port)

    @property
    def trace(self) -> Path:
        return self._stem.with_suffix(".msg")

    async def wait(self) -> None:
        """Until it has done its calls. Raises RuntimeError where SIPp says that it couldn't run at all."""
        assert self._process is not None
        code = await self._process.wait()
        if code in (254, 255):
            raise RuntimeError(f"SIPp ended with {code}: {self._stem.with_suffix('.out').read_text()[-1500:]}")

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def messages(self) -> list[Message]:
        """Every message so far, in order."""
        text = self.trace.read_text(errors="replace") if self.trace.exists() else ""
        heads = list(HEAD.finditer(text))
        ends = [*(h.start() for h in heads[1:]), len(text)]
        return [_message(head, text[head.end() : end]) for head, end in zip(heads, ends, strict=False)]

    def truths(self) -> list[Truth]:
        """Every call so far, in the order of its INVITE."""
        legs: dict[str, list[Message]] = {}
        for message in self.messages():
            legs.setdefault(message.call_id, []).append(message)
        return [_truth(leg) for leg in legs.values() if leg[0].first.startswith("INVITE")]

    async def _bound(self, port: int) -> None:
        wanted = "".join(f"{int(part):02X}" for part in reversed(self._ip.split("."))) + f":{port:04X}"
        async with asyncio.timeout(10):
            while wanted not in _udp_sockets():
                assert self._process is not None
                if self._process.returncode is not None:
                    await self.wait()
                    raise RuntimeError(f"SIPp ended before it was ready: {self._stem}")
                await asyncio.sleep(0.01)


def _udp_sockets() -> str:
    return Path("/proc/net/udp").read_text()


def _message(head: re.Match[str], body: str) -> Message:
    first = body.lstrip().partition("\n")[0].strip()
    call_id = re.search(r"(?im)^(?:call-id|i):[ \t]*(\S+)", body)
    method = re.search(r"(?im)^cseq:[ \t]*\d+[ \t]+(\w+)", body)
    at = datetime.fromisoformat(head[1].replace("T", " ")).timestamp()
    return Message(at, head[2] == "sent", first, call_id[1] if call_id else "", method[1] if method else "", body)


def _truth(leg: list[Message]) -> Truth:
    def first(*starts: str, method: str = "INVITE") -> Message | None:
        return next((m for m in leg if m.method == method and m.first.startswith(starts)), None)

    def at(message: Message | None) -> float | None:
        return message.at if message else None

    final = next((m for m in leg if m.method == "INVITE" and re.match(r"SIP/2.0 [2-6]", m.first)), None)
    bye = first("BYE", method="BYE")
    return Truth(
        call_id=leg[0].call_id,
        invited=leg[0].at,
        rang=at(first("SIP/2.0 180")),
        early_media=at(first("SIP/2.0 183")),
        answered=at(first("SIP/2.0 200")),
        final=int(final.first.split()[1]) if final else None,
        cancelled=at(first("CANCEL", method="CANCEL")),
        bye=at(bye),
        bye_sent=bye.sent if bye else False,
        over=at(bye) or at(final if final and not final.first.startswith("SIP/2.0 2") else None),
    )
