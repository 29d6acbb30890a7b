"""The player's own time: seconds of play, which can run faster than the wall, stand still, or not wait at all."""

import asyncio
import math
import time

COARSE = 0.001  # seconds: events due within this of each other share a wake-up


class Clock:
    """`speed` seconds of play pass in one second; `math.inf`: every wait is over at once."""

    def __init__(self, speed: float) -> None:
        if not speed > 0:
            raise ValueError(f"speed is a number above 0, not {speed}")
        self.speed = speed
        self._played = 0.0
        self._since: float | None = None  # None: stands still
        self._changed = asyncio.Event()

    def now(self) -> float:
        """Seconds of play so far."""
        if self._since is None or math.isinf(self.speed):
            return self._played
        return self._played + (time.monotonic() - self._since) * self.speed

    def start(self) -> None:
        """Let time pass."""
        if self._since is None:
            self._since = time.monotonic()
            self._changed.set()

    def stop(self) -> None:
        """Hold it."""
        self._played = self.now()
        self._since = None

    async def until(self, due: float) -> None:
        """Return once `due` seconds of play have passed; never at once, so that others get their turn."""
        while True:
            if self._since is None:
                self._changed.clear()
                await self._changed.wait()
            if math.isinf(self.speed):
                self._played = max(self._played, due)
                await asyncio.sleep(0)
                return
            await asyncio.sleep(max((due - self.now()) / self.speed, COARSE))
            if self._since is not None and self.now() >= due - 1e-9:
                return

    def real(self, seconds: float) -> float:
        """How long this much play lasts on the wall; as recorded where nothing waits."""
        return seconds if math.isinf(self.speed) else seconds / self.speed
