"""Which legs come from outside, and through which end."""

from fnmatch import fnmatchcase

from agent.pbx.events import LegCreated

MOST = 1000
"""Contexts and ends remembered; a PBX has dozens."""


class Trunks:
    """What tells a call from outside: globs on the context of a leg's first event, or on its channel's name.

    `ends`: names of ends ("trunk") through which calls from outside came; a listing doesn't show where a leg began.
    `channels`: channel names of inbound callers' living legs, by leg: what questions about them are addressed to.
    """

    def __init__(self, inbound_contexts: tuple[str, ...], trunk_channels: tuple[str, ...]) -> None:
        self._inbound_contexts = inbound_contexts
        self._trunk_channels = trunk_channels
        self._contexts: dict[str, bool] = {}
        self.ends: set[str] = set()
        self.channels: dict[str, str] = {}

    def matches(self, channel: str, context: str) -> bool:
        """Whether a leg whose first event has this channel and context comes from or goes to the outside."""
        known = self._contexts.get(context)
        if known is None:
            known = any(fnmatchcase(context, glob) for glob in self._inbound_contexts)
            if len(self._contexts) < MOST:
                self._contexts[context] = known
        return known or any(fnmatchcase(channel, glob) for glob in self._trunk_channels)

    def meet(self, channel: str, caller: LegCreated) -> None:
        """An inbound caller's leg: remember its channel, and its trunk."""
        self.channels[caller.leg] = channel
        if len(self.ends) < MOST:
            self.ends.add(caller.phone)

    def forget(self, leg: str) -> None:
        """The leg ended."""
        self.channels.pop(leg, None)

    def keep_only(self, legs: set[str]) -> None:
        """These legs live now; the ends of all others were not heard."""
        self.channels = {leg: channel for leg, channel in self.channels.items() if leg in legs}
