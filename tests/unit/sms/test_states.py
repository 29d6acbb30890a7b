"""The table of a text's moves, and that the program makes these and no others."""

import itertools
import sqlite3
import uuid

import pytest

from sms import aftermath
from sms.provider import Accepted, Fault, Refused, Status
from sms.states import FINAL, MOVES, may
from storage.ledger import in_memory
from storage.queries import texts
from storage.records import Move, NewText
from storage.vocabulary import OptOutSource, TextKind, TextState
from tests.doubles.twilio import OUR_NUMBER
from tests.doubles.twilio.troubles import drops_after, slow_down
from tests.unit.sms.desks import ANNA, BERT, text_desk
from tests.virtual_time import in_virtual_time

S = TextState
WAITING = (S.QUEUED, S.DEFERRED)


def text_in(db: sqlite3.Connection, state: TextState, number: str = ANNA) -> int:
    """A text in any state, put there by force."""
    first = state if state in (S.QUEUED, S.DEFERRED, S.SHADOW) else S.QUEUED
    new = NewText(uuid.uuid4().hex, None, TextKind.TEST, number, "x", 1, first, 0.0, 900.0)
    text_id = texts.add(db, new, 0.0)
    for after in path_to(state)[1:]:
        before = texts.get(db, text_id).state
        texts.move(db, Move(text_id, before, after, 1.0, sid=f"SM{text_id}"))
    return text_id


def path_to(state: TextState) -> list[TextState]:
    """The shortest legal way from its making to a state."""
    ways = [[S.QUEUED], [S.DEFERRED], [S.SHADOW]]
    for way in ways:
        if way[-1] is state:
            return way
        ways += [[*way, after] for before, after in MOVES if before is way[-1] and after not in way]
    raise AssertionError(f"no way leads to {state}")


def test_every_state_can_be_reached_and_only_the_final_ones_are_ends() -> None:
    assert all(path_to(state) for state in S)
    assert {state for state in S if not any(before is state for before, _ in MOVES)} == FINAL


def test_a_text_of_unknown_fate_is_never_handed_over_again() -> None:
    """From `unknown` no way leads back to `sending`."""
    reachable: set[TextState] = set()
    todo = [S.UNKNOWN]
    while todo:
        here = todo.pop()
        after = {after for before, after in MOVES if before is here} - reachable
        reachable |= after
        todo += after
    assert not reachable & {S.SENDING, S.QUEUED, S.DEFERRED}


def test_only_sending_leads_back_to_queued() -> None:
    assert {before for before, after in MOVES if after is S.QUEUED} == {S.SENDING, S.DEFERRED}


@pytest.mark.parametrize(("before", "after"), sorted(MOVES))
def test_a_legal_move_is_made_and_kept(before: TextState, after: TextState) -> None:
    db = in_memory()
    text_id = text_in(db, before)
    texts.move(db, Move(text_id, before, after, 2.0, sid=f"SM{text_id}"))
    assert texts.get(db, text_id).state is after
    assert tuple(texts.moves(db, text_id)[-1])[1:3] == (before, after)


@pytest.mark.parametrize("text_state", S)
def test_a_move_from_where_the_text_is_not_is_an_error_and_changes_nothing(text_state: TextState) -> None:
    db = in_memory()
    text_id = text_in(db, text_state)
    for before, after in MOVES:
        if before is not text_state:
            with pytest.raises(texts.LostMove):
                texts.move(db, Move(text_id, before, after, 2.0))
    assert texts.get(db, text_id).state is text_state


def test_a_move_that_is_not_in_the_table_is_refused() -> None:
    made = []
    for before, after in itertools.product(S, S):
        if before is after or may(before, after):
            continue
        db = in_memory()
        text_id = text_in(db, before)
        try:
            texts.move(db, Move(text_id, before, after, 2.0, sid=f"SM{text_id}"))
        except (ValueError, sqlite3.IntegrityError, texts.LostMove):
            continue
        made.append((before.value, after.value))
    assert made == []


