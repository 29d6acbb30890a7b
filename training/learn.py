"""`make words`: learns the weights of sms/own_words/weights.bin from the labelled replies beside this file.

One logistic regression a question, on the marks of sms/own_words/marks.py, by stochastic gradients with a step of its
own for each weight (AdaGrad: Duchi, Hazan, Singer 2011). The same replies give the same file.
"""

import json
import math
from array import array
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import sms.own_words
from sms.own_words.marks import BUCKETS, bucket, marks
from sms.own_words.weights import FILE, Question
from training.labelled import Reply, digest, files, read

DRESSES = ("{}", "{}", "{}", "{} thanks", "hi, {}", "{} please", "ok {}")
"""How each reply of plain.jsonl is learnt from: a plain wording must be read right, however polite."""
FEWEST = 2
"""A bucket met in fewer replies has no weight."""
ROUNDS = 8
STEP = 0.5
DECAY = 1 / 20.0
"""How strongly a weight is drawn to nothing: what one reply's evidence is worth against it."""
HEAVIEST = 127
"""What a signed byte holds."""


@dataclass(frozen=True, slots=True)
class Met:
    """The buckets of one reply's marks, and what each counts: all of them together have length 1."""

    buckets: list[int]
    share: float


LABELS: dict[Question, Callable[[Reply], bool | None]] = {
    Question.OPTS_OUT: lambda reply: reply.opts_out,
    Question.MAY_OPT_OUT: lambda reply: reply.opt_out != "no",
    Question.URGENT: lambda reply: reply.urgent,
    Question.WRONG_NUMBER: lambda reply: reply.wrong_number,
    Question.SAYS_WHEN: lambda reply: reply.says_when,
    Question.SPANISH: lambda reply: None if reply.lang is None else reply.lang == "es",
    Question.FRENCH: lambda reply: None if reply.lang is None else reply.lang == "fr",
}
"""Question → its answer by the labels; None where a reply has none."""


def replies() -> list[Reply]:
    """Every reply to learn from."""
    found: list[Reply] = []
    for path in files():
        dresses = DRESSES if path.stem == "plain" else ("{}",)
        found += [replace(reply, text=dress.format(reply.text)) for reply in read(path) for dress in dresses]
    return found


def meet(text: str) -> Met:
    """What of a text is weighed."""
    found = sorted({bucket(mark) for mark in marks(text)})
    return Met(found, len(found) ** -0.5)


def learn(known: list[tuple[Met, bool]]) -> tuple[float, "array[float]"]:
    """Bias and weights of one question."""
    count = array("q", bytes(8 * BUCKETS))
    for met, _ in known:
        for one in met.buckets:
            count[one] += 1
    todo = [([one for one in met.buckets if count[one] >= FEWEST], met.share, answer) for met, answer in known]
    weights = array("d", bytes(8 * BUCKETS))
    steepness = array("d", [1e-8]) * BUCKETS
    bias, bias_steepness = 0.0, 1e-8
    random = Random(7)
    for _ in range(ROUNDS):
        random.shuffle(todo)
        for buckets, share, answer in todo:
            score = bias + share * sum(map(weights.__getitem__, buckets))
            wrong = 1 / (1 + math.exp(-max(-30.0, min(30.0, score)))) - answer
            bias_steepness += wrong * wrong
            bias -= STEP * wrong / math.sqrt(bias_steepness)
            for one in buckets:
                slope = wrong * share + DECAY * weights[one] / count[one]
                steepness[one] += slope * slope
                weights[one] -= STEP * slope / math.sqrt(steepness[one])
    return bias, weights


def main(target: Path) -> None:
    """Learn all and write the file."""
    labelled = replies()
    met = [meet(reply.text) for reply in labelled]
    told, body = [], b""
    for question, label in LABELS.items():
        answers = [(one, label(reply)) for one, reply in zip(met, labelled, strict=True)]
        bias, weights = learn([(one, answer) for one, answer in answers if answer is not None])
        scale = max(map(abs, weights)) / HEAVIEST
        told.append({"name": question.value, "bias": round(bias, 6), "scale": round(scale, 9)})
        body += array("b", [round(weight / scale) for weight in weights]).tobytes()
    head = {"learnt_from": digest(), "replies": len(labelled), "questions": told}
    target.write_bytes(json.dumps(head).encode() + b"\n" + body)
    print(f"{target.name}: {len(labelled)} replies, {len(told)} questions")


if __name__ == "__main__":
    main(Path(sms.own_words.__file__).with_name(FILE))
