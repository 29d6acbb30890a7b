"""`FullyBooted` is heard in both orders in which Asterisk sends it, and only whole."""

import pytest

from agent.pbx.asterisk.grammar import FULLY_BOOTED

HEAD = "Event: FullyBooted\r\nPrivilege: system,all\r\n"
AT_LOGIN = HEAD + "Uptime: 74\r\nLastReload: 74\r\nStatus: Fully Booted"
AT_BOOT = HEAD + "Status: Fully Booted\r\nUptime: 0\r\nLastReload: 0"
ROOM = 79
"""Bytes of the caller's number that Asterisk prints."""


@pytest.mark.parametrize("frame", [AT_LOGIN, AT_BOOT])
def test_both_orders_are_heard(frame: str) -> None:
    assert FULLY_BOOTED(frame)


@pytest.mark.parametrize("frame", [AT_LOGIN, AT_BOOT])
def test_one_with_anything_after_it_is_not(frame: str) -> None:
    assert not FULLY_BOOTED(frame + "\r\nCallerIDName: <unknown>")


@pytest.mark.parametrize("frame", [AT_LOGIN, AT_BOOT])
def test_the_shortest_is_longer_than_a_caller_can_write(frame: str) -> None:
    shortest = frame.replace("74", "1")
    assert len("\r\n\r\n" + shortest) > ROOM
