"""One AMI login as the PBX sees it: every way it can fail, the listing and its races, and what is asked of callers."""

from dataclasses import dataclass

import pytest

from agent.calls.verdicts import News
from agent.pbx.asterisk.dialect import Dialect
from agent.pbx.asterisk.session import Session, Stage
from agent.pbx.events import LegCreated, LegEvent, LegWithheld, Listed, ListingBegins, Restarted
from agent.pbx.trouble import Cause, Trouble
from tests.unit.agent.pbx.asterisk.wires import (
    BANNER,
    CONTEXTS,
    NONCE,
    Desk,
    answer,
    booted,
    complete,
    core_status,
    frame,
    new_session,
    verdicts,
)

RUN = (
    ("ChannelStateDesc", "x"),
    ("CallerIDNum", "+12025550143"),
    ("CallerIDName", "<unknown>"),
    ("ConnectedLineNum", "<unknown>"),
    ("ConnectedLineName", "<unknown>"),
    ("Language", "en"),
    ("AccountCode", ""),
)


@dataclass(frozen=True)
class Channel:
    """One channel, and what Asterisk says of it."""

    name: str
    leg: str
    call: str
    context: str = "from-trunk"
    exten: str = "+13125550100"

    def says(self, event: str, *after: tuple[str, str], state: int = 4, own: tuple[tuple[str, str], ...] = ()) -> bytes:
        return frame(
            ("Event", event),
            ("Privilege", "call,all"),
            *own,
            ("Channel", self.name),
            ("ChannelState", str(state)),
            *RUN,
            ("Context", self.context),
            ("Exten", self.exten),
            ("Priority", "1"),
            ("Uniqueid", self.leg),
            ("Linkedid", self.call),
            *after,
        )

    def enters(self, bridge: str) -> bytes:
        own = (("BridgeUniqueid", bridge), ("BridgeType", "basic"), ("BridgeTechnology", "simple_bridge"))
        return self.says("BridgeEnter", own=own, state=6)

    def row(self, question: str, *, state: int = 4, bridge: str = "", dnid: str = "", app: str = "Dial") -> bytes:
        """A row of the answer to Status."""
        return self.says(
            "Status",
            ("Type", "PJSIP"),
            ("DNID", dnid),
            ("BridgeID", bridge),
            ("Application", app),
            ("Seconds", "5"),
            ("ActionID", question),
            state=state,
        )


ANNA = Channel("PJSIP/trunk-00000001", "1.1", "1.1")
PHONE = Channel("PJSIP/101-00000002", "1.2", "1.1", "from-internal", "s")


def bridge_row(question: str, bridge: str = "b") -> bytes:
    return frame(
        ("Event", "BridgeListItem"),
        ("ActionID", question),
        ("BridgeUniqueid", bridge),
        ("BridgeType", "basic"),
        ("BridgeTechnology", "simple_bridge"),
    )


def cause_of(desk: Desk, *said: bytes) -> Cause:
    with pytest.raises(Trouble) as told:
        for data in said:
            desk.say(data)
    assert told.value.sentence.endswith(".")
    assert told.value.remedy
    return told.value.cause


