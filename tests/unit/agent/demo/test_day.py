"""The office's day: short enough to watch, and everything in it that a day can bring."""

from agent.demo.asterisk.recording import catalogue
from agent.demo.day import CALLS, SPEED, Day


def test_the_day_is_told_within_a_minute() -> None:
    ends = [call.start + catalogue()[call.trace].seconds for call in Day().plan]
    assert max(ends) / SPEED < 50


def test_the_day_has_an_answered_call_and_a_miss_of_most_kinds() -> None:
    first = [catalogue()[call.trace].calls[0] for call in Day().plan]
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
    assert seen == sorted(seen) and seen[-1] == CALLS[-1].clock
