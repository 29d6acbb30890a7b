"""Whether the day ended as it truly was: calls by their recordings, conversations by the script. Never by our word.

On the double's page people may join in. A number that wrote what the script doesn't say is theirs, and isn't judged.
"""

from collections.abc import Iterable

from agent.demo.ledger import Climbed, Decided, Written
from agent.demo.script import ANSWERS, CALLERS, STAFF, TAKEN_BY, Writing
from agent.demo.truth import Call
from storage.vocabulary import Decision, Intent, TextKind


def wrong_calls(played: Iterable[Call], rows: dict[str, Decided]) -> list[str]:
    """What is wrong about the calls, each in a sentence."""
    wrong = []
    for call in played:
        truth, row = call.score.recording.calls[0], rows.get(call.id)
        if row is None or row.decision is None:
            wrong.append(f"Call {call.index + 1} was not decided.")
        elif (row.direction.value, row.answered) != (truth.direction, truth.human_answered):
            was = f"{truth.direction} and {'answered' if truth.human_answered else 'not answered'}"
            wrong.append(f"Call {call.index + 1} was {was}; the ledger has it otherwise.")
        elif row.decision is Decision.TEXT and (truth.should_text is False or call.withheld):
            wrong.append(f"Call {call.index + 1} was texted, which it must not be.")
    return wrong


def joined_in(written: Written) -> frozenset[str]:
    """The numbers people wrote from beside the script."""
    scripted = {(one.number, one.words) for one in (*CALLERS, *ANSWERS)}
    seen: set[str] = set()
    others = set()
    for one in written.replies:
        if (one.number, one.words) not in scripted or one.number in seen - set(STAFF):
            others.add(one.number)
        seen.add(one.number)
    return frozenset(others)


def wrong_words(written: Written, rows: dict[str, Decided], on_page: bool) -> list[str]:
    """What is wrong about the conversations, each in a sentence.

    `on_page`: of the double, where people may join in and STOP is answered by the provider.
    """
    others = joined_in(written) if on_page else frozenset()
    wrong = []
    for one in CALLERS:
        if one.number not in others:
            wrong += _wrong_about(one, written, on_page)
            texted = sum(row.caller == one.number and row.decision is Decision.TEXT for row in rows.values())
            if texted != 1:
                wrong.append(f"{one.number} was texted after {texted} of its calls; after the first one it wrote back.")
    if not others & set(STAFF) and all(climbed.ladder.number not in others for climbed in written.urgent):
        truly = {one.number for one in CALLERS if one.intent is Intent.URGENT}
        wrong += _wrong_ladders(truly - others, written.urgent)
    return wrong


def _wrong_about(truth: Writing, written: Written, on_page: bool) -> list[str]:
    who, wrong = f"{truth.number} wrote “{truth.words}”", []
    kept = [one for one in written.replies if one.number == truth.number]
    if len(kept) != 1:
        return [f"{who}: kept {len(kept)} times."]
    if kept[0].intent is not truth.intent:
        wrong.append(f"{who}: taken for {kept[0].intent}.")
    if written.opt_outs.get(truth.number) is not truth.opts_out:
        wrong.append(f"{who}: {'an' if truth.opts_out is None else 'no such'} opt-out is in force.")
    if (truth.number in written.doubts) != truth.doubtful:
        wrong.append(f"{who}: {'no' if truth.doubtful else 'a'} doubt is open.")
    sent = [one.kind for one in written.sent if one.number == truth.number and one.left]
    if truth.opts_out is not None:
        by_us = not (on_page and truth.words == "STOP")
        if sent != [TextKind.CONFIRM] * by_us:
            wrong.append(f"{who}: {len(sent)} texts followed instead of {'the one confirmation' if by_us else 'none'}.")
    elif truth.intent is not Intent.URGENT and sent:
        wrong.append(f"{who}: a text followed.")
    return wrong


def _wrong_ladders(truly: set[str], urgent: tuple[Climbed, ...]) -> list[str]:
    found = [climbed.ladder.number for climbed in urgent]
    if sorted(found) != sorted(truly):
        return [
            f"Urgent: {', '.join(sorted(truly)) or 'nobody'}. Somebody was asked about: {', '.join(found) or 'none'}."
        ]
    wrong = []
    for climbed in urgent:
        asked, ladder = [ask.person for ask in climbed.asks], climbed.ladder
        if asked != list(STAFF.values()):
            wrong.append(f"{ladder.number} is urgent: asked were {', '.join(asked)}, not {', '.join(STAFF.values())}.")
        if ladder.seen_by != TAKEN_BY:
            wrong.append(f"{ladder.number} is urgent: {ladder.seen_by or 'nobody'} has it, not {TAKEN_BY}.")
        if ladder.reached_at is None or ladder.reached_at > ladder.promised_at:
            wrong.append(f"{ladder.number} is urgent and was called back in time; the ledger doesn't have it.")
    return wrong
