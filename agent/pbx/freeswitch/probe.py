"""What doctor asks of a FreeSWITCH: the login, the rights, one live listing, the events, and where calls come from.

The login and the listing are the agent's own (session.py): what works here works there. That events are kept from us
shows only against a second listing, of legs that began or ended and of which no event came.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from agent.findings import Finding, Grade, ok, skipped
from agent.pbx.freeswitch.conf_files import DEFAULT_PASSWORD, RELOAD, EventSocketConf, about_binding, is_loopback
from agent.pbx.freeswitch.listing import dump_of
from agent.pbx.freeswitch.reader import Frame, NotEventSocket, Reader
from agent.pbx.freeswitch.session import Session, Stage
from agent.pbx.freeswitch.socket_seen import (
    Patterns,
    Profile,
    Seen,
    about_contexts,
    about_events,
    profile_names,
    read_profiles,
    tells_all,
    unheard,
)
from agent.pbx.freeswitch.tape import headers
from agent.pbx.look import Look
from agent.pbx.trouble import Cause, Trouble

LIVE_WITHIN, ANSWER_WITHIN, EVENTS_WITHIN = 8.0, 5.0, 1.0
"""Seconds."""

REMEDIES = {
    Cause.UNREACHABLE: "On the PBX: ss -ltnp 'sport = :8021' (does FreeSWITCH listen, and where?); then check [pbx] "
    "host and port, and listen-ip in event_socket.conf.xml.",
    Cause.BOOTING: "Wait until fs_cli -x status says that it is ready, then try again.",
    Cause.SILENT: "Does something else listen on that port? On the PBX: ss -ltnp 'sport = :8021'",
    Cause.CLOSED: "Look at its log: journalctl -u freeswitch, or /var/log/freeswitch/freeswitch.log.",
}
BLIND = "Until this works no call is seen, and nobody is texted."
STEPS = ("pbx-connection", "pbx-login", "pbx-listing", "pbx-rights-excess", "pbx-events", "pbx-inbound")
"""The findings in their order; each needs the one before."""
LEAST = "Set up a user of the directory (pbx-config/freeswitch/README.md), and name it as [pbx] user with its domain."

_VERSION = re.compile(rb"FreeSWITCH \(Version (\S+)")


@dataclass(frozen=True, slots=True)
class Aim:
    """What is to be looked at: which PBX, as whom, what counts as inbound, and where its configuration is."""

    host: str
    port: int
    user: str
    secret: str
    inbound: Patterns
    files: Path | None


async def probe(session: Session, aim: Aim, watch: float) -> list[Finding]:
    """Every finding about this PBX. `watch`: seconds for which its events are looked at."""
    conf = EventSocketConf(aim.files, aim.files is not None or is_loopback(aim.host))
    look = _Look(session)
    found: list[Finding] = []
    try:
        await look.connect(aim.host, aim.port)
        await look.until(lambda: session.stage is not Stage.GREETING, LIVE_WITHIN)
        found.append(ok("pbx-connection", f"{aim.host}:{aim.port} answers as an event socket"))
        await look.until(lambda: session.stage is not Stage.LOGIN, LIVE_WITHIN)
        found.append(ok("pbx-login", f'user "{aim.user}" was let in' if aim.user else "the password was taken"))
        await look.until(lambda: session.is_live, LIVE_WITHIN)
        found.append(_about_listing(look))
        found.append(await _about_excess(look, aim))
        await look.for_a_while(watch, lambda: tells_all(look.seen, aim.inbound))
        found.append(await _about_events(look))
        found.append(about_contexts(look.seen, aim.inbound, await _profiles(look), watch))
    except Trouble as trouble:
        failed = STEPS[len(found)]
        found.append(_failed(failed, trouble, conf, aim))
        found += [skipped(name, failed) for name in STEPS[len(found) :]]
    finally:
        await look.close()
    return [*found, about_binding(conf, aim.host)]


def _failed(step: str, trouble: Trouble, conf: EventSocketConf, aim: Aim) -> Finding:
    remedy = trouble.remedy
    if trouble.cause is Cause.BOOTING:
        remedy = REMEDIES[Cause.BOOTING]
    elif trouble.cause is Cause.REFUSED and step == "pbx-connection":
        remedy = conf.why_denied() or remedy
    elif trouble.cause is Cause.REFUSED and not aim.user:
        remedy = conf.why_refused(aim.secret) or remedy
    return Finding(step, Grade.FAILURE, trouble.sentence, BLIND, remedy)


def _about_listing(look: "_Look") -> Finding:
    took, legs = look.milliseconds, len(look.first_listing or ())
    return ok("pbx-listing", f"FreeSWITCH {look.version}; {legs} channels up, listed {took:.0f} ms after connecting")


async def _about_events(look: "_Look") -> Finding:
    """Events are written up to 20 ms after what they tell of, so a listing may be ahead of them."""
    before, after = look.first_listing or frozenset(), await look.list_again()
    await look.for_a_while(EVENTS_WITHIN, lambda: not unheard(look.seen, before, after))
    return about_events(look.seen, before, after)


async def _about_excess(look: "_Look", aim: Aim) -> Finding:
    """The socket's own password may do everything; a user of the directory only what it is allowed."""
    name = "pbx-rights-excess"
    why = "Whoever learns the secret can place calls, and run programs as FreeSWITCH."
    if not aim.user and aim.secret == DEFAULT_PASSWORD:
        remedy = f"Give the socket a password of its own in event_socket.conf.xml, then: {RELOAD}. {LEAST}"
        return Finding(name, Grade.WARNING, "the password is the one that every FreeSWITCH comes with", why, remedy)
    if not aim.user:
        return Finding(name, Grade.WARNING, "the socket's own password allows everything", why, LEAST)
    if await look.ask("echo secondring") is None:
        return ok(name, "the user may ask what it needs, and no more")
    remedy = "Give it esl-allowed-api as in pbx-config/freeswitch/secondring.xml, then: fs_cli -x reloadxml"
    return Finding(name, Grade.WARNING, "the user may use commands of the PBX that it doesn't need", why, remedy)


