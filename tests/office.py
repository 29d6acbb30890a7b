"""An office as the commands find it: a configuration and a ledger on disk, filled by telling what happened.

acme = AcmeOffice(tmp_path)
call = acme.missed("+12025550143", name="DANA SMITH")
acme.reply("+12025550143", "9am is fine")
assert "Dana" in acme.run("explain", call).stdout
"""

import asyncio
import io
import json
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from queue import Queue
from typing import Concatenate, ParamSpec, TypeVar

from click.testing import CliRunner, Result

from agent.__main__ import cli
from agent.calls.verdicts import Call, News, Phone
from agent.commands import JOBS, Answer
from agent.config.load import load
from agent.control import listening, socket_path
from agent.conversations.reception import receive
from agent.office import Office
from agent.policy.facts import Presentation
from agent.textback import Case, Outcome, write_down
from sms.console import ConsoleProvider
from sms.outbox import Outbox
from sms.provider import Inbound
from storage.ledger import Ledger
from storage.queries import texts
from storage.records import Move
from storage.vocabulary import Direction, Reason, TextState

P = ParamSpec("P")
T = TypeVar("T")

DANA, SAM = "+12025550143", "+12025550144"
MAIN = "+13125550100"
NOON = 1_773_075_600.0
"""2026-03-09 12:00 in Chicago, epoch seconds."""

CONFIGURATION = """\
[business]
name = "Acme Plumbing"
country = "US"
timezone = "America/Chicago"

[pbx]
secret_file = "pbx.secret"
{pbx}

[sms]
{sms}

[storage]
path = "state/ledger.db"

[[line]]
number = "*"
name = "Main"
message = "Hi {{first_name|there}}, this is {{business}}. Sorry we missed your call. Reply STOP to opt out."
"""


