"""A recording of an event socket replays as the connection was."""

from agent.pbx.freeswitch.tape import PEOPLE, FreeswitchTape
from agent.pbx.masking import Mask
from tests.unit.agent.pbx.freeswitch.socket_end import GREETING, STATUS, plain, response, stream


def test_every_event_is_kept_as_it_was() -> None:
    tape = FreeswitchTape()
    sent = [list(event) for _, event in stream("weird_caller")]
    taped = tape.heard(b"".join(plain(event) for event in sent))
    assert [message.headers for message in taped] == sent
    assert [message.asked for message in taped] == [None] * len(sent)


def test_the_version_is_learnt_from_what_the_login_asks() -> None:
    tape = FreeswitchTape()
    assert tape.heard(GREETING + response(STATUS)) == []
    assert tape.version == "1.10.12"
    assert tape.questions() == b""


def test_masked_it_names_nobody_and_no_number() -> None:
    said = [
        ("Caller-Caller-ID-Name", "Maria Ortiz"),
        ("Caller-Caller-ID-Number", "+13125551234"),
        ("Other-Leg-Caller-ID-Name", "Maria Ortiz"),
        ("variable_sip_full_from", '"Maria Ortiz" <sip:+13125551234@192.0.2.1>;tag=1'),
        ("variable_caller_id", '"Maria Ortiz" <+13125551234>'),
        ("Channel-Name", "sofia/external/+13125551234@192.0.2.1"),
        ("Application-Data", "effective_caller_id_name=Maria Ortiz"),
    ]
    masked = str(Mask(PEOPLE, lambda _: False).headers(said))
    assert "Ortiz" not in masked and "5551234" not in masked
    assert masked.count("CALLER 1") == 5
