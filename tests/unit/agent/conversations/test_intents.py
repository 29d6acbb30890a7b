"""What a reply is about: urgent, a time to call, a question, thanks."""

import pytest

from agent.conversations.intents import intent_of, needs_somebody_now
from storage.vocabulary import Intent
from tests.replies.labelled import replies
from training.labelled import FOLDER, Reply, read

WORKING = replies("working")
PLAIN = list(read(FOLDER / "plain.jsonl"))


@pytest.mark.parametrize(
    "reply", ["URGENT", "urgent!", "Urgente por favor", "It's urgent", "URGENT pipe", "EMERGENCY", "urgence svp", "sos"]
)
def test_the_word_that_callers_are_offered_always_counts(reply: str) -> None:
    assert needs_somebody_now(reply)


@pytest.mark.parametrize("reply", [r.text for r in WORKING if "urgent" in r.intents])
def test_who_needs_somebody_now_is_heard(reply: str) -> None:
    assert needs_somebody_now(reply)
    assert intent_of(reply) in (Intent.URGENT, Intent.OPT_OUT)


@pytest.mark.parametrize("reply", [r.text for r in WORKING if "urgent" not in r.intents])
def test_nobody_is_called_out_of_bed_for_anything_else(reply: str) -> None:
    assert not needs_somebody_now(reply)


@pytest.mark.parametrize("reply", PLAIN, ids=lambda reply: reply.text)
def test_a_plain_wording_is_read_as_it_was_meant(reply: Reply) -> None:
    if reply.urgent is not None:
        assert needs_somebody_now(reply.text) is reply.urgent
    if reply.says_when:
        assert intent_of(reply.text) is Intent.CALLBACK_TIME
    if reply.wrong_number:
        assert intent_of(reply.text) is Intent.WRONG_NUMBER


@pytest.mark.parametrize(
    ("reply", "intent"),
    [
        ("URGENT", Intent.URGENT),
        ("water is pouring through the ceiling", Intent.URGENT),
        ("no heat and we have a newborn", Intent.URGENT),
        ("not urgent, tomorrow is fine", Intent.CALLBACK_TIME),
        ("after 3", Intent.CALLBACK_TIME),
        ("mañana por la mañana", Intent.CALLBACK_TIME),
        ("demain matin svp", Intent.CALLBACK_TIME),
        ("how much for a water heater?", Intent.QUESTION),
        ("¿cuánto cuesta?", Intent.QUESTION),
        ("ok thanks", Intent.THANKS),
        ("👍", Intent.THANKS),
        ("sorry, wrong number", Intent.WRONG_NUMBER),
        ("please stop texting me", Intent.OPT_OUT),
        ("STOP", Intent.OPT_OUT),
        ("START", Intent.OPT_IN),
        ("HELP", Intent.HELP),
        ("I'm driving right now, I'll see your message later", Intent.AUTO_REPLY),
        ("my dishwasher makes a noise", Intent.OTHER),
        ("", Intent.OTHER),
    ],
)
def test_a_reply_is_mainly_about(reply: str, intent: Intent) -> None:
    assert intent_of(reply) is intent
