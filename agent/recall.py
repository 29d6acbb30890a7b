"""After a restart of this program: what the ledger remembers of calls that a live listing shows. Pure.

A listing doesn't tell where a call began: its first context, the number dialled and the caller's number have been
rewritten by the PBX's dialplan since. The row written at the call's start has them.
"""

from collections.abc import Mapping
from dataclasses import replace

from agent.pbx.events import LegListed, Listed
from storage.records import OpenCall
from storage.vocabulary import Direction


def recalled(listed: Listed, remembered: Mapping[str, OpenCall]) -> Listed:
    """The listing, with what is known of the calls that were in flight before."""
    return Listed(tuple(_leg(leg, remembered) for leg in listed.legs))


def _leg(leg: LegListed, remembered: Mapping[str, OpenCall]) -> LegListed:
    made = leg.created
    before = remembered.get(made.call) if made.leg == made.call else None
    if before is None:
        return leg
    inbound = before.direction is Direction.INBOUND
    number = before.caller if inbound and before.caller else made.number
    created = replace(made, arriving=True, trunk=inbound, number=number, dialled=before.line or made.dialled)
    return replace(leg, created=created)