class AcmeOffice:
    """One office in a folder of its own. `pbx` and `sms` are lines of those sections, `staff` a name and a number."""

    def __init__(
        self, folder: Path, *, pbx: str = "", sms: str = 'provider = "console"', staff: tuple[str, str] | None = None
    ) -> None:
        self.folder = folder
        self.config = folder / "secondring.toml"
        people = "" if staff is None else f'[[staff]]\nname = "{staff[0]}"\nnumber = "{staff[1]}"\n'
        self.config.write_text(CONFIGURATION.format(pbx=pbx, sms=sms) + people)
        secret = folder / "pbx.secret"
        secret.write_text("the-secret\n")
        secret.chmod(0o600)
        self.path = folder / "state" / "ledger.db"
        self.path.parent.mkdir(exist_ok=True)
        self._calls = 0

    @property
    def office(self) -> Office:
        """The configuration, prepared for decisions."""
        return Office.of(load(self.config, {}, need_secrets=False))

    def run(self, *words: object) -> Result:
        """A command as a user types it."""
        return CliRunner().invoke(cli, [*map(str, words), "--config", str(self.config)], catch_exceptions=False)

    def rows(self, *words: object) -> list[dict[str, object]]:
        """What a command prints with --json."""
        result = self.run(*words, "--json")
        assert result.exit_code == 0, result.stderr
        return [json.loads(line) for line in result.stdout.splitlines()]

    def missed(
        self,
        number: str = DANA,
        *,
        at: float = NOON,
        rang: float = 24.0,
        name: str = "",
        reason: Reason = Reason.NO_ANSWER,
        presentation: Presentation = Presentation.SHOWN,
        phones: tuple[Phone, ...] | None = None,
    ) -> int:
        """A call nobody took: it rang from half a second after `at`, and was over when that was known. Its id."""
        rings, ended = at + 0.5, at + 0.5 + rang
        call = replace(
            self._call(Direction.INBOUND, number, name, at),
            first_ringing_at=rings,
            ended_at=ended,
            known_at=ended,
            reason=reason,
            phones=(Phone("101", rings, None, "no_answer"),) if phones is None else phones,
        )
        return self._tell(News.MISSED, call, ended, presentation).call_id

    def answered(
        self,
        number: str = DANA,
        *,
        at: float = NOON,
        by: str = "101",
        talks: float | None = 60.0,
        number_outside: str = "",
    ) -> int:
        """A call somebody took after three seconds, perhaps at a number outside; it lasted (None: lasts) so long."""
        taken = at + 3.0
        call = replace(
            self._call(Direction.INBOUND, number, "", at),
            first_ringing_at=at + 0.5,
            answered_at=taken,
            answered_by=by,
            ended_at=None if talks is None else taken + talks,
            phones=(Phone(by, at + 0.5, taken, "answered", number_outside),),
        )
        told = self._tell(News.ANSWERED, call, taken)
        return told.call_id if call.ended_at is None else self._tell(News.ENDED, call, call.ended_at).call_id

    def called_back(self, number: str = DANA, *, at: float = NOON, by: str = "101", in_vain: bool = False) -> int:
        """A call from inside to that number, on which somebody answered, or nobody did."""
        taken = None if in_vain else at + 4
        call = replace(self._call(Direction.OUTBOUND, by, "", at), dialled=number, answered_at=taken, ended_at=at + 60)
        return self._tell(News.ENDED, call, at + 60).call_id

    def text_came_to(self, *states: TextState, at: float, text: int = 1, note: str = "", code: str = "") -> None:
        """The text went on through these states, a second each."""

        def move(db: sqlite3.Connection) -> None:
            before = texts.get(db, text).state
            for count, state in enumerate(states):
                last = count == len(states) - 1
                sid = "SM1" if state is TextState.ACCEPTED else None
                step = Move(text, before, state, at + count, note if last else "", sid=sid)
                texts.move(db, replace(step, code=code, fault="unreachable") if last and code else step)
                before = state

        self.write(move)

    def reply(self, number: str, body: str, *, at: float = NOON + 300) -> None:
        """A text from that number came in."""
        inbound = Inbound(f"SM-{body[:20]}-{at}", number, MAIN, body, at)
        self.write(receive, self.office, frozenset(), inbound, at)

    def write(self, job: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """One transaction on the ledger, which is made if it isn't there."""

        async def once() -> T:
            ledger = await Ledger.open(self.path)
            try:
                return await ledger.write(job, *args, **kwargs)
            finally:
                await ledger.close()

        return asyncio.run(once())

    @contextmanager
    def agent(self) -> Iterator[io.StringIO]:
        """The ledger's owner runs beside: it takes commands and hands texts over. Yields what the console shows."""
        printed = io.StringIO()
        with beside(lambda: self._owner(printed)):
            yield printed

    @asynccontextmanager
    async def _owner(self, printed: io.StringIO) -> AsyncIterator[None]:
        ledger = await Ledger.open(self.path)
        outbox = Outbox(ledger, ConsoleProvider(printed), lambda *_: "", lambda: NOON, lambda _: None)

        async def obey(asked: Answer) -> Answer:
            if asked["do"] == "status":
                return {"linked": True, "in_flight": 2, "conditions": []}
            answer = await ledger.write(JOBS[str(asked["do"])], self.office, asked, NOON)
            if "text" in answer:
                outbox.hand_over(int(str(answer["text"])))
            return answer

        outbox.release()
        working = asyncio.create_task(outbox.run())
        try:
            async with listening(socket_path(self.path), obey):
                yield
        finally:
            working.cancel()
            await asyncio.wait({working})
            await ledger.close()

    def _call(self, direction: Direction, number: str, name: str, at: float) -> Call:
        self._calls += 1
        return Call(f"17{self._calls}.1", direction, number, name, MAIN, "trunk", False, at)

    def _tell(self, news: News, call: Call, now: float, presentation: Presentation = Presentation.SHOWN) -> Outcome:
        return self.write(write_down, self.office, Case(news, call, presentation, now))


@contextmanager
def beside(make: Callable[[], AbstractAsyncContextManager[T]]) -> Iterator[T]:
    """Something that serves on a loop and a thread of its own, while the test does what users do."""
    ready: Queue[tuple[T | None, BaseException | None]] = Queue()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        try:
            async with make() as it:
                ready.put((it, None))
                await stop.wait()
        except BaseException as error:
            ready.put((None, error))
            raise

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        it, error = ready.get()
        if error is not None:
            raise error
        yield it  # type: ignore[misc]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
