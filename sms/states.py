"""The life of a text, as one table. docs/texts.md draws its picture from here.

A text is made `queued`, or `deferred` in the caller's quiet hours, or `shadow` where nothing may leave the machine. It
is committed as `sending` before the first byte leaves. From there the provider's word moves it on; where that word
never came it is `unknown`, is asked for, and is never handed over again. Each move is one transaction that finds the
text in the state where the move begins.
"""

from storage.vocabulary import TextState as S

MOVES: dict[tuple[S, S], str] = {
    (S.QUEUED, S.SENDING): "its time has come and nothing speaks against it any more",
    (S.QUEUED, S.CANCELLED): "a human answered, the caller opted out, or is in touch, before it left",
    (S.QUEUED, S.EXPIRED): "it couldn't be handed over while it was fresh",
    (S.DEFERRED, S.QUEUED): "the quiet hours are over and the rules still hold",
    (S.DEFERRED, S.CANCELLED): "the quiet hours are over and a rule speaks against it, or the caller opted out",
    (S.DEFERRED, S.EXPIRED): "it was never released",
    (S.SENDING, S.QUEUED): "the provider certainly didn't get it: no byte left, or it said so",
    (S.SENDING, S.ACCEPTED): "the provider has it",
    (S.SENDING, S.FAILED): "the provider refused it",
    (S.SENDING, S.UNKNOWN): "no readable answer came, so the provider may have it",
    (S.UNKNOWN, S.ACCEPTED): "the provider was asked and knows it",
    (S.ACCEPTED, S.SENT): "the carrier has it",
    (S.ACCEPTED, S.DELIVERED): "the handset has it",
    (S.ACCEPTED, S.FAILED): "the provider gave up",
    (S.ACCEPTED, S.EXPIRED): "the provider's queue kept it beyond its validity",
    (S.SENT, S.DELIVERED): "the handset has it",
    (S.SENT, S.FAILED): "the carrier gave up",
    (S.SENT, S.EXPIRED): "the carrier kept it beyond its validity",
}

FINAL = frozenset({S.DELIVERED, S.SHADOW, S.CANCELLED, S.EXPIRED, S.FAILED})
"""States nothing leads out of. `unknown` is none: the provider may still tell."""


def may(before: S, after: S) -> bool:
    """Whether the table has this move."""
    return (before, after) in MOVES
