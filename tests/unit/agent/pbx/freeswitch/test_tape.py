"""A recording of an event socket replays as the connection was."""

from agent.pbx.freeswitch.tape import FreeswitchTape
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
