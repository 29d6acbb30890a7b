"""The words in which the lab's scenarios are told.

    office.phone(1).rings() ... call = await office.call() ... await call.over() ... await office.expect_text(call)

What happened is read from SIPp's traces, the text from the handset (the provider double), the decision from
`secondring calls --json`.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.doubles.twilio import HandsetText, TwilioDouble, handset_texts
from tests.lab import asterisk, sip_scripts
from tests.lab.agent import TEXT, Agent, Row
from tests.lab.people import PATIENCE, Call, Phone
from tests.lab.sip_scripts import FOR_EVER, CallerPlan, Step, Talk
from tests.lab.sipp import Sipp

SAME = "the number he calls from"
WHATEVER = "whatever the agent keeps of it"


@dataclass(eq=False)
class World:
    """One PBX with its agent, its handsets, and everything that was called or texted on it."""

    pbx: asterisk.Asterisk
    agent: Agent
    twilio: TwilioDouble
    folder: Path
    claimed: list[str] = field(default_factory=list)
    failed: bool = False
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(100, 200)))
    hosts: Iterator[int] = field(default_factory=lambda: iter(range(1, 255)))

    def texts(self, number: str | None = None) -> list[HandsetText]:
        """What handsets got, all or one number's."""
        return [t for t in handset_texts(self.twilio.record.events) if number in (None, t.to)]

    def unclaimed(self) -> list[HandsetText]:
        """Texts that no scenario expected."""
        return [t for t in self.texts() if t.sid not in self.claimed]


