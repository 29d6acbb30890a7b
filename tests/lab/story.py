"""The words in which the lab's scenarios are told.

    office.phone(1).rings() ... call = await office.call() ... await call.over() ... await office.expect_text(call)

What happened is read from SIPp's traces, the text from the handset (the provider double), the decision from
`secondring calls --json`.
"""

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.doubles.twilio import HandsetText, TwilioDouble, handset_texts
from tests.lab import asterisk, sip_scripts
from tests.lab.agent import TEXT, Agent, Row
from tests.lab.sip_scripts import FOR_EVER, CallerPlan, PhonePlan, Press, Step, Talk
from tests.lab.sipp import Message, Sipp, Truth

PATIENCE = 40.0
"""Seconds a scenario waits for something that must come. Generous: nothing here measures speed."""


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


class Phone:
    """A phone of the office (1 to 5) or its mobile (9). Say what it does, then let it be called."""

    def __init__(self, office: "Office", number: int) -> None:
        self._office = office
        self.extension = f"{office.number}{number}"
        self.ip = f"{office.world.pbx.network.prefix}.{office.number}.{number}"
        self._sipp: Sipp | None = None

    async def rings(self) -> None:
        """180, and nobody takes it."""
        await self.does(PhonePlan())

    async def answers(self, after: float, *, talks: float = FOR_EVER, presses: str = "", audio: str = "") -> None:
        """Answered `after` seconds of ringing; hangs up after `talks` seconds. `presses`: a key after one second."""
        steps: tuple[Step, ...] = (Talk(talks),)
        if presses:
            steps = (Talk(1), Press(presses), Talk(talks))
        await self.does(PhonePlan(final=200, after=after, steps=steps, audio=audio))

    async def is_busy(self) -> None:
        await self.does(PhonePlan(ringing=None, final=486))

    async def declines(self, after: float = 1.0) -> None:
        await self.does(PhonePlan(final=603, after=after))

    async def wants_quiet(self) -> None:
        """Do not disturb: 480 at once."""
        await self.does(PhonePlan(ringing=None, final=480))

    async def is_silent(self) -> None:
        """It gets the INVITE and says nothing."""
        await self.does(PhonePlan(ringing=None))

    async def plays_early_media(self) -> None:
        """183 in place of 180, and nobody takes it."""
        await self.does(PhonePlan(ringing=183))

    async def forwards(self, extension: str) -> None:
        """302 to another extension."""
        contact = f"Contact: <sip:{extension}@{self._office.world.pbx.network.pbx}>"
        await self.does(PhonePlan(ringing=None, final=302, headers=(contact,)))

    async def does(self, plan: PhonePlan) -> None:
        """Whatever a PhonePlan can say. Returns when the phone can be called."""
        if self._sipp is not None:
            await self._sipp.stop()
        self._sipp = self._office.sipp(sip_scripts.phone(plan), self.ip, f"phone{self.extension}")
        await self._sipp.start()

    def calls(self) -> list[Truth]:
        """What it saw, call by call."""
        return self._sipp.truths() if self._sipp else []

    async def until(self, what: Callable[[Truth], object]) -> Truth:
        """The first call of which `what` holds, awaited."""
        return await _first(self.calls, what, f"phone {self.extension}")

    async def answered(self) -> Truth:
        return await self.until(lambda t: t.answered)

    async def transfers(self, to: str, *, replacing: "Call | None" = None) -> None:
        """REFER of the call it answered: to an extension, or into the call `replacing` (attended)."""
        assert self._sipp is not None
        truth = await self.answered()
        invite, ok = _pair(self._sipp, truth.call_id)
        refer_to = f"sip:{to}@{self._office.world.pbx.network.pbx}"
        if replacing is not None:
            refer_to += await replacing.replaces()
        target = invite.header("Contact").strip("<>").split(">")[0]
        script = sip_scripts.transfer(ok.header("To"), invite.header("From"), target, refer_to)
        refer = self._office.sipp(script, self.ip, f"refer{self.extension}")
        await refer.start(calls=1, port=5090, call_id=truth.call_id.replace("%", "%%"))
        await refer.wait()


