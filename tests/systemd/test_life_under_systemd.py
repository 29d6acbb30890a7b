"""The real service under a real notify socket: what systemd hears from start to stop."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("secondring")

CONFIG = """\
[business]
name = "Acme Plumbing"
country = "US"
timezone = "America/Chicago"

[pbx]
port = {port}
secret_file = "{folder}/pbx.secret"

[sms]
provider = "console"

[[line]]
number = "*"
message = "This is {{business}}. Sorry we missed your call. Reply STOP to opt out."
"""


@dataclass(frozen=True, slots=True)
class Service:
    process: subprocess.Popen[bytes]
    socket: socket.socket
    config: Path

    def hears(self, wanted: str) -> str:
        """The next message that begins so; pings of the watchdog and status lines in between are let pass."""
        while not (message := self.socket.recv(4096).decode()).startswith(wanted):
            assert message.startswith(("WATCHDOG=1", "STATUS=")), f"{message!r} instead of {wanted!r}"
        return message


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port where no PBX listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def service(tmp_path: Path, nobody: int) -> Iterator[Service]:
    """`secondring run`, started as systemd would, beside a PBX that is down."""
    config = tmp_path / "secondring.toml"
    config.write_text(CONFIG.format(port=nobody, folder=tmp_path))
    (tmp_path / "pbx.secret").write_text("hush\n")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(20)
        environment = {
            "PATH": os.environ["PATH"],
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "WATCHDOG_USEC": "300000",
            "STATE_DIRECTORY": str(tmp_path),
        }
        process = subprocess.Popen([COMMAND, "run", "--config", config], env=environment)
        try:
            yield Service(process, listener, config)
        finally:
            process.kill()
            process.wait()


def test_it_is_ready_without_a_pbx_feeds_the_watchdog_and_says_goodbye(service: Service) -> None:
    service.hears("READY=1")
    service.hears("WATCHDOG=1")
    service.process.send_signal(signal.SIGTERM)
    service.hears("STOPPING=1")
    assert service.process.wait(20) == 0


def test_a_reload_is_announced_and_ended(service: Service) -> None:
    service.hears("READY=1")
    service.process.send_signal(signal.SIGHUP)
    assert "MONOTONIC_USEC=" in service.hears("RELOADING=1")
    service.hears("READY=1")


def test_a_mistake_in_the_file_leaves_the_service_running_as_it_was(service: Service) -> None:
    service.hears("READY=1")
    service.config.write_text("[business]\nname = 7\n")
    service.process.send_signal(signal.SIGHUP)
    service.hears("RELOADING=1")
    service.hears("READY=1")
    service.hears("WATCHDOG=1")
    assert service.process.poll() is None
