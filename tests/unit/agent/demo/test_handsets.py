"""The demo's own provider: texts are printed, and the script's people write back."""

import io
import math

from agent.demo.day import MAIN
from agent.demo.handsets import Handsets
from agent.demo.script import CALLERS, Script
from sms.provider import Accepted, OutgoingText
from storage.vocabulary import TextState

NOON = 1_750_000_000.0
ONE = CALLERS[0]


def _text(to: str) -> OutgoingText:
    return OutgoingText(ref="r", to=to, body="Sorry we missed you.", valid_for=60)


async def test_a_text_is_printed_and_delivered_and_answered_by_the_script() -> None:
    out = io.StringIO()
    phones = Handsets(out, Script(math.inf), lambda: NOON)
    assert await phones.received(0.0) == []
    fate = await phones.send(_text(ONE.number))
    assert isinstance(fate, Accepted)
    assert out.getvalue() == f"text to {ONE.number}:\n  Sorry we missed you.\n"
    status = await phones.status(fate.sid)
    assert (status.sid, status.state, status.final) == (fate.sid, TextState.DELIVERED, True)
    [reply] = await phones.received(0.0)
    assert (reply.sender, reply.to, reply.body, reply.at) == (ONE.number, MAIN, ONE.words, NOON)


async def test_a_reply_is_listed_again_under_the_same_name_until_it_is_too_old() -> None:
    phones = Handsets(io.StringIO(), Script(math.inf), lambda: NOON)
    for one in CALLERS:
        await phones.send(_text(one.number))
    listed = await phones.received(NOON)
    assert len({one.sid for one in listed}) == len(CALLERS)
    assert await phones.received(NOON) == listed
    assert await phones.received(NOON + 1) == []


async def test_a_text_that_could_not_be_printed_reaches_nobody() -> None:
    out = io.StringIO()
    phones = Handsets(out, Script(math.inf), lambda: NOON)
    out.close()
    assert not isinstance(await phones.send(_text(ONE.number)), Accepted)
    assert await phones.received(0.0) == []
