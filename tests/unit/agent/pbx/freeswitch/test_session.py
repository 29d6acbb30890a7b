"""Logging in at a FreeSWITCH, and finding the calls in flight there."""

import pytest

from agent.calls.tracker import Tracker
from agent.calls.verdicts import Call, News, RingPlan
from agent.pbx.events import LegEnded, Listed, ListingBegins, Restarted
from agent.pbx.freeswitch.dialect import Dialect
from agent.pbx.freeswitch.session import Session
from agent.pbx.trouble import Cause, Trouble
from tests.unit.agent.pbx.freeswitch.socket_end import GOODBYE, GREETING, RUDE, Pbx, plain, response, stream

PLAN = RingPlan(24.0, 60.0)


def dialect() -> Dialect:
    return Dialect(("public",))


def session(user: str = "", core: str = "", password: str = "secret") -> Session:
    found = Session(user, password, dialect(), core)
    found.feed(GREETING)
    return found


class TestLogin:
    def test_it_is_live_once_the_calls_in_flight_are_known(self) -> None:
        here, pbx = session(), Pbx()
        stages = [here.is_live]
        assert pbx.answer(here) == [ListingBegins(), Listed(())]
        assert [*stages, here.is_live] == [False, True]
        assert pbx.asked[0] == "auth secret"

    def test_nothing_is_asked_before_the_pbx_asks_who_we_are(self) -> None:
        assert Session("", "secret", dialect()).outgoing() == b""

    def test_a_user_of_the_directory_logs_in_by_name(self) -> None:
        here, pbx = session(user="secondring@pbx.lab"), Pbx()
        pbx.answer(here)
        assert here.is_live
        assert pbx.asked[0] == "userauth secondring@pbx.lab:secret"

    def test_a_wrong_password_is_told_as_such(self) -> None:
        here = session(password="wrong")
        with pytest.raises(Trouble, match="refuses the password") as told:
            Pbx().answer(here)
        assert told.value.cause is Cause.REFUSED

    def test_an_address_that_the_access_list_denies_is_told_as_such(self) -> None:
        with pytest.raises(Trouble, match="apply-inbound-acl") as told:
            Session("", "secret", dialect()).feed(RUDE)
        assert told.value.cause is Cause.REFUSED

    @pytest.mark.parametrize(
        "said", ["FreeSWITCH (Version 1.10.12) is not ready\n", "-ERR status Command not found!\n"]
    )
    def test_one_that_boots_is_tried_again(self, said: str) -> None:
        here, pbx = session(), Pbx()
        pbx.said["api status"] = said
        with pytest.raises(Trouble) as told:
            pbx.answer(here)
        assert told.value.cause is Cause.BOOTING

    @pytest.mark.parametrize("denied", ["api status", "api show channels as json"])
    def test_a_user_who_may_not_ask_is_told_what_to_allow(self, denied: str) -> None:
        here, pbx = session(user="u@d"), Pbx()
        pbx.denied = frozenset({denied})
        with pytest.raises(Trouble, match="esl-allowed-api") as told:
            pbx.answer(here)
        assert told.value.cause is Cause.RIGHTS

    def test_a_user_who_may_not_listen_is_told_what_to_allow(self) -> None:
        here, pbx = session(user="u@d"), Pbx()
        pbx.replies["event"] = "-ERR permission denied"
        with pytest.raises(Trouble, match="esl-allowed-events") as told:
            pbx.answer(here)
        assert told.value.cause is Cause.RIGHTS

    def test_what_speaks_another_protocol_is_told_as_such(self) -> None:
        with pytest.raises(Trouble) as told:
            Session("", "secret", dialect()).feed(b"SSH-2.0-OpenSSH_9.2\r\n\n\n")
        assert told.value.cause is Cause.GARBLED

    def test_an_answer_to_no_question_ends_the_link(self) -> None:
        here, pbx = session(), Pbx()
        pbx.answer(here)
        with pytest.raises(Trouble) as told:
            here.feed(response("x"))
        assert told.value.cause is Cause.GARBLED

    def test_a_goodbye_is_remembered(self) -> None:
        here, pbx = session(), Pbx()
        pbx.answer(here)
        here.feed(GOODBYE)
        assert here.goodbye

    @pytest.mark.parametrize(
        ("before", "restarted"), [("", False), (Pbx().said["api global_getvar core_uuid"], False), ("other", True)]
    )
    def test_another_core_means_that_the_pbx_restarted(self, before: str, restarted: bool) -> None:
        here = session(core=before)
        assert (Restarted() in Pbx().answer(here)) is restarted

    def test_a_ping_is_answered_without_a_word_about_legs(self) -> None:
        here, pbx = session(), Pbx()
        pbx.answer(here)
        here.ping()
        assert pbx.answer(here) == []


SNAPSHOTS = {
    "direct_3": ("snap_direct", 3.0),
    "direct_7": ("snap_direct", 7.0),
    "ivr_2": ("snap_ivr", 2.0),
    "ivr_5.5": ("snap_ivr", 5.5),
    "loopback_3": ("snap_loopback", 3.0),
    "loopback_7": ("snap_loopback", 7.0),
    "queue_3": ("snap_queue", 3.0),
    "queue_8": ("snap_queue", 8.0),
    "vm_3": ("snap_rg_vm", 2.96),
    "vm_11": ("snap_rg_vm", 10.96),
}
"""Snapshot → its stream, and when it was taken."""

