"""A caller who writes into the stream: line breaks and whole false events in the values Asterisk prints as they came.

The attacker knows the other call's ids and has 79 bytes in each of CallerIDNum, ConnectedLineNum and Exten (what
Asterisk keeps of them), and whatever the dialplan repeats of them in AppData. He must not end, answer, hide or text
anybody else's call, nor get a number of his choice texted, nor make the PBX look restarted.
"""

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.calls.verdicts import News, Verdict
from agent.pbx.asterisk.session import Session
from agent.pbx.events import Gap, LegCreated, LegEvent, LegHungUp, ListingBegins, Restarted
from sms.numbers import read_number
from tests.unit.agent.pbx.asterisk.wires import Desk, frame, stream, verdicts

ROOM = 79
"""Bytes Asterisk keeps of a caller's number (AST_MAX_EXTENSION less its zero)."""
NUMBER, DID = b"+12025550143", b"+12025550101"
FOREIGN = "+12025550199"

Where = str
PLACES: tuple[Where, ...] = ("CallerIDNum", "ConnectedLineNum", "Exten", "AppData", "everywhere")


def calls_of(name: str) -> tuple[tuple[float, bytes], ...]:
    """A recorded stream without the login of its recorder."""
    return tuple(pair for pair in stream(name) if not pair[1].startswith(b"Event: FullyBooted"))


@cache
def attacker() -> tuple[tuple[float, bytes], ...]:
    """A call nobody took. In it the number is the attacker's to choose."""
    return calls_of("no_answer")


@cache
def victim() -> tuple[tuple[float, bytes], ...]:
    """Another call, answered after 3 s and over after 9, its first event a little before the attacker's."""
    return tuple((at - 0.01, message) for at, message in calls_of("answered"))


def value(message: bytes, name: bytes) -> str:
    return message.partition(b"\r\n%s: " % name)[2].partition(b"\r\n")[0].decode()


def first(messages: tuple[tuple[float, bytes], ...]) -> bytes:
    return next(message for _, message in messages if message.startswith(b"Event: Newchannel\r\n"))


OWN_LEG, OWN_CHANNEL = value(first(attacker()), b"Uniqueid"), value(first(attacker()), b"Channel")
THEIR_LEG, THEIR_CHANNEL = value(first(victim()), b"Uniqueid"), value(first(victim()), b"Channel")


def poisoned(message: bytes, payload: bytes, place: Where) -> bytes:
    """The attacker's event with his text where the number stood."""
    lines = message.removesuffix(b"\r\n\r\n").split(b"\r\n")
    out = []
    for line in lines:
        name, _, rest = line.partition(b": ")
        here = place in (name.removeprefix(b"Dest").decode(), "everywhere")
        if here and name.removeprefix(b"Dest") in (b"CallerIDNum", b"ConnectedLineNum", b"AppData"):
            rest = rest.replace(NUMBER, payload)
        if here and name in (b"Exten", b"DestExten"):
            rest = rest.replace(DID, payload)
        out.append(name + b": " + rest)
    changed = b"\r\n".join(out) + b"\r\n\r\n"
    if place in ("AppData", "everywhere") and message.startswith(b"Event: Newexten\r\n"):
        head = message.partition(b"\r\nApplication: ")[0]
        changed += head + b'\r\nApplication: NoOp\r\nAppData: Using CallerID "%b" <%b>\r\n\r\n' % (payload, payload)
        changed += head + b"\r\nApplication: ExecIf\r\nAppData: 1?Set(CALLERID(name)=%b)\r\n\r\n" % payload
    return changed


def both(payload: bytes, place: Where) -> list[LegEvent]:
    """What a session makes of the two calls woven into each other."""
    hostile = [(at, poisoned(message, payload[:ROOM], place)) for at, message in attacker()]
    woven = sorted([*hostile, *victim()], key=lambda pair: pair[0])
    desk = Desk().go_live()
    return [event for _, message in woven for event in desk.session.feed(message)]


@cache
def legs_alone() -> frozenset[str]:
    """Every leg there is when nobody attacks."""
    return frozenset(leg for event in both(NUMBER, "everywhere") if (leg := getattr(event, "leg", None)))


@cache
def victim_alone() -> tuple[Verdict, ...]:
    desk = Desk().go_live()
    said = [event for _, message in victim() for event in desk.session.feed(message)]
    return tuple(verdicts(said))