@in_virtual_time
async def test_the_program_makes_every_move_of_the_table_and_no_other() -> None:
    seen: set[tuple[TextState, TextState]] = set()
    for seconds_to_handset in (1.0, 40.0):
        async with text_desk() as desk:
            carrier = desk.twilio.carrier
            carrier.pace.sent, carrier.pace.delivered = seconds_to_handset / 2, seconds_to_handset
            carrier.senders[OUR_NUMBER].rate = 1000.0
            carrier.fates = {"+12025550101": 30003, "+12025550102": 30036, "+12025550103": 21610}
            carrier.not_mobile.add("+12025550104")
            desk.twilio.on_post(slow_down("1"), drops_after())
            ids = [desk.queue(f"+1202555010{n}") for n in range(1, 5)]
            ids += [desk.queue("+12025550105", fresh=1), desk.queue("+12025550106", fresh=1, state=S.DEFERRED)]
            ids += [desk.queue("+12025550107", state=S.DEFERRED), desk.queue("+12025550108"), desk.queue()]
            held = [desk.queue(BERT, due=60), desk.queue(BERT, due=60, state=S.DEFERRED)]
            aftermath.opted_out(desk.db, BERT, OptOutSource.KEYWORD, "STOP", 0.0)
            desk.start("outbox", "reconciler")
            for text_id in (*ids, *held):
                await desk.reaches(text_id, *(state.value for state in FINAL))
            rows = desk.db.execute("SELECT before, after FROM text_moves WHERE before IS NOT NULL")
            seen |= {(S(row["before"]), S(row["after"])) for row in rows if row["before"] != row["after"]}
    assert seen == set(MOVES)


class TestWordsOfTheProvider:
    """They come out of order and twice; a text only ever moves up."""

    def told(self, *states: TextState, start: TextState = S.ACCEPTED) -> TextState:
        db = in_memory()
        text_id = text_in(db, start)
        for state in states:
            text = texts.get(db, text_id)
            if text.state in (S.ACCEPTED, S.SENT, S.UNKNOWN):
                fault = Fault.UNREACHABLE if state is S.FAILED else Fault.EXPIRED if state is S.EXPIRED else None
                status = Status(f"SM{text_id}", state, state in FINAL, fault)
                aftermath.stood(db, text, status, 5.0, 10.0)
        return texts.get(db, text_id).state

    @pytest.mark.parametrize("end", [S.DELIVERED, S.FAILED, S.EXPIRED])
    def test_in_any_order_it_ends_where_it_ended(self, end: TextState) -> None:
        for order in itertools.permutations((S.ACCEPTED, S.SENT, end)):
            assert self.told(*order) is end
            assert self.told(*order, *order) is end

    def test_a_lower_word_moves_nothing(self) -> None:
        assert self.told(S.ACCEPTED, start=S.SENT) is S.SENT

    def test_a_word_about_a_text_of_unknown_fate_proves_it_taken(self) -> None:
        assert self.told(S.SENT, start=S.UNKNOWN) is S.SENT
        assert self.told(S.DELIVERED, start=S.UNKNOWN) is S.DELIVERED
        assert self.told(S.FAILED, start=S.UNKNOWN) is S.FAILED

    @pytest.mark.parametrize("before", [S.SENDING, S.ACCEPTED, S.SENT])
    def test_every_refusal_ends_it_and_some_say_more_about_the_number(self, before: TextState) -> None:
        for fault in Fault:
            db = in_memory()
            text = texts.get(db, text_in(db, before))
            aftermath.refused(db, text, Refused(fault, "1", "words", 3600.0), 5.0, before)
            assert texts.get(db, text.id).state in (S.FAILED, S.EXPIRED)
            assert may(before, texts.get(db, text.id).state)

    def test_an_accepted_one_is_asked_about_only_where_the_provider_can_be_asked(self) -> None:
        for asks in (True, False):
            db = in_memory()
            text_id = text_in(db, S.SENDING)
            aftermath.accepted(db, text_id, Accepted("SMx"), 5.0, S.SENDING, asks)
            assert (texts.next_ask(db) is not None) is asks
