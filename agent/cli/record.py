"""`secondring record`: the PBX's live stream into a file that `secondring replay` reads."""

import asyncio
import contextlib
import signal
import sys
import time
from pathlib import Path
from random import Random

import click

from agent.cli.configured import config_option, settings_from
from agent.cli.pbx import adapter_of
from agent.cli.printing import printable
from agent.config.settings import Settings
from agent.pbx.link import Address, Link
from agent.pbx.masking import Mask
from agent.pbx.tape import Tape, Taped, TraceFile
from agent.pbx.taped_session import TapedSession
from agent.pbx.trouble import Cause, Trouble
from sms.numbers import read_number

FLUSH_EVERY = 1.0


@click.command("record")
@click.argument("file", type=click.Path(path_type=Path))
@config_option
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="End after so long; else with Ctrl-C.")
@click.option("--mask", is_flag=True, help="Replace phone numbers and names by fictional ones, the same each time.")
def command(file: Path, config: Path, seconds: float | None, mask: bool) -> None:
    """Record the PBX's live stream to FILE, for `secondring replay`; gzipped if its name ends in .gz.

    It is a connection of its own beside the agent's, as the configured user. What is asked about callers (was the
    number withheld?) and answered is recorded as well. Passwords aren't.
    """
    settings = settings_from(config, need_secrets=True)
    try:
        out = TraceFile(file)
    except OSError as error:
        click.echo(f"{file} can't be made: {error.strerror}. Choose another name.", err=True)
        sys.exit(1)
    recorder = Recorder(settings, out, mask)
    try:
        trouble = asyncio.run(recorder.run(seconds))
        out.close()
    except OSError as error:
        click.echo(f"{file} can't be written: {error.strerror}. What was recorded until then may be cut.", err=True)
        sys.exit(1)
    if trouble is not None:
        file.unlink(missing_ok=True)
        click.echo(printable(trouble), err=True)
        sys.exit(1)
    click.echo(f"{file}: {out.events} events, {out.replies} answers. Look: secondring replay {file}")


class Recorder:
    """One recording. Troubles before the first event end it; later ones are told, and the link comes back."""

    def __init__(self, settings: Settings, out: TraceFile, mask: bool) -> None:
        self._settings = settings
        self._out = out
        self._adapter = adapter_of(settings)
        self._tape: Tape = self._adapter.open_tape()
        self._mask = Mask(self._tape.people, self._is_withheld) if mask else None
        self._stop = asyncio.Event()
        self._waiting: list[tuple[float, Taped]] | None = []  # until the header is written
        self._trouble: Trouble | None = None
        self._failed: OSError | None = None
        self._wall, self._began = time.time(), time.monotonic()

    async def run(self, seconds: float | None) -> Trouble | None:
        """Record until told to stop. Returns why nothing could be recorded; raises OSError if the file can't be."""
        pbx = self._settings.pbx
        link = Link(Address(pbx.host, pbx.port), self._open_session, lambda _: None, self, Random())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(link.run()), group.create_task(self._flush())]
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._stop.wait()
            for task in tasks:
                task.cancel()
        if self._failed is not None:
            raise self._failed
        if self._waiting is None:
            return None
        return self._trouble or Trouble(Cause.SILENT, f"{pbx.host}:{pbx.port} didn't let us in in time.", "Try longer.")

    def stop(self) -> None:
        """End in order."""
        self._stop.set()

    def linked(self, seconds_away: float | None) -> None:
        """The calls in flight are known: from here on the trace is whole."""
        if self._waiting is None:
            click.echo("The PBX is back; going on.", err=True)
            return
        pbx, waiting = self._settings.pbx, self._waiting
        self._waiting = None
        self._out.begin(pbx.kind.value, self._tape.version, self._wall, pbx.inbound_contexts)
        for t, taped in waiting:
            self._write(t, taped)
        click.echo("Recording; Ctrl-C ends it.", err=True)

    def unlinked(self, trouble: Trouble) -> None:
        """Nothing is heard at present."""
        if self._waiting is None:
            click.echo(printable(trouble), err=True)
        else:
            self._trouble = trouble
            self._stop.set()

    def _open_session(self) -> TapedSession:
        self._tape = self._adapter.open_tape()
        return TapedSession(self._adapter.open_session(), self._tape, self._keep)

    def _keep(self, taped: Taped) -> None:
        t = time.monotonic() - self._began
        if self._waiting is not None:
            self._waiting.append((t, taped))
        else:
            self._write(t, taped)

    def _write(self, t: float, taped: Taped) -> None:
        if self._mask is not None:
            asked = None if taped.asked is None else self._mask.headers(taped.asked)
            taped = Taped(self._mask.headers(taped.headers), asked)
        try:
            self._out.add(t, taped)
        except OSError as error:
            self._failed = error
            self._stop.set()

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_EVERY)
            try:
                self._out.flush()
            except OSError as error:
                self._failed = error
                self._stop.set()

    def _is_withheld(self, number: str) -> bool:
        return read_number(number, self._settings.business.country).withheld