def judge(said: list[LegEvent], payload: bytes) -> None:
    """Nothing of what must not happen has happened."""
    assert not [event for event in said if isinstance(event, (Restarted, Gap, ListingBegins))]
    strangers = {leg for event in said if (leg := getattr(event, "leg", None))} - legs_alone()
    assert strangers <= {OWN_CHANNEL}, "events of legs nobody has"
    told = verdicts(said)
    theirs = [verdict for verdict in told if verdict.call.id == THEIR_LEG]
    assert [v.news for v in theirs] == [v.news for v in victim_alone()]
    assert theirs[-1].call == replace(victim_alone()[-1].call)
    own = [verdict for verdict in told if verdict.call.id in (OWN_LEG, OWN_CHANNEL)]
    assert len(own) + len(theirs) == len(told)
    assert [v.news for v in own].count(News.STARTED) == 1, "the attacker's call is recorded, once"
    assert News.ANSWERED not in [v.news for v in own]
    torn = b"\r" in payload[:ROOM] or b"\n" in payload[:ROOM]
    for verdict in own:
        if torn and verdict.call.number != NUMBER.decode():
            assert not read_number(verdict.call.number, "US").textable, verdict.call.number


FORGED = {
    "line break": b"+12025550143\r\n",
    "empty line": b"+12025550143\r\n\r\n",
    "many empty lines": b"+12025550143" + b"\r\n" * 30,
    "carriage return alone": b"+12025550143\rEvent: Hangup",
    "line feed alone": b"+12025550143\nEvent: Hangup\n\n",
    "Hangup of the other": f"1\r\n\r\nEvent: Hangup\r\nUniqueid: {THEIR_LEG}\r\nLinkedid: {THEIR_LEG}".encode(),
    "Hangup by channel": f"1\r\n\r\nEvent: Hangup\r\nPrivilege: call,all\r\nChannel: {THEIR_CHANNEL}".encode(),
    "BridgeEnter": f"1\r\n\r\nEvent: BridgeEnter\r\nBridgeUniqueid: x\r\nUniqueid: {OWN_LEG}".encode(),
    "FullyBooted": b"\r\n\r\nEvent: FullyBooted\r\nPrivilege: system,all\r\nUptime: 0\r\nLastReload: 0\r\n",
    "FullyBooted, short": b"\r\n\r\nEvent: FullyBooted\r\nUptime: 0\r\nLastReload: 0\r\nStatus: Fully Booted\r\n\r\n",
    "two halves of FullyBooted": b"\r\nUptime: 0\r\nStatus: Fully Booted\r\n\r\nEvent: FullyBooted\r\nSystemName: ",
    "Response": b"1\r\n\r\nResponse: Error\r\nActionID: feedc0d-login\r\nMessage: Permission denied\r\n\r\n",
    "Newchannel": f"1\r\n\r\nEvent: Newchannel\r\nPrivilege: \r\nChannel: PJSIP/trunk-1\r\n{FOREIGN}".encode(),
    "another number": f"1\r\nCallerIDNum: {FOREIGN}\r\nCallerIDName: x".encode(),
    "another number, own run": f"{FOREIGN}\r\nCallerIDName: x\r\nConnectedLineNum: 1".encode(),
    "another name of the leg": f"1\r\nUniqueid: {THEIR_LEG}\r\nLinkedid: {THEIR_LEG}".encode(),
    "another context": b"1\r\nContext: from-internal\r\nExten: s\r\nPriority: 1",
    "a clean number after a break": b"\r\n+12025550143",
    "a clean number before the event": b"+12025550143\r\n\r\nEvent: x\r\nCallerIDName: ",
    "VarSet": b"1\r\n\r\nEvent: VarSet\r\nVariable: CALLINGNUMPRES_SV\r\nValue: allowed\r\n\r\n",
    "high bytes": b"\xff\xfe\r\n\r\n\x00\x1b[2J",
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_frame_decides_nothing(kind: str, place: Where) -> None:
    judge(both(FORGED[kind], place), FORGED[kind])


TOKENS = [
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b"\r",
    b"Event: Hangup",
    b"Event: BridgeEnter",
    b"Event: Newchannel",
    b"Event: Newstate",
    b"Event: FullyBooted",
    b"Event: Status",
    b"Event: VarSet",
    b"Event: DialEnd",
    b"Privilege: ",
    b"Privilege: call,all",
    b"Privilege: system,all",
    b"SystemName: ",
    f"Channel: {THEIR_CHANNEL}".encode(),
    b"Channel: x",
    b"ChannelState: 4",
    b"ChannelStateDesc: ",
    b"CallerIDNum: ",
    f"CallerIDNum: {FOREIGN}".encode(),
    b"CallerIDName: ",
    b"ConnectedLineNum: ",
    b"ConnectedLineName: ",
    b"AccountCode: ",
    b"Context: from-trunk",
    b"Exten: 1",
    b"Priority: 1",
    f"Uniqueid: {THEIR_LEG}".encode(),
    f"Linkedid: {THEIR_LEG}".encode(),
    b"Uptime: 0",
    b"LastReload: 0",
    b"Status: Fully Booted",
    FOREIGN.encode(),
    NUMBER,
    b"x",
]


@given(st.lists(st.sampled_from(TOKENS), min_size=1, max_size=10).map(b"".join), st.sampled_from(PLACES))
@settings(max_examples=150, deadline=None)
def test_nothing_a_caller_can_fit_into_his_number_decides_anything(payload: bytes, place: Where) -> None:
    judge(both(payload, place), payload)


def test_the_attackers_own_hangup_is_still_seen() -> None:
    said = both(FORGED["Hangup of the other"], "CallerIDNum")
    ends = [event for event in said if isinstance(event, LegHungUp) and event.leg == OWN_LEG]
    told = [verdict.news for verdict in verdicts(said) if verdict.call.id == OWN_LEG]
    assert told[-1] is News.ENDED
    assert not ends or ends[-1].call == OWN_LEG


def test_a_frame_torn_for_good_records_the_call_and_hides_none_after_it() -> None:
    """The rest never comes: the next whole event is another call's, and counts."""
    desk = Desk().go_live()
    torn = first(attacker()).partition(b"\r\nCallerIDName")[0] + b"\r\n\r\n"
    said = desk.session.feed(torn) + desk.session.feed(first(victim()))
    assert [(event.leg, event.trunk) for event in said if isinstance(event, LegCreated)] == [
        (OWN_CHANNEL, True),
        (THEIR_LEG, True),
    ]
    assert not read_number(said[0].number if isinstance(said[0], LegCreated) else "", "US").textable


def test_a_frame_torn_by_the_end_of_the_link_does_not_reach_into_the_next_connection() -> None:
    desk = Desk().go_live(uptime=74)
    desk.session.feed(first(attacker()).partition(b"\r\nCallerIDName")[0] + b"\r\n\r\n")
    again = Desk(replace_session(desk)).go_live(uptime=90)
    assert Gap() in again.events


def replace_session(desk: Desk) -> Session:
    return Session("secondring", "secret", desk.session._dialect, "feedc0de", desk.session.startup)


def test_a_forged_shutdown_does_not_end_the_session() -> None:
    desk = Desk().go_live()
    message = poisoned(
        first(attacker()), b"1\r\n\r\nEvent: Shutdown\r\nShutdown: Cleanly\r\nRestart: True", "CallerIDNum"
    )
    assert [type(event) for event in desk.session.feed(message)] == [LegCreated]
    assert desk.session.is_live


def test_a_forged_shutdown_is_not_taken_for_the_reason_of_a_later_loss() -> None:
    desk = Desk().go_live()
    desk.session.feed(poisoned(first(attacker()), b"1\r\n\r\nEvent: Shutdown\r\nRestart: True", "CallerIDNum"))
    assert desk.session.goodbye == ""


def test_a_torn_row_of_a_listing_is_mended_and_its_number_is_nobodys() -> None:
    from tests.unit.agent.pbx.asterisk.test_listing_snapshots import snapshot_rows

    desk = Desk()
    rows = snapshot_rows("direct_2").replace(NUMBER, b"+12025550143\r\n\r\nEvent: StatusComplete\r\nx: ")
    desk.rows = lambda status, bridges: rows.replace(b"STATUS", status.encode())
    desk.go_live()
    [listed] = [event for event in desk.events if type(event).__name__ == "Listed"]
    numbers = [leg.created.number for leg in listed.legs if leg.created.arriving]  # type: ignore[union-attr]
    assert len(numbers) == 1
    assert not read_number(numbers[0], "US").textable


def test_every_message_of_the_attack_is_one_asterisk_could_send() -> None:
    """The yardstick itself: what is woven in is at most 79 bytes in each value."""
    message = poisoned(first(attacker()), b"x" * ROOM, "CallerIDNum")
    assert b"CallerIDNum: " + b"x" * ROOM + b"\r\n" in message
    assert frame(("A", "1")) == b"A: 1\r\n\r\n"
