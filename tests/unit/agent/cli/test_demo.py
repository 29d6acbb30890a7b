"""`secondring demo` and `make demo` as one meets them: whole days, on either PBX, by either provider."""

import asyncio
import json
import os
import re
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
from click.testing import CliRunner

from agent.cli.demo import command

DEMO, WITH_PAGE = ("agent", "demo"), ("tests.doubles.demo",)
MAKES = 8444  # the port of `make demo`
STRANGER = "+12025550199"


def _environ(folder: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(folder), "PYTHONIOENCODING": "utf-8"}


async def _start(folder: Path, *module: str) -> Process:
    """Somebody starts it in the foreground, its output into a pipe."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", *module, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env=_environ(folder),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background ignores it
    )  # fmt: skip


async def _ended(demo: Process) -> str:
    """What it printed, once it has ended well."""
    out, err = await demo.communicate()
    assert (demo.returncode, err.decode()) == (0, ""), out.decode()
    return out.decode()


async def _lines(demo: Process) -> AsyncIterator[str]:
    assert demo.stdout is not None
    async for line in demo.stdout:
        yield line.decode()


async def _a_stranger_asks(demo: Process) -> str:
    """A day with a page, on which somebody who never called writes. What was printed."""
    out = ""
    async for line in _lines(demo):
        out += line
        if url := re.search(r"open (http://127\.0\.0\.1:\d+/) in a browser", line):
            text = json.dumps({"from": STRANGER, "body": "Are you open on Sundays?"})
            async with aiohttp.ClientSession() as person, person.post(f"{url[1]}double/reply", data=text) as answer:
                answer.raise_for_status()
    return out + await _ended(demo)


@contextmanager
def _taken(port: int) -> Iterator[None]:
    """Somebody else listens on this port, this test or another process."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", port))
            other.listen()
        except OSError:
            pass
        yield


def _has_the_whole_loop(out: str) -> None:
    """Whether a reader has seen all of it."""
    for said in (
        "Texted: “Hi there, this is Acme Plumbing.",
        "writes “after 3 please”: says when to call back",
        "writes “Thank you!”: thanks",
        "writes “Do you also fix water heaters?”: asks something",
        "writes “please don't text me any more”: opted out, in own words",
        "writes “STOP”: opted out, by keyword",
        "writes “wrong number”: perhaps an opt-out",
        "Bob is asked: “URGENT from +12025550120",
        "Bob hasn't answered. Alice is asked the same",
        "Alice writes “OK”",
        "Alice takes it.",
        "+1 202 555 0120 was called back: the promise was kept",
        "No text: The number opted out of texts from this business.",
    ):
        assert said in out
    assert "\x1b" not in out, "piped, it is plain"


async def test_a_whole_day_with_each_pbx_and_each_provider(tmp_path: Path) -> None:
    with _taken(MAKES):
        asterisk = await _start(tmp_path, *DEMO)
        freeswitch = await _start(tmp_path, *WITH_PAGE, "--pbx", "freeswitch")
        printed, played = await asyncio.gather(_ended(asterisk), _a_stranger_asks(freeswitch))
    _has_the_whole_loop(printed)
    assert "AMI with recorded calls of a real Asterisk" in printed and "in a browser" not in printed
    assert re.search(r"0127 is told once: “Acme Plumbing: you won't get any more texts", printed)
    _has_the_whole_loop(played)
    assert "A player speaks the event socket" in played
    assert "+1 202 555 0199 writes “Are you open on Sundays?”: asks something" in played
    assert "You joined in as +1 202 555 0199." in played
    assert "0127 is told once" not in played, "the provider answers STOP by itself"
    await _looks_lead_somewhere(printed)


async def _looks_lead_somewhere(out: str) -> None:
    """Each command that is proposed at the end works."""
    looks = re.findall(r"^  \S*secondring (.+)$", out, re.MULTILINE)
    assert [look.split()[0] for look in looks] == ["explain", "threads", "calls", "replies", "urgent"]
    said = {look.split()[0]: "" for look in looks}
    for look in looks:
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "agent", *look.split(), stdout=PIPE)
        shown, _ = await process.communicate()
        assert process.returncode == 0
        said[look.split()[0]] = shown.decode()
    assert "URGENT water is coming through the ceiling" in said["explain"]
    assert "+12025550111" in said["threads"] and "+12025550101" not in said["threads"], "Alice is no caller"
    assert "Alice" in said["urgent"]


async def test_stopped_in_the_middle_it_ends_in_order_and_says_where_its_things_are(tmp_path: Path) -> None:
    for stop in (signal.SIGINT, signal.SIGTERM):
        demo = await _start(tmp_path, *DEMO)
        async for line in _lines(demo):
            if "rings" in line:
                demo.send_signal(stop)
                break
        found = re.search(r"^Stopped\. What it had by then is in (\S+)$", await _ended(demo), re.MULTILINE)
        assert found is not None and (Path(found[1]) / "ledger.db").exists()


async def test_stopped_with_its_page_it_stops_both(tmp_path: Path) -> None:
    demo = await _start(tmp_path, *WITH_PAGE)
    async for line in _lines(demo):
        if "rings" in line:
            demo.terminate()
            break
    assert "Stopped." in await _ended(demo)


async def test_a_reader_who_goes_away_ends_it_quietly(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_shell(
        f"{sys.executable} -m agent demo | head -1", stdout=PIPE, stderr=PIPE, env=_environ(tmp_path)
    )
    out, err = await process.communicate()  # both ends are closed once the demo and its agent are gone
    assert out.decode().startswith("A day at Acme Plumbing") and err == b""


def test_a_url_at_which_no_double_is_is_refused_in_a_sentence() -> None:
    told = CliRunner().invoke(command, ["--sms-url", "nonsense"])
    assert told.exit_code == 1
    assert told.output == "Error: No double of Twilio answers at nonsense; `make demo` starts one.\n"
