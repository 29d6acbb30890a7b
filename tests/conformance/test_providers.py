"""One suite for every SMS provider: what the outbox may rely on, whoever sends.

A provider joins with a Stage (provider_stages.py): the world around it, which can be made to fail. A provider that
can't be asked afterwards (`asks = False`) is judged by the first part alone.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from random import Random

import pytest

from sms.console import ConsoleProvider
from sms.provider import (
    Accepted,
    Fault,
    Inbound,
    NotGenuine,
    NotSent,
    OutgoingText,
    Posted,
    ProviderTrouble,
    Refused,
    Status,
    Unknown,
)
from sms.telnyx.client import TelnyxProvider
from sms.twilio.client import TwilioProvider
from storage.vocabulary import TextState
from tests.conformance.provider_stages import (
    ASKING_STAGES,
    CALLER,
    HOOK_STAGES,
    NOON,
    REF,
    STAGES,
    AskingStage,
    HookStage,
    Stage,
)
from tests.doubles.twilio import OUR_NUMBER

SORRY = "Sorry we missed your call. Reply STOP to opt out."
NEVER_GIVEN = "0" * 32
BODIES = ["Yes, tomorrow at 5?", " STOP\n", "déjà vu 🔔", "a=1&b=2 %41+", ""]


@pytest.fixture(params=STAGES)
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async for staged in STAGES[request.param]():
        yield staged


@pytest.fixture(params=ASKING_STAGES)
async def asking(request: pytest.FixtureRequest) -> AsyncIterator[AskingStage]:
    async for staged in ASKING_STAGES[request.param]():
        yield staged


@pytest.fixture(params=HOOK_STAGES)
async def hook(request: pytest.FixtureRequest) -> AsyncIterator[HookStage]:
    async for staged in HOOK_STAGES[request.param]():
        yield staged


def text(ref: str = "m1", body: str = SORRY) -> OutgoingText:
    return OutgoingText(ref, CALLER, body, valid_for=600)


# Every provider


async def test_an_accepted_text_arrives_once_under_an_id_of_its_own(stage: Stage) -> None:
    fates = [await stage.provider.send(text(ref)) for ref in ("m1", "m2")]
    sids = [fate.sid for fate in fates if isinstance(fate, Accepted)]
    assert len(set(sids)) == 2
    assert stage.got(CALLER) == [SORRY, SORRY]


async def test_a_provider_out_of_reach_leaves_the_text_not_sent(stage: Stage) -> None:
    await stage.down()
    fate = await stage.provider.send(text())
    assert isinstance(fate, NotSent) and fate.why
    assert stage.got(CALLER) == []


async def test_warming_never_raises_and_sends_nothing(stage: Stage) -> None:
    await stage.provider.warm()
    await stage.down()
    await stage.provider.warm()
    assert stage.got(CALLER) == []


async def test_a_text_never_sent_is_not_found(stage: Stage) -> None:
    assert await stage.provider.find(text(), NOON) is None


async def test_nobody_wrote_so_nothing_is_received(stage: Stage) -> None:
    await stage.provider.send(text())
    assert await stage.provider.received(NOON - 60) == []


async def test_an_id_it_never_gave_is_a_trouble_in_words(stage: Stage) -> None:
    with pytest.raises(ProviderTrouble, match=r"\w+ \w+"):
        await stage.provider.status(NEVER_GIVEN)


async def test_doctor_is_told_only_good_things_when_all_is_well(stage: Stage) -> None:
    findings = await stage.provider.check()
    assert findings
    assert [what for what, ok, words in findings if not ok or not what or not words] == []


async def test_closing_twice_is_allowed(stage: Stage) -> None:
    await stage.provider.send(text())
    await stage.provider.close()
    await stage.provider.close()


def test_every_provider_that_can_be_asked_is_judged_by_the_second_part() -> None:
    asks = {"console": ConsoleProvider.asks, "twilio": TwilioProvider.asks, "telnyx": TelnyxProvider.asks}
    assert set(asks) == set(STAGES)
    assert {name for name, can in asks.items() if can} == set(ASKING_STAGES)


# Those that can be asked afterwards


@pytest.mark.parametrize("fault", [Fault.OPTED_OUT, Fault.NO_TEXTS, Fault.COUNTRY, Fault.ACCOUNT])
async def test_a_refusal_is_final_and_names_its_class(asking: AskingStage, fault: Fault) -> None:
    asking.refuse(fault)
    fate = await asking.provider.send(text())
    assert isinstance(fate, Refused) and fate.fault is fault
    assert fate.code and fate.message
    assert (fate.no_texts_seconds is not None) == (fault is Fault.NO_TEXTS)
    assert asking.got(CALLER) == []


async def test_a_lost_answer_of_a_text_that_was_taken_is_unknown_then_found(asking: AskingStage) -> None:
    asking.lose_answer(taken=True)
    assert isinstance(await asking.provider.send(text()), Unknown)
    found = await asking.provider.find(text(), NOON)
    assert found is not None
    assert (await asking.provider.status(found.sid)).state is TextState.ACCEPTED
    assert asking.got(CALLER) == [SORRY]


async def test_a_lost_answer_of_a_text_that_was_not_taken_is_unknown_and_stays_so(asking: AskingStage) -> None:
    asking.lose_answer(taken=False)
    assert isinstance(await asking.provider.send(text()), Unknown)
    assert await asking.provider.find(text(), NOON) is None
    assert asking.got(CALLER) == []


async def test_a_send_cancelled_midway_can_be_found_and_harms_no_later_text(asking: AskingStage) -> None:
    asking.will_hang()
    sending = asyncio.create_task(asking.provider.send(text()))
    await asking.hangs()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert await asking.provider.find(text(), NOON) is not None
    assert isinstance(await asking.provider.send(text("m2", "Another text. Reply STOP to opt out.")), Accepted)
    assert asking.got(CALLER) == [SORRY, "Another text. Reply STOP to opt out."]


async def test_an_older_text_with_the_same_words_is_not_taken_for_this_one(asking: AskingStage) -> None:
    await asking.provider.send(text())
    asking.now.advance(4 * 3600)
    asking.lose_answer(taken=False)
    await asking.provider.send(text("m2"))
    assert await asking.provider.find(text("m2"), asking.now.now()) is None


async def test_a_text_with_other_words_is_not_taken_for_this_one(asking: AskingStage) -> None:
    await asking.provider.send(text(body="Your table is ready."))
    assert await asking.provider.find(text(), NOON) is None


async def test_a_text_only_goes_forward_until_it_is_delivered(asking: AskingStage) -> None:
    fate = await asking.provider.send(text())
    assert isinstance(fate, Accepted)
    order = [TextState.ACCEPTED, TextState.SENT, TextState.DELIVERED]
    ranks, final = [], False
    for _ in range(600):
        status = await asking.provider.status(fate.sid)
        assert status.sid == fate.sid and status.raw
        ranks.append(order.index(status.state))
        final = status.final
        if final:
            break
        asking.now.advance(0.5)
    assert final and ranks[-1] == order.index(TextState.DELIVERED)
    assert ranks == sorted(ranks)


async def test_a_late_failure_names_its_class_and_is_final(asking: AskingStage) -> None:
    for fault, code in asking.late_faults.items():
        asking.fail_late(code)
        fate = await asking.provider.send(text(str(code), f"{code}. Reply STOP to opt out."))
        assert isinstance(fate, Accepted)
        asking.now.advance(60)
        status = await asking.provider.status(fate.sid)
        assert (status.state, status.final, status.fault, status.code) == (TextState.FAILED, True, fault, str(code))
    assert asking.got(CALLER) == []


async def test_each_reply_is_received_once_with_its_words_untouched(asking: AskingStage) -> None:
    bodies = ["Yes, tomorrow at 5?", " STOP\n", "déjà vu 🔔"]
    for body in bodies:
        asking.reply(body)
        asking.now.advance(1)
    texts = await asking.provider.received(NOON - 60)
    assert [(text.sender, text.body) for text in texts] == [(CALLER, body) for body in bodies]
    assert len({text.sid for text in texts}) == len(bodies)
    assert [text.at for text in texts] == sorted(text.at for text in texts)


async def test_questions_to_a_provider_out_of_reach_are_a_trouble_in_words(asking: AskingStage) -> None:
    await asking.down()
    provider = asking.provider
    questions: list[Awaitable[object]] = [
        provider.find(text(), NOON),
        provider.status(NEVER_GIVEN),
        provider.received(NOON),
        provider.check(),
    ]
    for question in questions:
        with pytest.raises(ProviderTrouble, match=r"\w+ \w+"):
            await question


# Those that post to our webhook


@pytest.mark.parametrize("body", BODIES)
async def test_a_posted_reply_is_read_with_its_words_untouched(hook: HookStage, body: str) -> None:
    told = hook.provider.heard(hook.replied(body), hook.now.now())
    assert isinstance(told, Inbound)
    assert (told.sender, told.to, told.body, told.at) == (CALLER, OUR_NUMBER, body, NOON)
    assert told.sid and told.raw


async def test_a_posted_reply_is_the_one_that_is_listed(hook: HookStage) -> None:
    told = hook.provider.heard(hook.replied("Tuesday"), hook.now.now())
    [listed] = await hook.provider.received(NOON - 60)
    assert isinstance(told, Inbound) and told.sid == listed.sid


async def test_a_posted_status_names_the_text_by_both_ids_and_goes_up(hook: HookStage) -> None:
    fate = await hook.provider.send(text(REF))
    assert isinstance(fate, Accepted)
    hook.now.advance(60)
    told = [hook.provider.heard(posted, hook.now.now()) for posted in hook.told(fate)]
    statuses = [status for status in told if isinstance(status, Status)]
    assert statuses == told and len(told) >= 2
    assert {(status.sid, status.ref) for status in statuses} == {(fate.sid, REF)}
    assert (statuses[-1].state, statuses[-1].final) == (TextState.DELIVERED, True)
    assert not any(status.final for status in statuses[:-1])


async def test_a_posted_failure_names_its_class(hook: HookStage) -> None:
    code = hook.late_faults[Fault.NO_TEXTS]
    hook.fail_late(code)
    fate = await hook.provider.send(text(REF))
    assert isinstance(fate, Accepted)
    hook.now.advance(60)
    told = hook.provider.heard(hook.told(fate)[-1], hook.now.now())
    assert isinstance(told, Status)
    assert (told.state, told.final, told.fault, told.code) == (TextState.FAILED, True, Fault.NO_TEXTS, str(code))
    assert told.no_texts_seconds is not None


async def test_a_status_proves_a_text_whose_answer_was_lost(hook: HookStage) -> None:
    hook.lose_answer(taken=True)
    assert isinstance(await hook.provider.send(text(REF)), Unknown)
    found = await hook.provider.find(text(REF), NOON)
    assert found is not None
    hook.now.advance(60)
    told = hook.provider.heard(hook.told(Accepted(found.sid))[0], hook.now.now())
    assert isinstance(told, Status) and (told.sid, told.ref) == (found.sid, REF)


async def test_what_was_posted_twice_tells_the_same_twice(hook: HookStage) -> None:
    posted = hook.replied("Tuesday")
    assert hook.provider.heard(posted, hook.now.now()) == hook.provider.heard(posted, hook.now.now())


async def test_an_altered_body_is_not_genuine(hook: HookStage) -> None:
    posted = hook.replied("Tuesday")
    altered = replace(posted, body=posted.body.replace(b"Tuesday", b"Wednesday"))
    assert altered != posted
    assert_not_genuine(hook, altered)


async def test_a_request_without_a_whole_proof_is_not_genuine(hook: HookStage) -> None:
    posted = hook.replied("Tuesday")
    for missing in hook.proof:
        for headers in (
            {name: value for name, value in posted.headers.items() if name != missing},
            {**posted.headers, missing: ""},
            {**posted.headers, missing: "Zm9yZ2Vk"},
            {**posted.headers, missing: "déjà \ud800"},
        ):
            assert_not_genuine(hook, replace(posted, headers=headers))


async def test_another_secret_proves_nothing(hook: HookStage) -> None:
    assert_not_genuine(hook, hook.forged(hook.replied("Tuesday")))


async def test_what_is_another_accounts_is_not_heard(hook: HookStage) -> None:
    assert_not_genuine(hook, hook.of_another_account(hook.replied("Tuesday")))


async def test_without_anything_to_prove_it_with_nothing_is_genuine(hook: HookStage) -> None:
    with pytest.raises(NotGenuine):
        hook.unequipped().heard(hook.replied("Tuesday"), hook.now.now())


async def test_a_proof_of_a_time_is_one_for_a_time_only(hook: HookStage) -> None:
    posted = hook.replied("Tuesday")
    if hook.proof_lasts is None:
        assert isinstance(hook.provider.heard(posted, NOON + 86400), Inbound)
        return
    assert isinstance(hook.provider.heard(posted, NOON + hook.proof_lasts), Inbound)
    for wrong in (NOON + hook.proof_lasts + 1, NOON - hook.proof_lasts - 1):
        with pytest.raises(NotGenuine):
            hook.provider.heard(posted, wrong)


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b'{"data": 5}', b'{"data": {"payload": []}}', b"a=%zz", b"\xff\xfe", b"[" * 50_000],
)
async def test_nonsense_tells_nothing_whether_it_is_proven_or_not(hook: HookStage, body: bytes) -> None:
    posted = hook.genuine(body)
    assert told_or_not_genuine(hook, posted) is None
    assert_not_genuine(hook, replace(posted, headers={}))


async def test_no_bytes_whatever_raise_anything_else(hook: HookStage) -> None:
    chance = Random(7)
    whole = hook.replied("Tuesday").body
    for _ in range(300):
        body = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        told_or_not_genuine(hook, hook.genuine(bytes(body)))
        told_or_not_genuine(hook, hook.genuine(chance.randbytes(chance.randint(0, 200))))
        noise = {name: chance.randbytes(30).decode("latin-1") for name in hook.proof}
        assert_not_genuine(hook, Posted(f"https://pbx.example/{chance.random()}", noise, bytes(body)))


async def test_the_answer_to_a_webhook_holds_nothing_that_could_reach_a_handset(hook: HookStage) -> None:
    answer = hook.provider.hook_answer
    assert 200 <= answer.status < 300 and answer.content_type
    assert answer.body in (b"", b'<?xml version="1.0" encoding="UTF-8"?><Response/>')


def told_or_not_genuine(hook: HookStage, posted: Posted) -> Inbound | Status | None:
    try:
        return hook.provider.heard(posted, hook.now.now())
    except NotGenuine:
        return None


def assert_not_genuine(hook: HookStage, posted: Posted) -> None:
    with pytest.raises(NotGenuine, match=r"\w+ \w+"):
        hook.provider.heard(posted, hook.now.now())
