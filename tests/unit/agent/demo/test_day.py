"""The office's day: short enough to watch, and everything in it that a day can bring."""

from collections.abc import Mapping

import pytest

from agent.demo.asterisk.recording import catalogue as of_asterisk
from agent.demo.day import CALLS, SPEED, Day, calls_at
from agent.demo.freeswitch.recording import catalogue as of_freeswitch
from agent.demo.recording import Recording

CATALOGUES = {"asterisk": of_asterisk(), "freeswitch": of_freeswitch()}

each_pbx = pytest.mark.parametrize(("pbx", "known"), CATALOGUES.items())


@each_pbx
def test_the_day_is_told_within_a_minute(pbx: str, known: Mapping[str, Recording]) -> None:
    ends = [call.start + known[call.trace].seconds for call in Day(calls_at(pbx)).plan]
    assert max(ends) / SPEED < 50


@each_pbx
def test_the_day_has_an_answered_call_and_a_miss_of_most_kinds(pbx: str, known: Mapping[str, Recording]) -> None:
    first = [known[call.trace].calls[0] for call in Day(calls_at(pbx)).plan]
    assert sum(call.human_answered for call in first) >= 5
    assert {call.reason for call in first} >= {
        "no_answer", "busy", "abandoned", "queue_abandoned", "voicemail", "declined", "unreachable", "closed",
        "menu_abandoned",
    }  # fmt: skip
    assert {call.direction for call in first} == {"inbound", "internal", "outbound"}


def test_the_clock_passes_each_call_at_its_time_and_never_goes_back() -> None:
    day = Day()
    for call, planned in zip(CALLS, day.plan, strict=True):
        if call.after > 1:
            assert day.clock(planned.start) == call.clock
    seen = [day.clock(i / 10) for i in range(2000)]
    assert seen == sorted(seen) and seen[-1] >= CALLS[-1].clock
