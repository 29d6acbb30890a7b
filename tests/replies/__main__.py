"""`python -m tests.replies SET`: what is made of a labelled set; precision and recall."""

import sys

from agent.conversations.intents import needs_somebody_now
from sms.own_words.reading import OptOut, opts_out, says
from sms.own_words.weights import Question
from tests.replies.labelled import Labelled, replies


def told(what: str, meant: set[str], read: set[str]) -> None:
    both = len(meant & read)
    recall, precision = both / max(1, len(meant)), both / max(1, len(read))
    print(f"{what}: {len(meant)} meant, {len(read)} read, recall {recall:.1%}, precision {precision:.1%}")


def texts(of: list[Labelled], intent: str) -> set[str]:
    return {one.text for one in of if intent in one.intents}


def main(name: str) -> None:
    labelled = replies(name)
    keywords = {one.text for one in labelled if one.opt_out == "keyword"}
    others = [one for one in labelled if one.text not in keywords]
    found = {one.text: opts_out(one.text) for one in labelled}
    print(f"bare keywords: {sum(found[text] is OptOut.YES for text in keywords)} of {len(keywords)} read as opt-outs")
    told(
        "opt-outs in own words",
        {one.text for one in others if one.opt_out == "own_words"},
        {one.text for one in others if found[one.text] is OptOut.YES},
    )
    told(
        "doubtful",
        {one.text for one in others if one.opt_out == "doubtful"},
        {one.text for one in others if found[one.text] is OptOut.DOUBTFUL},
    )
    told("urgent", texts(labelled, "urgent"), {one.text for one in labelled if needs_somebody_now(one.text)})
    told(
        "wrong number",
        texts(labelled, "wrong_number"),
        {one.text for one in labelled if says(one.text, Question.WRONG_NUMBER)},
    )
    told(
        "time to call",
        texts(labelled, "callback_time"),
        {one.text for one in labelled if says(one.text, Question.SAYS_WHEN)},
    )


main(sys.argv[1])
