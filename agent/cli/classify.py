"""`secondring classify`: what is made of replies, without any PBX, provider or ledger."""

import json
import sys

import click

from agent.conversations.intents import intent_of, needs_somebody_now
from sms.own_words.reading import OptOut, opts_out
from sms.own_words.weights import Question, reasons


@click.command("classify")
def command() -> None:
    """Read replies on standard input, one a line, and print what is made of each: one JSON object a line.

    A literal \\n in a line is a line break. `opt_out` is yes, no, or doubtful: then a person looks, and automatic texts
    wait meanwhile. `because` names the words that spoke loudest for it, empty where neither.
    """
    for line in sys.stdin.buffer:
        text = line.decode(errors="replace").rstrip("\r\n").replace("\\n", "\n")
        told = {
            "text": text,
            "intent": intent_of(text).value,
            "opt_out": opts_out(text).value,
            "urgent": needs_somebody_now(text),
            "because": _because(text),
        }
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")


def _because(text: str) -> list[str]:
    if opts_out(text) is not OptOut.NO:
        return reasons(text, Question.MAY_OPT_OUT)
    return reasons(text, Question.URGENT) if needs_somebody_now(text) else []
