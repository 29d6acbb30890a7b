"""A live listing as a real Asterisk printed it in the middle of calls, restored into the tracker."""

import gzip
import json
from functools import cache

import pytest

from agent.calls.tracker import Tracker
from agent.calls.verdicts import News, RingPlan
from agent.pbx.events import App, Listed
from tests.unit.agent.pbx.asterisk.wires import TRACES, Desk, frame

SNAPSHOTS = sorted(path.name.removesuffix(".json.gz") for path in (TRACES / "snapshots").glob("*.json.gz"))


@cache
def snapshot_rows(name: str) -> bytes:
    """The answers to Status and BridgeList of a snapshot, with the ids STATUS and BRIDGES; without their ends."""
    taken = json.loads(gzip.decompress((TRACES / "snapshots" / f"{name}.json.gz").read_bytes()))
    out = b""
    for action, event, question in (("Status", "Status", "STATUS"), ("BridgeList", "BridgeListItem", "BRIDGES")):
        for row in taken[action]["events"]:
            if row[0][1] == event:
                out += frame(*[(key, question if key == "ActionID" else value) for key, value in row])
    return out


def restored(name: str) -> tuple[Tracker, list[News]]:
    """A tracker that heard nothing but this listing, at second 100, and what it told."""
    desk, rows = Desk(), snapshot_rows(name)
    desk.rows = lambda status, bridges: rows.replace(b"STATUS", status.encode()).replace(b"BRIDGES", bridges.encode())
    desk.go_live()
    tracker = Tracker(lambda _: RingPlan(24.0))
    return tracker, [verdict.news for event in desk.events for verdict in tracker.take(100.0, event)]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("direct_2", [News.STARTED, News.RINGING]),
        ("direct_5", [News.STARTED, News.ANSWERED]),
        ("ring_group_2", [News.STARTED, News.RINGING]),
        ("ring_group_6", [News.STARTED, News.ANSWERED]),
        ("queue_2", [News.STARTED, News.RINGING]),
        ("queue_6", [News.STARTED, News.ANSWERED]),
        ("ivr_1", [News.STARTED]),
        ("ivr_4", [News.STARTED, News.RINGING]),
        ("voicemail_3", [News.STARTED, News.RINGING]),
        ("voicemail_11", [News.STARTED, News.MISSED]),
        ("conference_2", [News.STARTED]),
        ("conference_5", [News.STARTED, News.ANSWERED, News.STARTED, News.ANSWERED]),
        ("parked_6.5", [News.STARTED]),
        ("ami_reconnect_4.1", [News.STARTED, News.ANSWERED]),
        ("ami_reconnect_ringing_3.1", [News.STARTED, News.RINGING]),
    ],
)
def test_the_calls_in_flight_are_known_as_they_stand(name: str, told: list[News]) -> None:
    assert sorted(restored(name)[1], key=lambda news: news.value) == sorted(told, key=lambda news: news.value)


def test_every_snapshot_is_told_of() -> None:
    for name in SNAPSHOTS:
        tracker, _ = restored(name)
        inbound = [call for call in tracker.in_flight if call.direction.value == "inbound"]
        assert [(call.number, call.dialled[:2]) for call in inbound] == [("+12025550143", "+1")], name


def test_ringing_counts_from_when_the_phone_was_dialled() -> None:
    tracker, _ = restored("direct_2")
    assert tracker.next_due is not None
    assert 120.0 <= tracker.next_due <= 124.0


def test_who_waits_in_a_queue_has_no_ring_limit() -> None:
    assert restored("queue_2")[0].next_due is None


def test_an_application_is_read_as_what_it_is() -> None:
    desk, rows = Desk(), snapshot_rows("voicemail_11")
    desk.rows = lambda status, bridges: rows.replace(b"STATUS", status.encode()).replace(b"BRIDGES", bridges.encode())
    desk.go_live()
    [listed] = [event for event in desk.events if isinstance(event, Listed)]
    assert App.MAILBOX in [leg.app for leg in listed.legs]