class Office:
    """One scenario's office: its DID, its phones, its callers."""

    def __init__(self, world: World, office: asterisk.Office) -> None:
        self.world, self.did, self.number = world, office.did, office.number
        self._phones: dict[int, Phone] = {}
        self._started: list[Sipp] = []
        self._placed: Counter[str | None] = Counter()

    def phone(self, number: int) -> Phone:
        return self._phones.setdefault(number, self._new_phone(number))

    def _new_phone(self, number: int) -> Phone:
        network = self.world.pbx.network
        return Phone(f"{self.number}{number}", f"{network.prefix}.{self.number}.{number}", network.pbx, self.sipp)

    @property
    def mobile(self) -> Phone:
        return self.phone(9)

    def new_caller(self) -> str:
        """A number nobody called from yet."""
        return f"+12025550{next(self.world.numbers)}"

    async def call(
        self,
        caller: str | None = None,
        *,
        handmade: bool = False,
        user: str | None = None,
        shown: str | None = SAME,
        gives_up: float | None = None,
        talks: float = FOR_EVER,
        steps: tuple[Step, ...] = (),
        name: str = "",
        headers: tuple[str, ...] = (),
        audio: str = "",
    ) -> Call:
        """A caller dials the office's DID.

        `user` is the From user on the wire if it isn't the number; `shown` the number that the agent should keep
        (None: withheld, WHATEVER: not looked at); `handmade` comes in by the other trunk, context from-trunk;
        `gives_up` seconds after the last ringing; `steps` or `talks` say what he does once connected.
        """
        caller = caller or self.new_caller()
        plan = CallerPlan(
            user or caller, self.did, gives_up, steps or (Talk(talks),), name=name, headers=headers, audio=audio
        )
        trunk = 2 if handmade else 1
        host = next(self.world.hosts)
        sipp = self.sipp(sip_scripts.caller(plan), f"{self.world.pbx.network.prefix}.{trunk}.{host}", "caller")
        await sipp.start(calls=1)
        return Call(sipp, caller if shown == SAME else shown, self._placed, inbound=True)

    async def dial(self, phone: int, number: str, *, gives_up: float | None = None, talks: float = FOR_EVER) -> Call:
        """A phone of the office dials an extension, a feature code or an outside number."""
        plan = CallerPlan(self.phone(phone).extension, number, gives_up, (Talk(talks),))
        sipp = self.sipp(sip_scripts.caller(plan), self.phone(phone).ip, f"dial{phone}")
        await sipp.start(calls=1, port=5070)
        return Call(sipp, self.phone(phone).extension, self._placed, inbound=False)

    def sipp(self, script: str, ip: str, name: str) -> Sipp:
        pbx = self.world.pbx.network.pbx
        sipp = Sipp(script, ip, pbx, self.world.folder, f"{self.number}-{name}-{len(self._started)}")
        self._started.append(sipp)
        return sipp

    def tone(self) -> str:
        """A second of sound, G.711 µ-law, for calls whose media matters."""
        file = self.world.folder / "tone.ulaw"
        file.write_bytes(bytes(0x80 + (n * 37) % 0x50 for n in range(8000)))
        return str(file)

    async def half_a_second(self) -> None:
        """Until the agent must have read what just happened; it tells nobody about calls that aren't decided."""
        await asyncio.sleep(0.5)

    async def pbx_crashes_and_returns(self) -> None:
        """SIGKILL, a new start, and the agent listens again."""
        before = self.world.agent.times_linked()
        await self.world.pbx.kill()
        await self.world.pbx.start()
        async with asyncio.timeout(PATIENCE):
            while self.world.agent.times_linked() == before:  # noqa: ASYNC110 - another process, which only logs it
                await asyncio.sleep(0.2)

    async def close(self) -> None:
        for sipp in self._started:
            await sipp.stop()

    # ------------------------------------------------------------------ what must come of it

    async def expect_text(self, call: Call, *, reason: str, known_only: bool = False) -> HandsetText:
        """The caller's handset gets exactly one text for this call, and the call's row says why.

        `known_only`: don't wait for the call's end. Returns the text, with the time at which the
        provider took it; later expectations don't see it again.
        """
        assert call.caller is not None
        text = await self._next_text(call.caller)
        assert text.body == TEXT
        row = await self.row(call, ended=not known_only)
        assert (row["decision"], row["rule"], row["reason"]) == ("text", "text", reason), row
        return text

    async def expect_no_text(self, call: Call, *, rule: str, reason: str | None = None) -> Row:
        """The call is decided by `rule` and over, and its caller's handset has got nothing new."""
        row = await self.row(call, ended=True)
        assert (row["decision"], row["rule"], row["reason"]) == ("skip", rule, reason), row
        if call.caller is not None:
            assert [t for t in self.world.unclaimed() if t.to == call.caller] == []
        return row

    async def row(self, call: Call, *, ended: bool) -> Row:
        """The call's row, once it is decided (and over). Raises AssertionError if it doesn't come."""
        rows: list[Row] = []
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    rows = self._mine(await self.world.agent.rows(), call)
                    assert len(rows) <= call.of_this_caller(), f"more rows than calls: {rows}"
                    if len(rows) > call.ordinal and (rows[call.ordinal]["ended_at"] or not ended):
                        return rows[call.ordinal]
                    await asyncio.sleep(1)
        except TimeoutError:
            raise AssertionError(f"no finished row for call {call.ordinal} of {call.caller}; rows: {rows}") from None

    def _mine(self, rows: list[Row], call: Call) -> list[Row]:
        """The rows of the call's caller, in order: to this office's line if he called in."""
        mine = [r for r in rows if call.caller in (WHATEVER, r["caller"])]
        if call.inbound:
            mine = [r for r in mine if r["direction"] == "inbound" and r["line"] == self.did]
        else:
            mine = [r for r in mine if r["direction"] != "inbound"]
        return sorted(mine, key=lambda r: r["started_at"])

    async def _next_text(self, number: str) -> HandsetText:
        try:
            async with asyncio.timeout(PATIENCE):
                while not (new := [t for t in self.world.unclaimed() if t.to == number]):
                    await self.world.twilio.record.wait_for("handset", len(self.world.twilio.record.of("handset")) + 1)
        except TimeoutError:
            rows = [r for r in await self.world.agent.rows() if r["caller"] == number or r["line"] == self.did]
            raise AssertionError(f"{number} got no text; rows: {rows}") from None
        assert len(new) == 1, new
        self.world.claimed.append(new[0].sid)
        taken = next(e for e in self.world.twilio.record.of("stored") if e["sid"] == new[0].sid)
        return replace(new[0], at=float(str(taken["at"])))