class Call:
    """One call placed: from outside through the trunk, or by a phone. `caller` is what the agent should call him."""

    def __init__(self, office: "Office", sipp: Sipp, caller: str | None, ordinal: int, inbound: bool) -> None:
        self._office, self._sipp = office, sipp
        self.caller, self.ordinal, self.inbound = caller, ordinal, inbound

    @property
    def truth(self) -> Truth:
        """What the caller saw so far. Raises IndexError before his INVITE left."""
        return self._sipp.truths()[0]

    async def over(self) -> Truth:
        """Wait for its end."""
        async with asyncio.timeout(PATIENCE * 2):
            await self._sipp.wait()
        return self.truth

    async def until(self, what: Callable[[Truth], object]) -> Truth:
        return await _first(self._sipp.truths, what, f"caller {self.caller}")

    async def rings(self) -> Truth:
        return await self.until(lambda t: t.rang)

    async def answered(self) -> Truth:
        return await self.until(lambda t: t.answered)

    async def stop(self) -> None:
        """Take the caller's phone away without a word: no BYE, no CANCEL."""
        await self._sipp.stop()

    async def replaces(self) -> str:
        """The Replaces parameter that names this call, escaped for a Refer-To."""
        truth = await self.answered()
        invite, ok = _pair(self._sipp, truth.call_id)
        tags = (_tag(ok.header("To")), _tag(invite.header("From")))
        call_id = truth.call_id.replace("@", "%40")
        return f"?Replaces={call_id}%3Bto-tag%3D{tags[0]}%3Bfrom-tag%3D{tags[1]}"


class Office:
    """One scenario's office: its DID, its phones, its callers."""

    def __init__(self, world: World, office: asterisk.Office) -> None:
        self.world, self.did, self.number = world, office.did, office.number
        self._phones: dict[int, Phone] = {}
        self._started: list[Sipp] = []
        self._placed = 0

    def phone(self, number: int) -> Phone:
        return self._phones.setdefault(number, Phone(self, number))

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
        self._placed += 1
        await sipp.start(calls=1)
        return Call(self, sipp, caller if shown == SAME else shown, self._placed - 1, inbound=True)

    async def dial(self, phone: int, number: str, *, gives_up: float | None = None, talks: float = FOR_EVER) -> Call:
        """A phone of the office dials an extension, a feature code or an outside number."""
        plan = CallerPlan(self.phone(phone).extension, number, gives_up, (Talk(talks),))
        sipp = self.sipp(sip_scripts.caller(plan), self.phone(phone).ip, f"dial{phone}")
        await sipp.start(calls=1, port=5070)
        return Call(self, sipp, self.phone(phone).extension, 0, inbound=False)

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

    async def agent_is_back(self) -> None:
        """Wait until the agent is logged in at the PBX."""
        async with asyncio.timeout(PATIENCE):
            while "secondring" not in await self.world.pbx.cli("manager show connected"):  # noqa: ASYNC110
                await asyncio.sleep(0.2)

    async def close(self) -> None:
        for sipp in self._started:
            await sipp.stop()

    # ------------------------------------------------------------------ what must come of it

    async def expect_text(self, call: Call, *, reason: str, known_only: bool = False) -> HandsetText:
        """The caller's handset gets exactly one text for this call, and the call's row says why.

        `known_only`: don't wait for the call's end. Returns the text, which later expectations don't see again.
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
                    assert len(rows) <= self._placed or not call.inbound, f"more rows than calls: {rows}"
                    if len(rows) > call.ordinal and (rows[call.ordinal]["ended_at"] or not ended):
                        if call.caller != WHATEVER:
                            assert rows[call.ordinal]["caller"] == call.caller, rows[call.ordinal]
                        return rows[call.ordinal]
                    await asyncio.sleep(1)
        except TimeoutError:
            raise AssertionError(f"no finished row for call {call.ordinal} of {call.caller}; rows: {rows}") from None

    def _mine(self, rows: list[Row], call: Call) -> list[Row]:
        """Rows of this office in order: of its line if the call came in, else of the phone that dialled."""
        if call.inbound:
            mine = [r for r in rows if r["direction"] == "inbound" and r["line"] == self.did]
        else:
            mine = [r for r in rows if r["direction"] != "inbound" and r["caller"] == call.caller]
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
        return new[0]


async def _first(truths: Callable[[], list[Truth]], what: Callable[[Truth], object], who: str) -> Truth:
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                for truth in truths():
                    if what(truth):
                        return truth
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"{who} waited in vain; saw {truths()}") from None


def _pair(sipp: Sipp, call_id: str) -> tuple[Message, Message]:
    messages = [m for m in sipp.messages() if m.call_id == call_id and m.method == "INVITE"]
    ok = next(m for m in messages if m.first.startswith("SIP/2.0 200"))
    return messages[0], ok


def _tag(header: str) -> str:
    found = re.search(r"tag=([^;>\s]+)", header)
    assert found is not None, header
    return found[1]