class TestLogin:
    def test_it_goes_step_by_step_and_asks_only_after_the_boot(self) -> None:
        desk, stages = Desk(), []
        for data in (
            BANNER,
            answer("login", ("Message", "Authentication accepted")),
            booted(),
            core_status(),
        ):
            desk.say(data)
            stages.append((desk.session.stage, desk.asked[-1]["Action"]))
        assert stages == [
            (Stage.LOGIN, "Login"),
            (Stage.BOOTING, "Login"),
            (Stage.LISTING, "CoreStatus"),
            (Stage.LISTING, "BridgeList"),
        ]
        assert not desk.session.is_live

    def test_the_secret_goes_out_once_and_only_after_the_banner(self) -> None:
        desk = Desk()
        assert desk.session.outgoing() == b""
        desk.go_live()
        assert [action.get("Secret") for action in desk.asked].count("secret") == 1

    def test_a_wrong_secret_an_unknown_user_and_a_denied_address_are_one_refusal(self) -> None:
        refusal = answer("login", ("Message", "Authentication failed"), response="Error")
        assert cause_of(Desk(), BANNER, refusal) is Cause.REFUSED

    def test_a_user_who_may_not_ask(self) -> None:
        denied = answer("core", ("Message", "Permission denied"), response="Error")
        login = answer("login", ("Message", "Authentication accepted"))
        assert cause_of(Desk(), BANNER, login, booted(), denied) is Cause.RIGHTS

    def test_a_user_who_may_not_list(self) -> None:
        desk = Desk()
        desk.log_in()
        status, _ = desk.listing()
        denied = frame(("Response", "Error"), ("ActionID", status), ("Message", "Permission denied"))
        assert cause_of(desk, denied) is Cause.RIGHTS

    def test_a_pbx_that_boots_is_waited_for_and_a_refused_login_is_not_a_boot(self) -> None:
        desk = Desk()
        desk.say(BANNER + answer("login", ("Message", "Authentication accepted")))
        assert desk.session.is_booting
        desk.say(ANNA.says("Newchannel"))
        assert desk.session.is_booting
        desk.say(booted(0))
        assert not desk.session.is_booting

    def test_nobody_else_can_answer_for_the_pbx(self) -> None:
        desk = Desk()
        desk.say(BANNER)
        desk.say(frame(("Response", "Success"), ("ActionID", "deadbeef-login")))
        assert desk.session.stage is Stage.LOGIN

    def test_it_is_told_why_the_pbx_goes(self) -> None:
        for restart, words in (("False", "stopped"), ("True", "restarted")):
            desk = Desk().go_live()
            desk.say(
                frame(("Event", "Shutdown"), ("Privilege", "system,all"), ("Shutdown", "Cleanly"), ("Restart", restart))
            )
            assert words in desk.session.goodbye


class TestRestart:
    def again(self, started: str, uptime: int) -> list[LegEvent]:
        first = Desk().go_live(uptime=74)
        second = Desk(new_session(first.session._dialect, first.session.startup), started=started)
        return second.go_live(uptime).events

    def test_a_new_start_time_is_a_restart_even_where_the_uptime_grew(self) -> None:
        assert Restarted() in self.again("09:30:00", uptime=80)

    def test_the_same_start_time_is_none(self) -> None:
        assert Restarted() not in self.again("08:00:00", uptime=80)

    def test_the_first_connection_ever_is_none(self) -> None:
        assert Restarted() not in Desk().go_live().events

    def test_everything_is_told_in_the_order_in_which_it_counts(self) -> None:
        kinds = [type(event) for event in self.again("09:30:00", uptime=3)]
        assert kinds[-2:] == [ListingBegins, Listed]
        assert Restarted in kinds[:-2]


