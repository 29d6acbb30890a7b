"""The words the ledger stores. Enums only, no I/O, so that the pure rooms may speak them too.

Each member's value is what stands in the database and in `--json`; its docstring is its meaning.
"""

from enum import StrEnum


class Direction(StrEnum):
    """Where a call came from; the caller's leg alone decides it."""

    INBOUND = "inbound"
    INTERNAL = "internal"
    OUTBOUND = "outbound"


class Reason(StrEnum):
    """What happened to a call no human answered. docs/missed-calls.md has the table; its order is this one."""

    FORWARDED = "forwarded"
    PBX_STOPPED = "pbx_stopped"
    VOICEMAIL = "voicemail"
    QUEUE_TIMEOUT = "queue_timeout"
    QUEUE_ABANDONED = "queue_abandoned"
    ABANDONED = "abandoned"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    MENU_ABANDONED = "menu_abandoned"
    CLOSED = "closed"
    OTHER = "other"


class Decision(StrEnum):
    """What was decided about one call."""

    TEXT = "text"
    SKIP = "skip"
    DEFER = "defer"


class TextKind(StrEnum):
    """Why a text is sent. At most one of each kind a miss (`ladder`: one a step)."""

    FIRST = "first"
    FOLLOW_UP = "follow_up"
    LADDER = "ladder"
    CONFIRM = "confirm"
    HELP = "help"
    STAFF = "staff"
    TEST = "test"


class TextState(StrEnum):
    """Where a text is. Exactly one state at a time; sms/states.py has the legal moves."""

    QUEUED = "queued"
    DEFERRED = "deferred"
    SENDING = "sending"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    SHADOW = "shadow"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"
    UNKNOWN = "unknown"


class OptOutSource(StrEnum):
    """How an opt-out or opt-in reached us."""

    KEYWORD = "keyword"
    OWN_WORDS = "own_words"
    PROVIDER = "provider"
    ADMIN = "admin"


class Intent(StrEnum):
    """What a reply is mainly about."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"
    AUTO_REPLY = "auto_reply"
    URGENT = "urgent"
    CALLBACK_TIME = "callback_time"
    QUESTION = "question"
    THANKS = "thanks"
    WRONG_NUMBER = "wrong_number"
    OTHER = "other"


class ReplyMeaning(StrEnum):
    """What a reply does to opt-outs."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    OTHER = "other"


class LadderState(StrEnum):
    """Where an urgent caller's ladder is. agent/conversations/escalation.py has the legal moves."""

    ASKING = "asking"
    UNHEARD = "unheard"
    SEEN = "seen"
    CLOSED = "closed"


class ThreadState(StrEnum):
    """Where the office is with a caller."""

    OPEN = "open"
    CLAIMED = "claimed"
    WAITING = "waiting"
    DONE = "done"


class ThreadOutcome(StrEnum):
    """How a thread was done with."""

    BOOKED = "booked"
    WON = "won"
    LOST = "lost"
    SPAM = "spam"
    NO_NEED = "no_need"
