"""The judge of storms is able to fail: the program is broken on purpose, and it says what is wrong."""

import sqlite3
from dataclasses import replace

import pytest

import agent.replies
from agent.conversations import reception
from agent.office import Office
from sms import aftermath, inbound
from sms.inbound import Received
from sms.own_words.reading import OptOut
from sms.provider import Fate, Inbound, NotSent, OutgoingText, Status, Unknown
from sms.reconcile import Reconciler
from sms.twilio import hooks
from sms.twilio.client import TwilioProvider
from storage.queries import callers
from storage.records import TextRow
from storage.vocabulary import TextState
from tests.faults.judge_replies import judge_storm
from tests.faults.storm import storm
from tests.virtual_time import in_virtual_time

Break = pytest.MonkeyPatch

pytestmark = pytest.mark.deep


async def complaints() -> str:
    """What the judge says of a small storm."""
    async with storm(3, 80, gap=25.0) as around:
        await around.blow(1)
        return "\n".join(judge_storm(around).wrong)


@pytest.mark.quick
@in_virtual_time
async def test_a_program_that_is_whole_is_not_blamed() -> None:
    assert await complaints() == ""


@pytest.mark.quick
@in_virtual_time
async def test_opt_outs_that_are_forgotten(monkeypatch: Break) -> None:
    monkeypatch.setattr(callers, "opt_out_in_force", lambda db, number: None)
    assert "was heard" in await complaints()


@in_virtual_time
async def test_opt_outs_in_own_words_that_are_not_understood(monkeypatch: Break) -> None:
    monkeypatch.setattr(inbound, "opts_out", lambda body: OptOut.NO)
    assert "the opt-out in force doesn't go by it" in await complaints()


@in_virtual_time
async def test_doubts_that_nobody_has(monkeypatch: Break) -> None:
    monkeypatch.setattr(callers, "open_doubt", lambda db, number: None)
    assert "was in doubt" in await complaints()


@pytest.mark.quick
@in_virtual_time
async def test_a_reply_that_is_dropped(monkeypatch: Break) -> None:
    keep = reception.receive

    def drop(
        db: sqlite3.Connection, office: Office, answered: frozenset[str], reply: Inbound, now: float
    ) -> Received | None:
        return None if reply.sid[-1] in "012" else keep(db, office, answered, reply, now)

    monkeypatch.setattr(agent.replies, "receive", drop)
    assert "it was kept 0 times" in await complaints()


@in_virtual_time
async def test_a_forged_reply_that_is_believed(monkeypatch: Break) -> None:
    monkeypatch.setattr(hooks, "_is_signed", lambda *_: True)
    assert "nobody said" in await complaints()


@in_virtual_time
async def test_an_urgent_caller_whom_nobody_is_told_of(monkeypatch: Break) -> None:
    monkeypatch.setattr(reception, "needs_somebody_now", lambda body: False)
    assert "no ladder was there for it" in await complaints()


@pytest.mark.quick
@in_virtual_time
async def test_a_text_that_is_sent_twice(monkeypatch: Break) -> None:
    send = TwilioProvider.send

    async def twice(self: TwilioProvider, text: OutgoingText) -> Fate:
        if text.ref[0] in "0123":
            await send(self, text)
        return await send(self, text)

    monkeypatch.setattr(TwilioProvider, "send", twice)
    said = await complaints()
    assert "which no row tells of" in said
    assert "and fewer misses until then" in said


@in_virtual_time
async def test_a_text_of_unknown_fate_that_is_sent_again(monkeypatch: Break) -> None:
    send = TwilioProvider.send

    async def hopeful(self: TwilioProvider, text: OutgoingText) -> Fate:
        fate = await send(self, text)
        return NotSent(fate.why) if isinstance(fate, Unknown) else fate

    monkeypatch.setattr(TwilioProvider, "send", hopeful)
    assert "and fewer misses until then" in await complaints()


@in_virtual_time
async def test_a_second_text_for_a_miss_by_another_way(monkeypatch: Break) -> None:
    """The row is there, so that our ledger alone would look well."""
    monkeypatch.setattr("agent.conversations.reception.confirmation", lambda business, asked: "Sorry we missed you!")
    said = await complaints()
    assert "is confirm on record" in said
    assert "and fewer misses until then" in said


@in_virtual_time
async def test_texts_whose_end_nobody_asks_for(monkeypatch: Break) -> None:
    async def asks_nothing(self: Reconciler) -> None:
        pass

    monkeypatch.setattr(Reconciler, "run", asks_nothing)
    assert "is accepted, but accepted is no end" in await complaints()


@in_virtual_time
async def test_deliveries_that_never_were(monkeypatch: Break) -> None:
    stood = aftermath.stood

    def rosy(db: sqlite3.Connection, text: TextRow, status: Status, now: float, ask_at: float | None) -> None:
        stood(db, text, replace(status, state=TextState.DELIVERED, final=True, fault=None), now, ask_at)

    monkeypatch.setattr(aftermath, "stood", rosy)
    assert "is delivered, but the provider said" in await complaints()
