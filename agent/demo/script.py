"""Who writes back on the demo's day, what, and what it truly means: the ground truth of the conversations."""

from dataclasses import dataclass

from agent.demo.day import KOWALSKI, WILLIAMS
from storage.vocabulary import Intent, OptOutSource

CHEN, RIVERA, SMITH = "+12025550111", "+12025550118", "+12025550119"
COOPER, FOSTER = "+12025550122", "+12025550127"
STAFF = {"+12025550102": "Bob", "+12025550101": "Alice"}
"""Mobiles of the staff, in the order in which they are asked. Bob doesn't look at his today."""
TAKEN_BY = "Alice"
REQUEST = "URGENT"
"""What staff see that a text to them is a request by."""


@dataclass(frozen=True, slots=True)
class Writing:
    """What one person writes, `after` so many seconds of play from the text it answers, and what it means.

    A caller answers the first text, staff answer every request.
    """

    number: str
    words: str
    after: float
    intent: Intent
    opts_out: OptOutSource | None = None
    doubtful: bool = False


CALLERS = (
    Writing(CHEN, "after 3 please", 4.0, Intent.CALLBACK_TIME),
    Writing(KOWALSKI, "please don't text me any more", 5.0, Intent.OPT_OUT, OptOutSource.OWN_WORDS),
    Writing(WILLIAMS, "URGENT water is coming through the ceiling", 2.0, Intent.URGENT),
    Writing(RIVERA, "Thank you!", 5.0, Intent.THANKS),
    Writing(SMITH, "wrong number", 6.0, Intent.WRONG_NUMBER, doubtful=True),
    Writing(COOPER, "Do you also fix water heaters?", 5.0, Intent.QUESTION),
    Writing(FOSTER, "STOP", 3.0, Intent.OPT_OUT, OptOutSource.KEYWORD),
)
ANSWERS = (Writing("+12025550101", "OK", 2.0, Intent.THANKS),)
"""What staff answer to a request."""


class Script:
    """Plays all handsets: told of each text that reaches one, it knows what is written back and when. No I/O.

    Times are seconds of any clock that runs as the wall's does; the day goes `speed` times as fast.
    """

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._callers = {one.number: one for one in CALLERS}
        self._staff = {one.number: one for one in ANSWERS}
        self._due: list[tuple[float, Writing]] = []

    def texted(self, number: str, body: str, now: float) -> None:
        """A text reached this handset."""
        writing = self._callers.pop(number, None)
        if writing is None and body.startswith(REQUEST):
            writing = self._staff.get(number)
        if writing is not None:
            self._due.append((now + writing.after / self._speed, writing))

    def written(self, now: float) -> list[Writing]:
        """What was written by now and not told yet, in order."""
        due = sorted((one for one in self._due if one[0] <= now), key=lambda one: one[0])
        self._due = [one for one in self._due if one[0] > now]
        return [writing for _, writing in due]