class TestListing:
    def listed(self, desk: Desk) -> Listed:
        return [event for event in desk.events if isinstance(event, Listed)][-1]

    def test_a_leg_is_in_a_room_only_if_that_bridge_is_a_conversation(self) -> None:
        for known, room in ((b"", ""), (bridge_row("BRIDGES"), "b")):
            desk = Desk()
            desk.rows = lambda status, bridges, known=known: (  # type: ignore[misc]
                ANNA.row(status, bridge="b", dnid="+13125550100") + known.replace(b"BRIDGES", bridges.encode())
            )
            desk.go_live()
            assert [leg.room for leg in self.listed(desk).legs] == [room]

    def test_a_leg_that_ends_while_listed_is_left_out(self) -> None:
        desk = Desk()
        desk.log_in()
        status, bridges = desk.listing()
        desk.say(ANNA.row(status, dnid="+13125550100") + PHONE.row(status, state=5))
        desk.say(PHONE.says("Hangup", ("Cause", "16"), ("Cause-txt", "x")))
        desk.say(complete("StatusComplete", status) + complete("BridgeListComplete", bridges))
        assert [leg.created.leg for leg in self.listed(desk).legs] == ["1.1"]

    def test_a_call_that_begins_while_listed_is_told_before_the_list_and_only_once(self) -> None:
        desk = Desk()
        desk.log_in()
        status, bridges = desk.listing()
        desk.say(ANNA.says("Newchannel"))
        desk.say(complete("StatusComplete", status) + complete("BridgeListComplete", bridges))
        assert [verdict.news for verdict in verdicts(desk.events)] == [News.STARTED]

    def test_the_answers_may_come_in_either_order(self) -> None:
        desk = Desk()
        desk.log_in()
        status, bridges = desk.listing()
        desk.say(complete("BridgeListComplete", bridges))
        assert not desk.session.is_live
        desk.say(complete("StatusComplete", status))
        assert desk.session.is_live

    def test_the_end_of_another_question_does_not_end_the_list(self) -> None:
        desk = Desk()
        desk.log_in()
        desk.say(complete("StatusComplete", f"{NONCE}-other") + complete("BridgeListComplete", f"{NONCE}-other"))
        assert not desk.session.is_live

    def test_asked_anew_the_same_list_is_not_begun_twice(self) -> None:
        desk = Desk().go_live()
        assert desk.session.list_anew() == [ListingBegins()]
        assert desk.session.list_anew() == []
        asked = desk.session.outgoing()
        assert asked.count(b"Action: Status") == 1

    def test_ids_of_one_list_do_not_serve_for_the_next(self) -> None:
        desk = Desk().go_live()
        old = desk.listing()
        desk.events += desk.session.list_anew()
        desk.say(complete("StatusComplete", old[0]) + complete("BridgeListComplete", old[1]))
        assert [type(event) for event in desk.events].count(Listed) == 1

    def test_a_caller_met_in_the_list_is_asked_about_too(self) -> None:
        desk = Desk()
        desk.rows = lambda status, bridges: ANNA.row(status, dnid="+13125550100")
        desk.go_live()
        assert [question["Channel"] for question in desk.questions()] == [ANNA.name] * 2

    def test_a_phone_calling_out_is_no_caller_from_outside(self) -> None:
        desk = Desk()
        out = Channel("PJSIP/103-00000009", "2.1", "2.1", "from-internal", "+12025550188")
        row = out.row("STATUS", dnid="+12025550188").replace(b"CallerIDNum: +12025550143", b"CallerIDNum: 103")
        desk.rows = lambda status, bridges: row.replace(b"STATUS", status.encode())
        desk.go_live()
        [leg] = self.listed(desk).legs
        assert leg.created.arriving
        assert not leg.created.trunk

    def test_not_even_one_with_a_full_number_of_its_own(self) -> None:
        desk = Desk()
        out = Channel("PJSIP/103-00000009", "2.1", "2.1", "from-internal", "+12025550188")
        desk.rows = lambda status, bridges: out.row(status, dnid="+12025550188")
        desk.go_live()
        [leg] = self.listed(desk).legs
        assert not leg.created.trunk

    def test_callers_who_went_in_a_gap_are_forgotten(self) -> None:
        desk = Desk().go_live()
        desk.say(ANNA.says("Newchannel"))
        dialect = desk.session._dialect
        Desk(new_session(dialect, desk.session.startup)).go_live(uptime=90)
        assert dialect.trunks.channels == {}


