"""A phone of an office, and a call somebody placed: what they do, and what SIPp says they saw."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable

from tests.lab import sip_scripts
from tests.lab.sip_scripts import FOR_EVER, PhonePlan, Press, Step, Talk
from tests.lab.sipp import Message, Sipp, Truth

NewSipp = Callable[[str, str, str], Sipp]
"""Makes the SIPp process of a script, an address and a name."""

PATIENCE = 40.0
"""Seconds a scenario waits for something that must come. Generous: nothing here measures speed."""


class Phone:
    """A phone of the office (1 to 5) or its mobile (9). Say what it does, then let it be called."""

    def __init__(self, extension: str, ip: str, pbx: str, new: NewSipp) -> None:
        self.extension, self.ip = extension, ip
        self._pbx, self._new = pbx, new
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
        await self.does(PhonePlan(ringing=None, final=486, after=0.2))

    async def declines(self, after: float = 1.0) -> None:
        await self.does(PhonePlan(final=603, after=after))

    async def wants_quiet(self) -> None:
        """Do not disturb: 480."""
        await self.does(PhonePlan(ringing=None, final=480, after=0.2))

    async def is_silent(self) -> None:
        """It gets the INVITE and says nothing."""
        await self.does(PhonePlan(ringing=None))

    async def plays_early_media(self) -> None:
        """183 in place of 180, and nobody takes it."""
        await self.does(PhonePlan(ringing=183))

    async def forwards(self, extension: str) -> None:
        """302 to another extension."""
        contact = f"Contact: <sip:{extension}@{self._pbx}>"
        await self.does(PhonePlan(ringing=None, final=302, headers=(contact,)))

    async def does(self, plan: PhonePlan) -> None:
        """Whatever a PhonePlan can say. Returns when the phone can be called."""
        if self._sipp is not None:
            await self._sipp.stop()
        self._sipp = self._new(sip_scripts.phone(plan), self.ip, f"phone{self.extension}")
        await self._sipp.start()

    def calls(self) -> list[Truth]:
        """What it saw, call by call."""
        return self._sipp.truths() if self._sipp else []

    async def until(self, what: Callable[[Truth], object]) -> Truth:
        """The first call of which `what` holds, awaited."""
        return await first_of(self.calls, what, f"phone {self.extension}")

    async def answered(self) -> Truth:
        return await self.until(lambda t: t.answered)

    async def transfers(self, to: str, *, replacing: "Call | None" = None) -> None:
        """REFER of the call it answered: to an extension, or into the call `replacing` (attended)."""
        assert self._sipp is not None
        truth = await self.answered()
        invite, ok = _pair(self._sipp, truth.call_id)
        refer_to = f"sip:{to}@{self._pbx}"
        if replacing is not None:
            refer_to += await replacing.replaces()
        target = invite.header("Contact").strip("<>").split(">")[0]
        script = sip_scripts.transfer(ok.header("To"), invite.header("From"), target, refer_to)
        refer = self._new(script, self.ip, f"refer{self.extension}")
        await refer.start(calls=1, port=5090, call_id=truth.call_id.replace("%", "%%"))
        await refer.wait()


class Call:
    """One call placed: from outside through the trunk, or by a phone. `caller` is what the agent should call him."""

    def __init__(self, sipp: Sipp, caller: str | None, placed: Counter[str | None], inbound: bool) -> None:
        self._sipp, self._placed = sipp, placed
        self.caller, self.inbound = caller, inbound
        self.ordinal = placed[caller]
        placed[caller] += 1

    def of_this_caller(self) -> int:
        """How many calls of his were placed so far."""
        return self._placed[self.caller]

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
        return await first_of(self._sipp.truths, what, f"caller {self.caller}")

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


async def first_of(truths: Callable[[], list[Truth]], what: Callable[[Truth], object], who: str) -> Truth:
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
