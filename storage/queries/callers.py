"""What is known of numbers: opt-outs, blocks, numbers that take no texts, replies. Inside the caller's transaction."""

import sqlite3

from storage.queries import load
from storage.records import NewReply, OptOut, values
from storage.vocabulary import OptOutSource

_SQL = load("callers.sql")


def opt_out_in_force(db: sqlite3.Connection, number: str) -> OptOut | None:
    """The number's opt-out, if one is in force."""
    row = db.execute(_SQL["opt_out_in_force"], {"number": number}).fetchone()
    return None if row is None else OptOut(number, row["at"], OptOutSource(row["source"]), row["words"])


def opt_out(
    db: sqlite3.Connection, number: str, source: OptOutSource, words: str, at: float, reply_id: int | None = None
) -> bool:
    """Opt a number out of the whole business. False if it already was; the first evidence stays."""
    columns = {"number": number, "source": source, "words": words, "at": at, "reply_id": reply_id}
    return db.execute(_SQL["opt_out"], columns).rowcount == 1


def lift_opt_out(db: sqlite3.Connection, number: str, source: OptOutSource, words: str, at: float) -> bool:
    """Lift the opt-out in force; it stays as evidence. False if there was none."""
    columns = {"number": number, "source": source, "words": words, "at": at}
    return db.execute(_SQL["lift_opt_out"], columns).rowcount == 1


def opt_outs(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """Every opt-out, also lifted ones, newest first."""
    return db.execute(_SQL["opt_outs"]).fetchall()


def doubt(db: sqlite3.Connection, number: str, words: str, at: float, reply_id: int) -> None:
    """The number may have opted out: a person looks, and automatic texts wait."""
    db.execute(_SQL["doubt"], {"number": number, "at": at, "words": words, "reply_id": reply_id})


def open_doubt(db: sqlite3.Connection, number: str) -> str | None:
    """The words by which the number may have opted out, while nobody has looked."""
    row = db.execute(_SQL["open_doubt"], {"number": number}).fetchone()
    return None if row is None else str(row["words"])


def settle_doubt(db: sqlite3.Connection, number: str, how: str, at: float) -> bool:
    """The doubt is over, one way or the other. False if there was none."""
    return db.execute(_SQL["settle_doubt"], {"number": number, "how": how, "at": at}).rowcount == 1


def doubts(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """Every number that may have opted out, oldest first."""
    return db.execute(_SQL["doubts"]).fetchall()


def block(db: sqlite3.Connection, number: str, note: str, at: float) -> None:
    """A person blocks a number."""
    db.execute(_SQL["block"], {"number": number, "note": note, "at": at})


def unblock(db: sqlite3.Connection, number: str) -> bool:
    """A person lifts a block. False if there was none."""
    return db.execute(_SQL["unblock"], {"number": number}).rowcount == 1


def blocked(db: sqlite3.Connection, number: str) -> str | None:
    """The note of the person who blocked the number, if one did."""
    row = db.execute(_SQL["blocked"], {"number": number}).fetchone()
    return None if row is None else str(row["note"])


def blocks(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """Every blocked number."""
    return db.execute(_SQL["blocks"]).fetchall()


def takes_no_texts(db: sqlite3.Connection, number: str, until: float, why: str, at: float) -> None:
    """Leave a number alone until then."""
    db.execute(_SQL["takes_no_texts"], {"number": number, "until": until, "why": why, "at": at})


def no_texts(db: sqlite3.Connection, number: str, now: float) -> str | None:
    """Why a number is left alone, if it still is."""
    row = db.execute(_SQL["no_texts"], {"number": number, "now": now}).fetchone()
    return None if row is None else str(row["why"])


def add_reply(db: sqlite3.Connection, reply: NewReply, at: float) -> int | None:
    """Keep a reply; its id, or None if it was known already."""
    row = db.execute(_SQL["add_reply"], {**values(reply), "at": at}).fetchone()
    return None if row is None else int(row["id"])


def learn_time(db: sqlite3.Connection, sid: str, at: float) -> bool:
    """When a known reply was written; what it said about further texts is of then. False if that was known."""
    row = db.execute(_SQL["learn_time"], {"sid": sid, "at": at}).fetchone()
    if row is None:
        return False
    for name in ("learn_time_of_opt_out", "learn_time_of_doubt"):
        db.execute(_SQL[name], {"number": row["number"], "reply_id": row["id"], "at": at})
    return True


def opted_out_since(db: sqlite3.Connection, number: str, at: float) -> bool:
    """Whether the number opted out at that time or later, also where it had opted out before."""
    return db.execute(_SQL["opted_out_since"], {"number": number, "at": at}).fetchone() is not None


def replies(db: sqlite3.Connection, since: float, limit: int) -> list[sqlite3.Row]:
    """Replies for people, newest first."""
    return db.execute(_SQL["replies"], {"since": since, "limit": limit}).fetchall()


def replies_of(db: sqlite3.Connection, number: str, since: float) -> list[sqlite3.Row]:
    """What a number wrote since then, in order."""
    return db.execute(_SQL["replies_of"], {"number": number, "since": since}).fetchall()
