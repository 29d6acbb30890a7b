"""What doctor learns from events, listings and profiles: whether all events come, where calls from outside begin."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from agent.findings import Finding, Grade, ok, skipped
from agent.pbx.freeswitch.channels import profile_of
from agent.pbx.freeswitch.dialect import EVENTS

WATCH = "Type secondring doctor --watch 60 and ring the office from outside meanwhile."

_CONTEXT = re.compile(r"^Context\s+(\S+)\s*$", re.MULTILINE)
_PROFILE = re.compile(r"^\s*(\S+)\s+profile\s", re.MULTILINE)
_GATEWAY = re.compile(r"^\s*([^\s:]+)::\S+\s+gateway\s", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Patterns:
    """What counts as inbound: globs of contexts, globs of channels or profiles."""

    contexts: tuple[str, ...]
    channels: tuple[str, ...]

    def match(self, context: str, channel: str) -> bool:
        """Whether a leg that begins so comes from outside."""
        names = (channel, profile_of(channel))
        return any(fnmatchcase(context, glob) for glob in self.contexts) or any(
            fnmatchcase(name, glob) for glob in self.channels for name in names
        )

    def __str__(self) -> str:
        return ", ".join((*self.contexts, *self.channels))


@dataclass(frozen=True, slots=True)
class Profile:
    """A SIP profile: the context its callers begin in, and whether it has gateways (so it leads outside)."""

    name: str
    context: str
    leads_outside: bool


@dataclass(slots=True)
class Seen:
    """What has come by. `arriving`: context and channel of legs that somebody began who is no phone of the office."""

    names: Counter[str] = field(default_factory=Counter)
    arriving: dict[str, tuple[str, str]] = field(default_factory=dict)
    born: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)

    def take(self, fields: Mapping[str, str]) -> None:
        """One event."""
        name, uuid = fields.get("Event-Name", ""), fields.get("Unique-ID", "")
        self.names[name] += 1
        if name == "CHANNEL_CREATE":
            self.born.add(uuid)
            self.meet(fields)
        elif name == "CHANNEL_HANGUP_COMPLETE":
            self.gone.add(uuid)

    def meet(self, fields: Mapping[str, str]) -> None:
        """A leg, as its first event or a dump shows it."""
        channel = fields.get("Channel-Name", "")
        is_phone = bool(fields.get("variable_user_name", "")) or channel.startswith("loopback/")
        if fields.get("Call-Direction", "") == "inbound" and not is_phone:
            self.arriving.setdefault(fields.get("Unique-ID", ""), (fields.get("Caller-Context", ""), channel))


def tells_all(seen: Seen, patterns: Patterns) -> bool:
    """Whether nothing more is to be learnt: a call came from outside, and an application was seen."""
    inbound = any(patterns.match(*leg) for uuid, leg in seen.arriving.items() if uuid in seen.born)
    return inbound and seen.names["CHANNEL_EXECUTE"] > 0


def unheard(seen: Seen, before: frozenset[str], after: frozenset[str]) -> str:
    """What legs did that two listings show, and no event; "" if all was heard."""
    if after - before - seen.born:
        return "began"
    return "ended" if before - after - seen.gone else ""


def about_events(seen: Seen, before: frozenset[str], after: frozenset[str]) -> Finding:
    """Whether the events that are needed come. `before`, `after`: the legs that two listings show."""
    name = "pbx-events"
    told = ", ".join(sorted(seen.names & Counter(dict.fromkeys(EVENTS, 1)))) or "none"
    what = unheard(seen, before, after)
    if what:
        return Finding(
            name,
            Grade.FAILURE,
            f"calls {what} of which no event came (events that came: {told})",
            "Whoever calls like that is missed unseen.",
            f"Allow the user all of these (esl-allowed-events in the directory): {', '.join(sorted(EVENTS))}.",
        )
    if seen.born and not seen.names["CHANNEL_EXECUTE"]:
        return Finding(
            name,
            Grade.WARNING,
            f"events that came: {told}; missing: CHANNEL_EXECUTE",
            "Without it a menu, an announcement and a mailbox can't be told apart.",
            "Allow it to the user (esl-allowed-events in the directory).",
        )
    if seen.born:
        return ok(name, f"events that came: {told}")
    return skipped(name, "a call to look at", WATCH)


def about_contexts(seen: Seen, patterns: Patterns, profiles: Iterable[Profile], watch: float) -> Finding:
    """Whether what the configuration calls inbound is there."""
    name = "pbx-inbound"
    came = Counter(_way(*leg) for leg in seen.arriving.values())
    inbound = Counter(_way(*leg) for leg in seen.arriving.values() if patterns.match(*leg))
    if inbound:
        return ok(name, f"calls came in by {_counted(inbound)}")
    outside = [each for each in profiles if each.leads_outside] or [
        each for each in profiles if each.name == "external"
    ]
    there = [each for each in outside if patterns.match(each.context, f"sofia/{each.name}/")]
    if there and not came:
        return ok(name, "; ".join(f"calls over profile {each.name} begin in context {each.context}" for each in there))
    if came:
        [context, _] = next(iter(Counter(seen.arriving.values()).most_common(1)))[0]
        return _elsewhere(f"calls began in {_counted(came)}, none", context, patterns)
    if outside:
        shown = "; ".join(f"profile {each.name} puts its callers into context {each.context}" for each in outside)
        return _elsewhere(f"{shown}: no context", outside[0].context, patterns)
    return skipped(name, f"a call to look at (none came in {watch:g} s; inbound is {patterns})", WATCH)


def _elsewhere(what: str, context: str, patterns: Patterns) -> Finding:
    return Finding(
        "pbx-inbound",
        Grade.WARNING,
        f"{what} that counts as inbound ({patterns})",
        "If callers from outside arrive elsewhere, all of them are taken for internal calls, and none is texted.",
        f'If that is where callers from outside come in, set [pbx] inbound_contexts = ["{context}"]; where phones '
        "begin there too, name the trunk's profile in trunk_channels instead.",
    )


def read_profiles(status: str, each: Mapping[str, str]) -> list[Profile]:
    """The SIP profiles in `sofia status`; `each`: the answer to `sofia status profile NAME` by name."""
    leading = set(_GATEWAY.findall(status))
    found = []
    for name in profile_names(status):
        context = _CONTEXT.search(each.get(name, ""))
        if context is not None:
            found.append(Profile(name, context[1], name in leading))
    return found


def profile_names(status: str) -> list[str]:
    """The names of the profiles in `sofia status`."""
    return _PROFILE.findall(status)


def _way(context: str, channel: str) -> str:
    profile = profile_of(channel)
    return f"{context or 'no context'}, profile {profile}" if profile else context or "no context"


def _counted(ways: Counter[str]) -> str:
    return "; ".join(f"{way} ({count})" for way, count in ways.most_common(6))
