"""Bytes of a real event socket, whole, cut anywhere, and hostile."""

import gzip
from pathlib import Path

import pytest

from agent.pbx.freeswitch import reader
from agent.pbx.freeswitch.reader import Frame, NotEventSocket, PlainEvent, Reader

WIRE = Path(__file__).parents[4] / "traces" / "freeswitch" / "wire"
NAMES = sorted(path.name.removesuffix(".plain.gz") for path in WIRE.glob("*.plain.gz"))


def wire(name: str) -> bytes:
    return gzip.decompress((WIRE / f"{name}.plain.gz").read_bytes())


def whole(name: str) -> list[Frame]:
    return Reader().feed(wire(name))


def message(body: bytes, length: int | None = None) -> bytes:
    return b"Content-Length: %d\nContent-Type: text/event-plain\n\n%b" % (len(body) if length is None else length, body)


@pytest.mark.parametrize("name", NAMES)
def test_every_event_is_found_whole(name: str) -> None:
    frames = whole(name)
    assert len(frames) == wire(name).count(b"\nContent-Type: text/event-plain\n")
    for frame in frames:
        assert frame.kind == "text/event-plain"
        assert frame.body.startswith((b"Event-Name: ", b"Event-Subclass: "))
        assert frame.body.endswith(b"\n\n")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000, 65536])
def test_cut_anywhere_the_frames_are_the_same(size: int) -> None:
    data, cut = wire("weird_caller"), Reader()
    frames = [frame for at in range(0, len(data), size) for frame in cut.feed(data[at : at + size])]
    assert frames == whole("weird_caller")


def test_a_line_break_in_a_callers_number_ends_no_header() -> None:
    created = next(f for f in whole("weird_caller") if f.body.startswith(b"Event-Name: CHANNEL_CREATE\n"))
    number = PlainEvent(created.body).get("Caller-Caller-ID-Number", "")
    assert number == "+12025550143\nUnique-ID: evil"
    assert PlainEvent(created.body).get("Unique-ID", "") != "evil"


def test_a_header_that_comes_twice_counts_as_it_came_first() -> None:
    event = PlainEvent(b"Event-Name: A\nUnique-ID: one\nUnique-ID: two\n\n")
    assert event.get("Unique-ID", "") == "one"


def test_a_header_is_found_by_its_whole_name_only() -> None:
    event = PlainEvent(b"Event-Name: A\nCaller-Unique-ID: other\nX: Unique-ID: y\n\n")
    assert event.get("Event-Name", "") == "A"
    assert event.get("Unique-ID", "none") == "none"


def test_what_is_no_utf_8_is_replaced() -> None:
    assert PlainEvent(b"Event-Name: A\nCaller-Caller-ID-Name: J%E9r\xf4me\n\n").get("Caller-Caller-ID-Name", "") == (
        "J\N{REPLACEMENT CHARACTER}r\N{REPLACEMENT CHARACTER}me"
    )


def test_a_message_without_length_has_no_body() -> None:
    assert Reader().feed(b"Content-Type: auth/request\n\n") == [
        Frame("auth/request", b"Content-Type: auth/request", b"")
    ]


def test_a_head_that_never_ends_closes_the_link() -> None:
    endless = Reader()
    with pytest.raises(NotEventSocket, match="no empty line"):
        for _ in range(1000):
            endless.feed(b"x" * 1000)


def test_a_body_longer_than_any_true_one_is_not_waited_for() -> None:
    with pytest.raises(NotEventSocket, match="announced"):
        Reader().feed(message(b"", length=reader.BODY_LIMIT + 1))


def test_a_length_that_is_no_number_is_no_length() -> None:
    [frame, *_] = Reader().feed(b"Content-Length: -5\nContent-Type: text/event-plain\n\nEvent-Name: A\n\n")
    assert frame.body == b""


def test_a_body_that_comes_slowly_is_not_read_again_and_again() -> None:
    slow, body = Reader(), b"x" * 1_000_000
    data = message(body)
    frames = [frame for at in range(0, len(data), 100) for frame in slow.feed(data[at : at + 100])]
    assert frames[0].body == body