UNSEEN = {"vm_11": ("missed closed",)}
"""Where what came before doesn't show any more: that phones rang before the mailbox took the call."""


def decided(verdicts: list[tuple[News, Call]]) -> tuple[str, ...]:
    """Whether the call was answered or missed, and why."""
    return tuple(
        f"{news.value} {call.reason.value if call.reason else ''}"
        for news, call in verdicts
        if news in (News.ANSWERED, News.MISSED)
    )


def whole(name: str) -> tuple[str, ...]:
    """What is decided by one who listened all the time."""
    tracker, here = Tracker(lambda _: PLAN), dialect()
    told = [tracker.take(t, said) for t, event in stream(name) for said in here.translate(dict(event))]
    return decided([(verdict.news, verdict.call) for verdicts in told for verdict in verdicts])


@pytest.mark.parametrize("snapshot", SNAPSHOTS)
def test_one_who_comes_in_the_middle_of_a_call_decides_the_same(snapshot: str) -> None:
    name, taken = SNAPSHOTS[snapshot]
    here, tracker, verdicts = session(), Tracker(lambda _: PLAN), list[tuple[News, Call]]()
    told = [(taken, said) for said in Pbx(snapshot).answer(here)]
    told += [(t, said) for t, event in stream(name) if t > taken for said in here.feed(plain(event))]
    for t, said in told:
        verdicts += [(verdict.news, verdict.call) for verdict in tracker.take(t, said)]
    assert decided(verdicts) == UNSEEN.get(snapshot, whole(name))
    assert len(tracker) == 0
    [call] = {call.id: call for _, call in verdicts}.values()
    assert (call.number, call.direction.value) == ("+12025550143", "inbound")
    assert call.dialled.startswith("+120255501")


def test_a_line_that_was_dialled_before_a_transfer_is_the_line_of_the_call() -> None:
    [listed] = [event for event in Pbx("loopback_7").answer(session()) if isinstance(event, Listed)]
    [caller] = [leg.created for leg in listed.legs if leg.created.arriving]
    assert caller.dialled == "+12025550108"
    assert caller.trunk
    assert caller.withheld is False


def test_a_leg_that_ends_while_the_list_is_made_is_not_on_it() -> None:
    here, pbx = session(), Pbx("direct_3")
    told = pbx.answer(here)
    [listed] = [event for event in told if isinstance(event, Listed)]
    phone = next(leg.created.leg for leg in listed.legs if not leg.created.arriving)
    gone = [("Event-Name", "CHANNEL_HANGUP_COMPLETE"), ("Unique-ID", phone), ("Hangup-Cause", "NO_ANSWER")]
    here.list_anew()
    here.feed(plain(gone))
    [again] = [event for event in pbx.answer(here) if isinstance(event, Listed)]
    assert phone not in [leg.created.leg for leg in again.legs]


class TestALegThatIsJustEnding:
    """From its hangup on a leg is still listed and can't be asked any more; its last event is yet to come."""

    def ending(self, core: str = "") -> tuple[Session, Pbx, str, bytes]:
        """A live session, a PBX where the caller of its one call is just ending, and that caller's last event."""
        shared = dialect()
        here, pbx = Session("", "secret", shared, core), Pbx("direct_3")
        here.feed(GREETING)
        told = pbx.answer(here)
        [listed] = [event for event in told if isinstance(event, Listed)]
        caller = next(leg.created.leg for leg in listed.legs if leg.created.arriving)
        del pbx.said[f"api uuid_dump {caller} json"]
        last = plain(
            [("Event-Name", "CHANNEL_HANGUP_COMPLETE"), ("Unique-ID", caller), ("Hangup-Cause", "ORIGINATOR_CANCEL")]
        )
        return here, pbx, caller, last

    def test_while_listening_its_end_is_waited_for(self) -> None:
        here, pbx, caller, last = self.ending()
        here.list_anew()
        assert pbx.answer(here) == []
        ended, listed = here.feed(last)
        assert isinstance(ended, LegEnded) and ended.leg == caller
        assert isinstance(listed, Listed) and caller not in [leg.created.leg for leg in listed.legs]

    def test_an_end_that_never_comes_is_not_waited_for_beyond_the_next_listing(self) -> None:
        here, pbx, caller, _ = self.ending()
        here.list_anew()
        pbx.answer(here)
        gone, begins = here.list_anew()
        assert isinstance(gone, Listed) and isinstance(begins, ListingBegins)
        assert caller not in [leg.created.leg for leg in gone.legs]

    def test_after_a_gap_the_list_is_asked_for_until_it_is_gone(self) -> None:
        here, pbx, caller, _ = self.ending()
        back = Session("", "secret", here._dialect)
        back.feed(GREETING)
        told = pbx.answer(back)
        assert back.is_live and isinstance(told[-1], Listed)
        assert 2 < pbx.asked.count("api show channels as json") < 70
        assert caller not in [leg.created.leg for leg in told[-1].legs]


def test_of_applications_only_those_are_asked_for_that_tell_something() -> None:
    here, pbx = session(), Pbx()
    pbx.answer(here)
    [names] = [command for command in pbx.asked if command.startswith("event plain ")]
    assert "CHANNEL_EXECUTE_COMPLETE" not in names
    assert any(command.startswith("filter Application /^(") and "voicemail" in command for command in pbx.asked)