async def _profiles(look: "_Look") -> list[Profile]:
    """The SIP profiles, where we may ask for them."""
    status = await look.ask("sofia status")
    if not status:
        return []
    return read_profiles(
        status, {name: await look.ask(f"sofia status profile {name}") or "" for name in profile_names(status)[:20]}
    )


class _Look(Look):
    """One connection: the agent's own session on it, and everything it hears seen by `seen` as well."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, self._heard, REMEDIES)
        self.seen = Seen()
        self.version = "of unknown version"
        self.first_listing: frozenset[str] | None = None
        self._live = session
        self._frames = Reader()
        self._answer: list[Frame] = []

    async def ask(self, command: str) -> str | None:
        """What an `api` command answers; None if it is refused, or nothing comes. Raises Trouble."""
        self._answer.clear()
        self._live.ask_beside(command, self._answer.append)
        self.write(self._live.outgoing())
        await self.for_a_while(ANSWER_WITHIN, lambda: bool(self._answer))
        if not self._answer or self._answer[0].kind != "api/response":
            return None
        return self._answer[0].body.decode("utf-8", "replace")

    async def list_again(self) -> frozenset[str]:
        """The legs that are up now. Raises Trouble."""
        return _uuids(await self.ask("show channels as json") or "")

    def _heard(self, data: bytes) -> None:
        try:
            frames = self._frames.feed(data)
        except NotEventSocket:  # the session has raised for it, in better words
            return
        for frame in frames:
            if frame.kind == "text/event-plain":
                self.seen.take(dict(reversed(headers(frame.body))))
            else:
                self._learn(frame)

    def _learn(self, frame: Frame) -> None:
        """What the session's own questions bring to light."""
        if found := _VERSION.search(frame.body):
            self.version = found[1].decode("ascii", "replace")
        elif self.first_listing is None and b'"row_count"' in frame.body:
            self.first_listing = _uuids(frame.body.decode("utf-8", "replace"))
        elif frame.body.startswith(b"{") and (dump := dump_of(frame.body)):
            self.seen.meet(dump)


def _uuids(listing: str) -> frozenset[str]:
    try:
        rows = json.loads(listing).get("rows", [])
    except (ValueError, AttributeError):
        return frozenset()
    return frozenset(row["uuid"] for row in rows if isinstance(row, dict) and isinstance(row.get("uuid"), str))
