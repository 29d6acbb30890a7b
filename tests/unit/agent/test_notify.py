"""What a supervisor that listens on a real datagram socket hears."""

import os
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.notify import Notifier, watchdog_interval


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5)
        yield listener


@pytest.fixture
def notifier(supervisor: socket.socket) -> Notifier:
    return Notifier(supervisor.getsockname())


def test_a_life_from_ready_to_stopping_is_told_one_datagram_a_step(
    supervisor: socket.socket, notifier: Notifier
) -> None:
    notifier.ready()
    notifier.watchdog()
    notifier.stopping()
    assert [supervisor.recv(4096) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]


def test_a_reload_carries_the_monotonic_time_it_began(supervisor: socket.socket, notifier: Notifier) -> None:
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    notifier.reloading()
    after = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    told = re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=(\d+)", supervisor.recv(4096).decode())
    assert told and before <= int(told[1]) <= after


def test_a_status_stays_one_line_so_that_no_name_in_it_can_announce_our_stopping(
    supervisor: socket.socket, notifier: Notifier
) -> None:
    notifier.status("texting Ann\nSTOPPING=1\r\n")
    assert supervisor.recv(4096) == b"STATUS=texting Ann STOPPING=1"


def test_an_abstract_socket_is_reached() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(b"\0secondring-test-%d" % os.getpid())
        listener.settimeout(5)
        Notifier(f"@secondring-test-{os.getpid()}").ready()
        assert listener.recv(4096) == b"READY=1"


@pytest.mark.parametrize("address", [None, ""])
def test_without_systemd_nothing_happens(address: str | None, caplog: pytest.LogCaptureFixture) -> None:
    Notifier(address).ready()
    assert not caplog.records


def test_a_supervisor_that_went_away_is_told_of_once_and_never_stops_the_agent(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    notifier = Notifier(str(tmp_path / "gone"))
    notifier.watchdog()
    notifier.watchdog()
    (record,) = caplog.records
    assert "No such file" in record.getMessage()


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 10.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 10.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_fed_three_times_an_interval_if_it_is_ours(
    environment: dict[str, str], seconds: float | None
) -> None:
    assert watchdog_interval(environment) == seconds
