"""What is made of the applications a FreeSWITCH or FusionPBX starts on a leg."""

import pytest

from agent.calls.past import calls_over
from agent.pbx.events import App, LegAttested, LegCreated, LegDialled
from agent.pbx.freeswitch.channels import app_of, phone_of, profile_of
from agent.pbx.freeswitch.dialect import Dialect
from storage.vocabulary import Reason

FIRST = {
    "Event-Name": "CHANNEL_CREATE", "Unique-ID": "a", "Call-Direction": "inbound", "Caller-Context": "public",
    "Channel-Name": "sofia/external/+12025550143@192.0.2.1", "Caller-Caller-ID-Number": "+12025550143",
    "Caller-Destination-Number": "+13125550100", "Caller-Privacy-Hide-Number": "false",
}  # fmt: skip


@pytest.mark.parametrize(
    ("application", "data", "app"),
    [
        ("bridge", "user/101@pbx.example", App.DIAL),
        ("lua", "app.lua ring_groups", App.DIAL),
        ("lua", "app.lua voicemail", App.MAILBOX),
        ("lua", "ivr_menu.lua", App.MENU),
        ("lua", "streamfile.lua closed.wav", App.ANNOUNCEMENT),
        ("lua", "app.lua failure_handler", None),
        ("ivr", "a7f6b6e0-0000-4000-8000-000000000000", App.MENU),
        ("voicemail", "default pbx.example 101", App.MAILBOX),
        ("voicemail", "check default pbx.example 101", App.OTHER),
        ("playback", "closed.wav", App.ANNOUNCEMENT),
        ("playback", "silence_stream://200", None),
        ("playback", "local_stream://default", None),
        ("set", "a=b", None),
    ],
)
def test_what_an_application_is(application: str, data: str, app: App | None) -> None:
    assert app_of(application, data, "") is app


def test_whoever_listens_to_his_own_messages_leaves_none() -> None:
    assert app_of("lua", "app.lua voicemail", "check") is App.OTHER
    assert app_of("lua", "app.lua voicemail", "save") is App.MAILBOX


def test_a_mailbox_of_fusionpbx_takes_the_call_after_the_phone() -> None:
    dialect = Dialect(("public",))
    phone = {
        "Event-Name": "CHANNEL_CREATE", "Unique-ID": "b", "Call-Direction": "outbound",
        "Channel-Name": "sofia/internal/101@192.0.2.7:5060", "variable_originating_leg_uuid": "a",
    }  # fmt: skip

    def did(name: str, data: str) -> dict[str, str]:
        return {
            "Event-Name": "CHANNEL_EXECUTE", "Unique-ID": "a", "Application": name, "Application-Data": data,
            "variable_voicemail_action": "save",
        }  # fmt: skip

    happens = [
        (0.0, FIRST),
        (0.1, did("lua", "app.lua ring_groups")),
        (0.2, phone),
        (0.3, {"Event-Name": "CHANNEL_PROGRESS", "Unique-ID": "b"}),
        (20.0, {"Event-Name": "CHANNEL_HANGUP", "Unique-ID": "b", "Hangup-Cause": "NO_ANSWER"}),
        (20.0, {"Event-Name": "CHANNEL_HANGUP_COMPLETE", "Unique-ID": "b", "Hangup-Cause": "NO_ANSWER"}),
        (20.1, {"Event-Name": "CHANNEL_ANSWER", "Unique-ID": "a"}),
        (21.1, did("lua", "app.lua voicemail")),
        (22.1, did("playback", "silence_stream://200")),
        (40.0, {"Event-Name": "CHANNEL_HANGUP", "Unique-ID": "a", "Hangup-Cause": "NORMAL_CLEARING"}),
        (40.0, {"Event-Name": "CHANNEL_HANGUP_COMPLETE", "Unique-ID": "a", "Hangup-Cause": "NORMAL_CLEARING"}),
    ]
    events = [(at, said) for at, event in happens for said in dialect.translate(event)]
    [call] = calls_over(events, 0.0, 100.0)
    assert (call.reason, call.known_at) == (Reason.VOICEMAIL, 21.1)


def test_how_far_the_carrier_vouches_stands_in_the_first_event() -> None:
    verdict = "TN-Validation-Passed-B"
    told = Dialect(("public",)).translate(
        FIRST
        | {
            "Caller-Caller-ID-Number": f"+12025550143;verstat={verdict}",
            "variable_sip_full_from": f"<sip:+12025550143;verstat={verdict}@192.0.2.1>;tag=1",
        }
    )
    created, attested = told
    assert isinstance(created, LegCreated) and created.number == "+12025550143"
    assert attested == LegAttested("a", "a", "B")


def test_a_trunk_can_be_named_by_its_profile() -> None:
    [created] = Dialect((), ("ext*",)).translate(FIRST)
    assert isinstance(created, LegCreated) and created.trunk
    [other] = Dialect((), ("internal",)).translate(FIRST)
    assert isinstance(other, LegCreated) and not other.trunk


def test_names_of_channels() -> None:
    assert (phone_of("sofia/internal/101@192.0.2.7:5060"), profile_of("sofia/internal/101@192.0.2.7")) == (
        "101",
        "internal",
    )
    assert (phone_of("loopback/104-a"), profile_of("loopback/104-a")) == ("104-a", "")


def test_a_mobile_dialled_for_a_caller_says_its_number() -> None:
    dialect = Dialect(("public",))
    dialect.translate(FIRST)
    mobile = {
        "Event-Name": "CHANNEL_CREATE", "Unique-ID": "b", "Call-Direction": "outbound",
        "Channel-Name": "sofia/external/+12025550177", "Other-Type": "originator", "Other-Leg-Unique-ID": "a",
        "Caller-Destination-Number": "+12025550177", "variable_sip_gateway_name": "carrier",
    }  # fmt: skip
    assert LegDialled("b", "a", "+12025550177") in dialect.translate(mobile)