class TestQuestions:
    """Whether a number is withheld shows only on the live channel."""

    def ringing(self) -> tuple[Desk, list[str]]:
        desk = Desk().go_live()
        desk.say(ANNA.says("Newchannel"))
        return desk, [question["ActionID"].removeprefix(f"{NONCE}-") for question in desk.questions()]

    def told(self, desk: Desk) -> list[bool | None]:
        return [event.withheld for event in desk.events if isinstance(event, LegWithheld)]

    def test_both_variables_are_asked_at_the_first_event(self) -> None:
        desk, _ = self.ringing()
        assert [q["Variable"] for q in desk.questions()] == ["CALLERID(pres)", "CALLINGNUMPRES_SV"]
        assert {q["Channel"] for q in desk.questions()} == {ANNA.name}

    @pytest.mark.parametrize(
        ("first", "second", "withheld"),
        [
            ("allowed_not_screened", "", {False}),
            ("allowed", "prohib_passed_screen", {True}),
            ("prohib_not_screened", "", {True}),
            ("prohib", "prohib", {True}),
            ("unavailable", "", {True}),
            ("", "", {None}),
            ("allowed", "allowed", {False}),
        ],
    )
    def test_what_the_answers_mean(self, first: str, second: str, withheld: set[bool | None]) -> None:
        desk, (one, two) = self.ringing()
        desk.say(answer(one, ("Variable", "x"), ("Value", first)))
        desk.say(answer(two, ("Variable", "y"), ("Value", second)))
        assert set(self.told(desk)) == withheld

    def test_one_answer_is_enough_to_withhold_but_not_to_show(self) -> None:
        desk, (one, _) = self.ringing()
        desk.say(answer(one, ("Value", "allowed")))
        assert self.told(desk) == []
        desk, (one, _) = self.ringing()
        desk.say(answer(one, ("Value", "prohib")))
        assert self.told(desk) == [True]

    def test_two_refusals_tell_that_nobody_can_tell(self) -> None:
        desk, (one, two) = self.ringing()
        for question in (one, two):
            desk.say(answer(question, ("Message", "No such channel"), response="Error"))
        assert self.told(desk) == [None]

    def test_an_answer_after_the_caller_has_gone_changes_nothing(self) -> None:
        desk, (one, two) = self.ringing()
        desk.say(ANNA.says("Hangup", ("Cause", "16"), ("Cause-txt", "x")))
        before = verdicts(desk.events)
        desk.say(answer(one, ("Value", "allowed")) + answer(two, ("Value", "")))
        assert verdicts(desk.events) == before

    def test_an_answer_twice_or_to_nobodys_question_says_nothing(self) -> None:
        desk, (one, two) = self.ringing()
        said = answer(one, ("Value", "allowed")) + answer(two, ("Value", ""))
        desk.say(said)
        desk.say(said + answer("pres99", ("Value", "prohib")))
        assert self.told(desk) == [False]

    def test_a_pbx_that_never_answers_costs_no_memory(self) -> None:
        desk = Desk().go_live()
        for number in range(6000):
            caller = Channel(f"PJSIP/trunk-{number:08x}", f"9.{number}", f"9.{number}")
            desk.session.feed(caller.says("Newchannel"))
        assert len(desk.session._questions) <= 10_001

    def test_phones_and_outbound_legs_are_not_asked_about(self) -> None:
        desk = Desk().go_live()
        desk.say(ANNA.says("Newchannel"))
        asked = len(desk.questions())
        desk.say(PHONE.says("Newchannel", state=0))
        desk.say(Channel("PJSIP/trunk-00000007", "1.7", "1.1").says("Newchannel", state=0))
        desk.say(Channel("PJSIP/103-00000008", "3.1", "3.1", "from-internal").says("Newchannel"))
        assert len(desk.questions()) == asked

    def test_a_channel_name_is_never_able_to_write_an_action_of_its_own(self) -> None:
        desk = Desk().go_live()
        name = "PJSIP/trunk\x0bAction: Originate-00000001"
        desk.say(Channel(name, "4.1", "4.1").says("Newchannel"))
        assert desk.questions() == []

    def test_a_caller_who_shows_only_with_his_second_event_that_he_arrives_is_asked_about(self) -> None:
        desk = Desk().go_live()
        caller = Channel("SIP/trunk-00000001", "5.1", "5.1")
        desk.say(caller.says("Newchannel", state=0))
        desk.say(caller.says("Newstate", state=4))
        assert [verdict.news for verdict in verdicts(desk.events)] == [News.STARTED]
        assert len(desk.questions()) == 2

    def test_an_answer_after_two_empty_lines_is_read(self) -> None:
        desk, (one, two) = self.ringing()
        extra = frame(("Event", "TestEvent"), ("Type", "StateChange")) + b"\r\n"
        desk.say(extra + answer(one, ("Value", "prohib")) + extra + answer(two, ("Value", "")))
        assert self.told(desk) == [True]


class TestTelling:
    def test_a_ping_is_an_action_with_an_id_of_its_own(self) -> None:
        session = Session("u", "s", Dialect(CONTEXTS), NONCE)
        session.ping()
        assert session.outgoing() == b"Action: Ping\r\nActionID: feedc0de-ping\r\n\r\n"
        assert session.outgoing() == b""

    def test_trunk_channels_are_trunks_whatever_their_context(self) -> None:
        desk = Desk(Session("u", "s", Dialect((), ("PJSIP/carrier-*",)), NONCE)).go_live()
        said = desk.say(Channel("PJSIP/carrier-00000001", "6.1", "6.1", "custom").says("Newchannel"))
        assert [event.trunk for event in said if isinstance(event, LegCreated)] == [True]
