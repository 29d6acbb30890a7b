"""A day at a small office, told in under a minute: who calls when, and by which recording it goes."""

from bisect import bisect_right
from dataclasses import dataclass, replace

from agent.demo.plan import PlannedCall

SPEED = 3.0  # times as fast as recorded; the office's ring cycle and `min_ring` are shortened alike

MAIN, PLUMBING = "+13125550100", "+13125550101"
ORTIZ = "+12025550113"
KOWALSKI, WILLIAMS = "+12025550114", "+12025550120"


@dataclass(frozen=True, slots=True)
class OfficeCall:
    """One call of the day: the office's clock ("08:02"), seconds of play after the call before, and the call."""

    clock: str
    after: float
    trace: str
    caller: str | None = None
    name: str | None = None
    did: str | None = MAIN
    withheld: bool = False


CALLS = (
    OfficeCall("08:02", 0.0, "answered", "+12025550110", "BAKER JANE"),
    OfficeCall("08:17", 5.0, "no_answer", "+12025550111", "CHEN LI"),
    OfficeCall("08:31", 5.0, "rg_second_answers", "+12025550112"),
    OfficeCall("08:46", 4.0, "declined_603", KOWALSKI, "KOWALSKI ANNA"),
    OfficeCall("09:05", 4.0, "abandoned", ORTIZ, "ORTIZ MARIA"),
    OfficeCall("09:09", 6.0, "abandoned", ORTIZ, "ORTIZ MARIA"),
    OfficeCall("09:21", 3.0, "abandoned_at_once", "+13125550166", "WIRELESS CALLER"),
    OfficeCall("09:40", 3.0, "queue_answered", "+12025550115", "NGUYEN MINH"),
    OfficeCall("10:02", 5.0, "abandoned", "+12025550116", "HALL PETER", withheld=True),
    OfficeCall("10:15", 5.0, "abandoned", "+18005550199", "TOLL FREE CALL"),
    OfficeCall("10:33", 4.0, "ivr_hangup_inside", "+12025550117"),
    OfficeCall("10:50", 5.0, "queue_abandoned", "+12025550118", "RIVERA LUIS"),
    OfficeCall("11:05", 5.0, "no_answer", "+12025550119", "SMITH JOHN"),
    OfficeCall("11:05", 0.6, "abandoned", WILLIAMS, "WILLIAMS ROSE"),
    OfficeCall("11:30", 7.0, "busy", "+12025550121"),
    OfficeCall("12:10", 4.0, "voicemail_message", "+12025550122", "COOPER DAN"),
    OfficeCall("12:25", 6.0, "unregistered", "+12025550123", "GREEN SARA"),
    OfficeCall("12:40", 3.0, "outbound_answered", did=ORTIZ),
    OfficeCall("13:05", 8.0, "no_answer", ORTIZ, "ORTIZ MARIA"),
    OfficeCall("13:40", 5.0, "followme_desk_answers", "+12025550124"),
    OfficeCall("14:15", 5.0, "number_national", "+12025550125", "CHICAGO IL"),
    OfficeCall("14:35", 4.0, "outbound_answered", did=WILLIAMS),
    OfficeCall("14:50", 4.0, "attended_transfer", "+12025550126", "BROWN EMMA"),
    OfficeCall("15:20", 5.0, "internal_missed", did=None),
    OfficeCall("15:40", 3.0, "abandoned", KOWALSKI, "KOWALSKI ANNA"),
    OfficeCall("16:00", 4.0, "rg_nobody", "+12025550127", "FOSTER ALAN", did=PLUMBING),
    OfficeCall("16:40", 7.0, "ivr_nobody", "+12025550128", "DIAZ CARMEN"),
    OfficeCall("17:10", 5.0, "answered", "+12025550129", "MOORE TESS"),
    OfficeCall("18:05", 5.0, "closed_announcement", "+12025550130", "REED OSCAR"),
)


FREESWITCH = {
    "abandoned": "rg_mixed_abandon", "abandoned_at_once": "abandoned_2s", "voicemail_message": "voicemail",
    "followme_desk_answers": "confirm_ok", "number_national": "phone_183", "closed_announcement": "closed_message",
}  # fmt: skip
"""Where a FreeSWITCH's recording of such a call has another name, or a like one takes its place."""


def calls_at(pbx: str) -> tuple[OfficeCall, ...]:
    """The day's calls by the recordings of this kind of PBX."""
    if pbx != "freeswitch":
        return CALLS
    return tuple(replace(call, trace=FREESWITCH.get(call.trace, call.trace)) for call in CALLS)


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


class Day:
    """The plan of the day, and its clock: quiet hours pass in seconds, a call takes its time."""

    def __init__(self, calls: tuple[OfficeCall, ...] = CALLS) -> None:
        starts: list[float] = []
        for call in calls:
            starts.append((starts[-1] if starts else 0.0) + call.after)
        self.calls = calls
        self._starts = starts
        self.plan = tuple(
            PlannedCall(start, call.trace, call.caller, call.name, call.did, call.withheld)
            for start, call in zip(starts, calls, strict=True)
        )

    def clock(self, played: float) -> str:
        """The office's time ("09:05") after so many seconds of play."""
        place = max(bisect_right(self._starts, played) - 1, 0)
        minutes = float(_minutes(self.calls[place].clock))
        if place + 1 < len(self.calls) and self._starts[place + 1] > self._starts[place]:
            gone = (played - self._starts[place]) / (self._starts[place + 1] - self._starts[place])
            minutes += gone * (_minutes(self.calls[place + 1].clock) - minutes)
        elif place + 1 == len(self.calls):
            minutes += max(played - self._starts[place], 0.0) / 60.0
        return f"{int(minutes) // 60:02d}:{int(minutes) % 60:02d}"
