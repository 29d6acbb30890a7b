"""Callers and staff of a storm: what they text when a text reaches them, drawn from a seed, alike each time.

Everybody writes what is sure to be read right: what people mean by their words is another test's question.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum, auto

from tests.doubles.twilio.carrier import Message
from tests.doubles.twilio.clock import Later
from tests.doubles.twilio.hook_troubles import GARNISHED
from tests.doubles.twilio.server import TwilioDouble
from tests.virtual_time import LoopClock


class Meaning(Enum):
    """What a person says, as it was meant."""

    OPT_OUT = auto()
    OPT_IN = auto()
    DOUBT = auto()
    URGENT = auto()
    URGENT_OPT_OUT = auto()
    HELP = auto()
    MACHINE = auto()
    OTHER = auto()

    @property
    def is_opt_out(self) -> bool:
        return self in (Meaning.OPT_OUT, Meaning.URGENT_OPT_OUT)

    @property
    def is_urgent(self) -> bool:
        return self in (Meaning.URGENT, Meaning.URGENT_OPT_OUT)


WORDS: dict[Meaning, tuple[str, ...]] = {
    Meaning.OPT_OUT: (
        *("STOP", "Unsubscribe", "stop please", "REMOVE", "ARRET"),
        *("take me off your list", "please don't text me again", "no me manden mas mensajes"),
    ),
    Meaning.OPT_IN: ("START", "unstop"),
    Meaning.DOUBT: ("Wrong number", "not interested", "don't call me"),
    Meaning.URGENT: ("URGENT", "Water is coming through the ceiling!!", "es urgente, se revento un tubo"),
    Meaning.URGENT_OPT_OUT: ("urgent, stop texting me and call",),
    Meaning.HELP: ("HELP", "AYUDA", "info", "aide"),
    Meaning.MACHINE: ("I'm driving and will reply when I arrive.",),
    Meaning.OTHER: ("call me after 3", "tomorrow 9am is fine", "thanks", "how much for a brake job?", "yes please", ""),
}
_MEANT = {said: meaning for meaning, words in WORDS.items() for said in words}
_GARNISH = GARNISHED.body("")

FIRST_WORD = {
    **{Meaning.OPT_OUT: 16, Meaning.DOUBT: 8, Meaning.URGENT: 10, Meaning.URGENT_OPT_OUT: 2},
    **{Meaning.HELP: 8, Meaning.MACHINE: 4, Meaning.OTHER: 40, Meaning.OPT_IN: 3},
}
"""Weights of what a caller answers first."""

ANSWERS_FIRST, ANSWERS_OTHERS = 0.7, 0.12
"""Shares of texts that are answered: a first text, and any other."""
CHANGES_MIND = 0.4
"""Share of opt-outs and opt-ins that are taken back."""
SECOND_THOUGHTS = (30.0, 900.0)
"""Most seconds until then: some think fast, so that both words are under way at once."""
STAFF_TAKES, STAFF_CHATS = 0.3, 0.05
"""Shares of requests that a person of the staff takes, or answers with something else."""
BY_LINK = 0.3
"""Share of those that are taken by the link."""


def meant(body: str) -> Meaning:
    """What a text of a person means. Raises KeyError for one that nobody says."""
    return _MEANT.get(body) or _MEANT[body.removesuffix(_GARNISH)]


def machines(number: str, seed: int) -> str | None:
    """What this number's handset answers to every text by itself, if it does."""
    share = random.Random(f"{seed} handset {number}").random()
    if share < 0.03:
        return WORDS[Meaning.MACHINE][0]
    return {3: "AYUDA", 4: "REMOVE"}.get(int(share * 100))


@dataclass
class Townsfolk:
    """Everybody with a handset. `taken_by_link`: the pressed links' tokens with the instants."""

    twilio: TwilioDouble
    staff: tuple[str, ...]
    seed: int
    taken_by_link: list[tuple[str, str, float]] = field(default_factory=list)
    links: "Links | None" = None
    _later: Later = field(default_factory=lambda: Later(LoopClock()))
    _texts: Counter[str] = field(default_factory=Counter)

    def reached(self, message: Message) -> None:
        """A text of ours is on its way to a handset."""
        if message.final.status not in ("delivered", "sent"):
            return
        self._texts[message.to] += 1
        draw = random.Random(f"{self.seed} {message.to} {self._texts[message.to]}")
        arrives = message.final.at - self.twilio.now()
        if message.to in self.staff:
            self._staff(message, arrives, draw)
        elif draw.random() < (ANSWERS_FIRST if "Sorry we missed" in message.body else ANSWERS_OTHERS):
            self._caller(message.to, arrives + draw.uniform(2, 600), draw)

    async def close(self) -> None:
        """Nobody does anything any more."""
        await self._later.stop()

    def _caller(self, number: str, after: float, draw: random.Random) -> None:
        meaning = draw.choices(list(FIRST_WORD), list(FIRST_WORD.values()))[0]
        self._writes(number, meaning, after, draw)
        while (meaning.is_opt_out or meaning is Meaning.OPT_IN) and draw.random() < CHANGES_MIND:
            after += draw.uniform(2, draw.choice(SECOND_THOUGHTS))
            meaning = Meaning.OPT_OUT if meaning is Meaning.OPT_IN else Meaning.OPT_IN
            self._writes(number, meaning, after, draw)
        if draw.random() < 0.1:
            self._writes(number, Meaning.OTHER, after + draw.uniform(0.5, 60), draw)

    def _writes(self, number: str, meaning: Meaning, after: float, draw: random.Random) -> None:
        body = draw.choice(WORDS[meaning])
        machine_made = meaning is Meaning.MACHINE and draw.random() < 0.5
        media = 1 if body == "" else 0

        async def write() -> None:
            self.twilio.reply(number, body, machine_made=machine_made, media=media)

        self._later.after(after, write)

    def _staff(self, message: Message, arrives: float, draw: random.Random) -> None:
        if not message.body.startswith("URGENT from") or draw.random() > STAFF_TAKES + STAFF_CHATS:
            return
        takes = draw.random() < STAFF_TAKES / (STAFF_TAKES + STAFF_CHATS)
        said = draw.choice(("OK", "on it", "👍")) if takes else "who is this?"
        token = message.body.partition("/take/")[2].split(" ")[0]
        by_link = takes and draw.random() < BY_LINK

        async def answer() -> None:
            if by_link and self.links is not None:
                if await self.links.press(token):
                    self.taken_by_link.append((message.to, token, self.twilio.now()))
            else:
                self.twilio.reply(message.to, said)

        self._later.after(arrives + draw.uniform(3, 300), answer)


class Links:
    """Presses the button behind a link."""

    async def press(self, token: str) -> bool:
        """Whether it was answered well."""
        raise NotImplementedError
