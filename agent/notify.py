"""What systemd is told about this process: one datagram a message, to the socket it names in NOTIFY_SOCKET.

Protocol: sd_notify(3). Outside systemd the variable is absent and every call does nothing, so the service
needs no second path. A datagram costs microseconds, and the socket is local: it never waits.
"""

import logging
import os
import socket
import time
from collections.abc import Mapping

log = logging.getLogger(__name__)


class Notifier:
    """Speaks sd_notify. A supervisor that can't be reached is logged once, and never stops the agent.

    Make it once at start: `Notifier(os.environ.get("NOTIFY_SOCKET"))`.
    """

    def __init__(self, address: str | None) -> None:
        """`address` is NOTIFY_SOCKET: a path, `@name` for an abstract socket, or None to stay silent."""
        self._address = f"\0{address[1:]}" if address and address.startswith("@") else address
        self._heard = True

    def ready(self) -> None:
        """Start, or a reload, is complete."""
        self._send("READY=1")

    def reloading(self) -> None:
        """A reload begins; `ready` ends it. The time is what Type=notify-reload (systemd 253) demands."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        """Shutdown begins."""
        self._send("STOPPING=1")

    def watchdog(self) -> None:
        """The live loop turns. Call it from that loop alone, or it proves nothing."""
        self._send("WATCHDOG=1")

    def status(self, sentence: str) -> None:
        """One line for `systemctl status`; a line break, which would start a new message, becomes a space."""
        self._send(f"STATUS={' '.join(sentence.split())}")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK) as out:
                out.sendto(message.encode(), self._address)
        except OSError as error:
            if self._heard:
                log.warning("systemd didn't take %r at %s: %s", message, self._address, error)
            self._heard = False
        else:
            self._heard = True


def watchdog_interval(environment: Mapping[str, str] = os.environ) -> float | None:
    """Seconds between two pings: a third of WATCHDOG_USEC, so that one late ping is no death.

    None if nobody watches. WATCHDOG_PID, where set, must be this process (sd_watchdog_enabled(3)): a child
    must not feed its parent's watchdog.
    """
    usec = environment.get("WATCHDOG_USEC", "")
    pid = environment.get("WATCHDOG_PID", "")
    if not usec.isdecimal() or int(usec) == 0 or (pid and pid != str(os.getpid())):
        return None
    return int(usec) / 1_000_000 / 3
