"""How English asks not to be texted: stop texting, take me off your list, don't text me, no more texts."""

from sms.own_words.english.demands import DEMANDS
from sms.own_words.english.doubts import DOUBTS, SHORT_DOUBTS
from sms.own_words.english.refusals import FOR_GOOD, LIMITED, REFUSALS
from sms.own_words.english.spared import ASKS_HOW, MACHINES, MISTYPED, SPARED, STOP

__all__ = [
    "ASKS_HOW", "DEMANDS", "DOUBTS", "FOR_GOOD", "LIMITED", "MACHINES", "MISTYPED", "REFUSALS", "SHORT_DOUBTS",
    "SPARED", "STOP",
]  # fmt: skip
