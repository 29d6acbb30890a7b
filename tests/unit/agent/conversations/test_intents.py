"""What a reply is about: urgent, a time to call, a question, thanks."""

import pytest

from agent.conversations import times, urgency
from agent.conversations.intents import intent_of, needs_somebody_now
from agent.conversations.times import says_when
from sms.plain_words import sentences, spelled
from sms.wording import Rule
from storage.vocabulary import Intent
from tests.replies.labelled import replies

WORKING = replies("working")


@pytest.mark.parametrize(
    "rule", [*urgency.URGENT, *urgency.ACROSS_SENTENCES, *urgency.CALM, *times.NO_CALL], ids=lambda rule: rule.example
)
def test_each_rule_finds_its_own_example(rule: Rule) -> None:
    assert any(rule.finds(sentence) for sentence in sentences(spelled(rule.example)))


@pytest.mark.parametrize("reply", [r.text for r in WORKING if "urgent" in r.intents])
def test_who_needs_somebody_now_is_heard(reply: str) -> None:
    assert needs_somebody_now(reply)
    assert intent_of(reply) in (Intent.URGENT, Intent.OPT_OUT)


@pytest.mark.parametrize("reply", [r.text for r in WORKING if "urgent" not in r.intents])
def test_nobody_is_called_out_of_bed_for_anything_else(reply: str) -> None:
    assert not needs_somebody_now(reply)


def test_most_times_to_call_are_found_and_few_that_are_none() -> None:
    said = {r.text for r in WORKING if "callback_time" in r.intents}
    found = {r.text for r in WORKING if says_when(r.text)}
    assert len(said & found) >= 0.9 * len(said)
    assert len(said & found) >= 0.85 * len(found)


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
