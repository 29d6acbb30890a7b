"""What the events tell about our rights, and about where calls come from, while doctor looks on."""

from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from agent.findings import Finding, Grade, ok, skipped
from agent.pbx.asterisk.manager_conf import RELOAD, ManagerConf
from agent.pbx.asterisk.reader import headers

Patterns = tuple[tuple[str, ...], tuple[str, ...]]
"""What counts as inbound: patterns of contexts, patterns of channels."""

NEEDED = {
    "system": "the PBX's starts and stops aren't seen",
    "call": "no call is seen",
    "agent": "queues aren't seen, so queue_abandoned and queue_timeout can't be told",
    "dialplan": "a menu, an announcement and a mailbox can't be told apart",
}
"""Each class of events we read, and what happens without it."""


@dataclass(slots=True)
class Seen:
    """What has come by. `arriving`: context and channel of legs that somebody outside Asterisk began."""

    rows: int = 0
    classes: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)
    arriving: list[tuple[str, str]] = field(default_factory=list)

    def take(self, frame: bytes) -> None:
        """One frame."""
        if not frame.startswith(b"Event: "):
            return
        said = dict(headers(frame))
        name = said["Event"]
        if name == "Status":
            self.rows += 1
        if "ActionID" in said and name != "FullyBooted":
            return  # an answer: it needs no right to read
        self.names[name] += 1
        self.classes[said.get("Privilege", "").partition(",")[0]] += 1
        if name == "Newchannel" and said.get("ChannelState") == "4":
            self.arriving.append((said.get("Context", ""), said.get("Channel", "")))


def tells_all(seen: Seen, patterns: Patterns) -> bool:
    """Whether nothing more is to be learnt: a call came from outside, and with it all classes that every call has."""
    inbound = any(_matches(context, channel, patterns) for context, channel in seen.arriving)
    return inbound and bool(seen.classes["call"] and seen.classes["dialplan"])


def about_events(seen: Seen, conf: ManagerConf) -> Finding:
    """Whether the events that are needed come."""
    name = "pbx-events"
    if conf.section is not None:
        read = conf.section.words("read")
        missing = [] if "all" in read else [each for each in NEEDED if each not in read]
        if not missing:
            return ok(name, f"read = {','.join(sorted(read))}")
        return _missing(name, f"read = {','.join(sorted(read)) or 'nothing'}", missing)
    told = ", ".join(each for each in NEEDED if seen.classes[each]) or "none"
    if seen.classes["dialplan"] and not seen.classes["call"]:
        return _missing(name, f"events that came: {told}", ["call"])
    if seen.arriving and not seen.classes["dialplan"]:
        return _missing(name, f"events that came: {told}", ["dialplan"])
    if seen.classes["call"] and seen.classes["dialplan"]:
        return ok(name, f"events that came: {told}")
    return skipped(
        name,
        f"a call to look at (events that came: {told})",
        "Type secondring doctor --watch 60 and ring the office meanwhile; or run doctor as root on the PBX's machine.",
    )


def _missing(name: str, seen: str, missing: list[str]) -> Finding:
    blind = bool({"system", "call"} & set(missing))
    return Finding(
        name,
        Grade.FAILURE if blind else Grade.WARNING,
        f"{seen}; missing: {', '.join(missing)}",
        "; ".join(f"Without `{each}` {NEEDED[each]}" for each in missing) + ".",
        f"Set read = system,call,agent,dialplan in its section, then: {RELOAD}",
    )


def about_contexts(seen: Seen, patterns: Patterns, conf: ManagerConf, watch: float) -> Finding:
    """Whether what the configuration calls inbound is there."""
    name = "pbx-inbound"
    contexts, channels = patterns
    wanted = ", ".join((*contexts, *channels))
    came = Counter(context for context, _ in seen.arriving)
    inbound = Counter(context for context, channel in seen.arriving if _matches(context, channel, patterns))
    if inbound:
        return ok(name, f"calls came in by {_counted(inbound)}")
    there = [context for context in conf.contexts if any(fnmatchcase(context, pattern) for pattern in contexts)]
    if there and not came:
        return ok(name, f"the dialplan has {', '.join(there[:6])}")
    if came or (conf.contexts and not channels):
        what = f"calls began in {_counted(came)}, none" if came else "no context of the dialplan's files is one"
        return Finding(
            name,
            Grade.WARNING,
            f"{what} that counts as inbound ({wanted})",
            "If callers from outside arrive elsewhere, all of them are taken for internal calls, and none is texted.",
            "Type secondring doctor --watch 60, ring the office from outside, and put the context that shows into "
            "[pbx] inbound_contexts.",
        )
    return skipped(
        name,
        f"a call to look at (none came in {watch:g} s; inbound is {wanted})",
        "Type secondring doctor --watch 60 and ring the office from outside meanwhile.",
    )


def _matches(context: str, channel: str, patterns: Patterns) -> bool:
    contexts, channels = patterns
    return any(fnmatchcase(context, p) for p in contexts) or any(fnmatchcase(channel, p) for p in channels)


def _counted(contexts: Counter[str]) -> str:
    return ", ".join(f"{context or 'no context'} ({count})" for context, count in contexts.most_common(6))
