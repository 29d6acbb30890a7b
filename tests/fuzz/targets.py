"""What is fuzzed: each target takes bytes and raises where a promise is broken. No fuzzer is needed to call one."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fuzz import answers, event_socket, files, pbx, words

WITHIN = 2.0
"""Seconds of CPU that no input may take, the fuzzer's own bookkeeping included."""


class TooSlow(Exception):
    """An input took longer than any may."""


@dataclass(frozen=True, slots=True)
class Target:
    """One reader. `share` of the time, `longest` input in bytes, `words` the fuzzer may put in."""

    name: str
    judge: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
    share: float = 1.0
    longest: int = 4096
    words: tuple[str, ...] = field(default=())

    def run(self, data: bytes) -> None:
        """Judge one input, and its time. Raises whatever is wrong."""
        began = time.process_time()
        self.judge(data)
        took = time.process_time() - began
        if took > WITHIN:
            raise TooSlow(f"{self.name}: {len(data)} bytes took {took:.1f} s")


def _words(name: str) -> Callable[[], list[bytes]]:
    return lambda: words.SEEDS[name]


TARGETS = {
    target.name: target
    for target in (
        Target("pbx", pbx.listen, pbx.seeds, share=4.0, longest=16_384, words=pbx.WORDS),
        Target(
            "event-socket", event_socket.listen, event_socket.seeds, share=2.0, longest=16_384, words=event_socket.WORDS
        ),
        Target("records", files.records, files.records_seeds, share=2.0, longest=16_384),
        Target("freeswitch-records", files.freeswitch_records, files.freeswitch_records_seeds, longest=32_768),
        Target("number", words.number, _words("number"), longest=300),
        Target("name", words.name, _words("name"), longest=300),
        Target("message", words.message, _words("message"), longest=2000),
        Target("reply", words.reply, _words("reply"), longest=2000),
        Target("trace", files.trace, files.trace_seeds, longest=16_384, words=pbx.WORDS),
        Target("configuration", files.configuration, files.configuration_seeds, share=2.0),
        Target("answer", answers.answer, lambda: answers.SEEDS, longest=8192),
    )
}
