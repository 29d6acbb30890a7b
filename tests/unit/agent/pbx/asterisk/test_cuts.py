"""Bytes of a real socket cut anywhere, and what no Asterisk would send."""

import gzip
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.calls.verdicts import News
from agent.pbx.asterisk.reader import FRAME_LIMIT, FrameTooLong, NotAmi, Reader, headers
from agent.pbx.events import LegEvent
from agent.pbx.trouble import Cause, Trouble
from tests.unit.agent.pbx.asterisk.wires import TRACES, Desk, decided, new_session, stream

WIRES = sorted(path.name.removesuffix(".ami.gz") for path in (TRACES / "wire").glob("*.ami.gz"))


@cache
def wire(name: str) -> bytes:
    """The bytes of a real socket, banner and login answer included."""
    return gzip.decompress((TRACES / "wire" / f"{name}.ami.gz").read_bytes())


def heard(desk: Desk, data: bytes) -> list[LegEvent]:
    return desk.session.feed(data)


@cache
def whole(name: str) -> tuple[LegEvent, ...]:
    """What a live session makes of a recorded stream in one piece."""
    return tuple(heard(Desk().go_live(), b"".join(frame for _, frame in stream(name))))


class TestCuts:
    @pytest.mark.parametrize("name", WIRES)
    def test_a_real_socket_byte_by_byte_and_in_one_piece(self, name: str) -> None:
        pieces, data = Reader(), wire(name)
        frames = [frame for at in range(len(data)) for frame in pieces.feed(data[at : at + 1])]
        assert frames == Reader().feed(data)
        assert len(frames) > 10

    @pytest.mark.parametrize("name", ["rg_second_answers", "weird_inject_hangup", "weird_unicode"])
    def test_byte_by_byte_the_session_says_the_same(self, name: str) -> None:
        desk = Desk().go_live()
        data = b"".join(frame for _, frame in stream(name))
        said = [event for at in range(len(data)) for event in desk.session.feed(data[at : at + 1])]
        assert tuple(said) == whole(name)

    @given(st.lists(st.binary(max_size=12).map(lambda b: b.replace(b"\r\n\r\n", b"")), max_size=12), st.data())
    @settings(max_examples=60, deadline=None)
    def test_any_bytes_come_out_in_the_same_frames_however_they_are_cut(
        self, parts: list[bytes], data: st.DataObject
    ) -> None:
        sent = b"Asterisk Call Manager/11\r\n" + b"\r\n\r\n".join(parts) + b"\r\n\r\n"
        places = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=8)))
        reader = Reader()
        cut = [frame for a, b in pairwise([0, *places, len(sent)]) for frame in reader.feed(sent[a:b])]
        assert cut == Reader().feed(sent)


class TestGarbage:
    def test_an_ftp_server_is_no_asterisk(self) -> None:
        with pytest.raises(Trouble) as told:
            new_session().feed(b"220 ProFTPD ready\r\n")
        assert told.value.cause is Cause.NOT_THIS_PBX
        assert "220 ProFTPD" in told.value.sentence

    def test_a_greeting_without_end_is_none(self) -> None:
        with pytest.raises(NotAmi):
            Reader().feed(b"Asterisk Call Manager" + b"x" * 300)

    def test_what_begins_like_a_banner_is_waited_for(self) -> None:
        reader = Reader()
        assert reader.feed(b"Aster") == []
        assert reader.feed(b"isk Call Manager/5.0.4\r\nA: 1\r\n\r\n") == [b"A: 1"]

    def test_while_a_frame_never_ends_the_buffer_stays_bounded(self) -> None:
        desk, line = Desk().go_live(), b"Event: " + b"x" * 65_536
        with pytest.raises(Trouble):
            for _ in range(100):
                desk.session.feed(line)
                assert len(desk.session._reader._rest) <= FRAME_LIMIT

    def test_a_megabyte_line_that_ends_is_read_over(self) -> None:
        desk = Desk().go_live()
        huge = b"Event: Newexten\r\nAppData: " + b"x" * 200_000 + b"\r\n\r\n"
        assert desk.session.feed(huge) == []
        assert tuple(heard(desk, b"".join(frame for _, frame in stream("answered")))) == whole("answered")

    @pytest.mark.parametrize(
        "line",
        [
            b"no colon at all",
            b":",
            b": value without name",
            b"Event:Hangup",
            b"Event: Hangup\x00",
            b"\xff\xfe\xfd",
            b"Event: Newchannel\r\nChannel",
            b"Event: Newchannel",
            b"Event: FullyBooted",
            b"Response: Success",
            b"\r\n\r\n\r\n",
        ],
    )
    def test_a_strange_frame_says_nothing(self, line: bytes) -> None:
        assert Desk().go_live().session.feed(line + b"\r\n\r\n") == []

    def test_wrong_utf8_in_a_name_is_replaced_and_the_call_goes_on(self) -> None:
        data = b"".join(frame for _, frame in stream("no_answer"))
        torn = data.replace(b"CallerIDName: <unknown>", b"CallerIDName: Ann\xe9 \xff")
        [(news, call)] = decided(heard(Desk().go_live(), torn))
        assert (news, call.name) == (News.MISSED, "Ann\ufffd \ufffd")

    def test_an_uptime_of_ten_thousand_digits(self) -> None:
        boot = b"Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: %b\r\nLastReload: 1\r\nStatus: Fully Booted"
        assert Desk().go_live().session.feed(boot % (b"9" * 10_000) + b"\r\n\r\n") == []

    @given(st.binary(max_size=300))
    @settings(max_examples=100, deadline=None)
    def test_any_bytes_at_all(self, data: bytes) -> None:
        desk = Desk().go_live()
        desk.session.feed(b"Event: Newchannel\r\n" + data + b"\r\n\r\n")
        headers(data)

    def test_frame_too_long_is_said_by_the_reader(self) -> None:
        reader = Reader()
        reader.feed(b"Asterisk Call Manager/11\r\n")
        with pytest.raises(FrameTooLong):
            reader.feed(b"x" * (FRAME_LIMIT + 1))
