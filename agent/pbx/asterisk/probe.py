"""What doctor asks of an Asterisk: the login, the rights, one live listing, and which calls come from outside.

The login and the listing are the agent's own (session.py): what works here works there. Rights to write are seen in
the list of actions that Asterisk offers this user; rights to read only in events that come, or in manager.conf.
"""

from dataclasses import dataclass
from pathlib import Path

from agent.findings import Finding, Grade, ok, skipped
from agent.pbx.asterisk.manager_conf import FOLDER, RELOAD, ManagerConf, about_files, is_loopback
from agent.pbx.asterisk.reader import FrameTooLong, NotAmi, Reader, headers
from agent.pbx.asterisk.session import Session, Stage
from agent.pbx.asterisk.stream_seen import Patterns, Seen, about_contexts, about_events, tells_all
from agent.pbx.look import Look
from agent.pbx.trouble import Cause, Trouble

LIVE_WITHIN, ANSWER_WITHIN = 8.0, 5.0
"""Seconds."""

REMEDIES = {
    Cause.UNREACHABLE: "On the PBX: asterisk -rx 'manager show settings' (is the manager enabled, and on which address "
    "and port?); then check [pbx] host and port.",
    Cause.BOOTING: "If it runs normally, the user lacks `system` in `read`: set read = system,call,agent,dialplan, "
    f"then: {RELOAD}",
    Cause.SILENT: "Does something else listen on that port? On the PBX: ss -ltnp 'sport = :5038'",
    Cause.CLOSED: "Look at its log: journalctl -u asterisk, or /var/log/asterisk/full.",
}

WORST = ("Originate", "Command", "Redirect", "Hangup", "Setvar", "UpdateConfig")
"""Actions whose rights are as good as root, or end calls."""

BLIND = "Until this works no call is seen, and nobody is texted."
STEPS = ("pbx-connection", "pbx-login", "pbx-listing", "pbx-rights-excess", "pbx-events", "pbx-inbound")
"""The findings in their order; each needs the one before."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What is to be looked at: which PBX, as which user, what counts as inbound, and where the PBX's files are."""

    host: str
    port: int
    user: str
    inbound: Patterns
    files: Path | None


async def probe(session: Session, aim: Aim, watch: float) -> list[Finding]:
    """Every finding about this PBX. `watch`: seconds for which its events are looked at."""
    local = aim.files is not None or is_loopback(aim.host)
    conf = ManagerConf(aim.files or FOLDER, aim.user, local)
    look = _Look(session)
    found: list[Finding] = []
    try:
        await look.connect(aim.host, aim.port)
        await look.until(lambda: bool(session.version), LIVE_WITHIN)
        found.append(ok("pbx-connection", f"{aim.host}:{aim.port} answers as {session.version}"))
        await look.until(lambda: session.stage in (Stage.BOOTING, Stage.LISTING, Stage.LIVE), LIVE_WITHIN)
        found.append(ok("pbx-login", f'manager user "{aim.user}" was let in'))
        await look.until(lambda: session.is_live, LIVE_WITHIN)
        found.append(await _about_listing(look))
        found.append(_about_excess(await look.ask("ListCommands")))
        await look.for_a_while(watch, lambda: tells_all(look.seen, aim.inbound))
        found.append(about_events(look.seen, conf))
        found.append(about_contexts(look.seen, aim.inbound, conf, watch))
    except Trouble as trouble:
        failed = STEPS[len(found)]
        found.append(_failed(failed, trouble, conf))
        found += [skipped(name, failed) for name in STEPS[len(found) :]]
    finally:
        await look.close()
    return [*found, *about_files(conf, aim.host)]


async def _about_listing(look: "_Look") -> Finding:
    took = look.milliseconds
    version = dict(await look.ask("CoreSettings")).get("AsteriskVersion", "of unknown version")
    return ok("pbx-listing", f"Asterisk {version}; {look.seen.rows} channels up, listed {took:.0f} ms after connecting")


def _failed(step: str, trouble: Trouble, conf: ManagerConf) -> Finding:
    remedy = trouble.remedy
    if trouble.cause is Cause.REFUSED:
        remedy = conf.why_refused() or remedy
    return Finding(step, Grade.FAILURE, trouble.sentence, BLIND, remedy)


def _about_excess(commands: list[tuple[str, str]]) -> Finding:
    """Actions the user may do that `write = reporting` alone doesn't allow."""
    name = "pbx-rights-excess"
    offered = [(action, what.rpartition("(Priv: ")[2].rstrip(") ")) for action, what in commands if "(Priv: " in what]
    if not offered:
        return skipped(name, "the list of actions, which the PBX didn't give")
    excess = [action for action, rights in offered if rights != "<none>" and "reporting" not in rights.split(",")]
    if not excess:
        return ok(name, f"the user may ask ({len(offered)} actions), and can't act")
    shown = ", ".join(([action for action in WORST if action in excess] or excess)[:4])
    return Finding(
        name,
        Grade.WARNING,
        f"the user may do {len(excess)} things more than it needs, such as {shown}",
        "Several of Asterisk's write rights are as good as root; whoever learns the secret has them.",
        f"Set `write = reporting` in its section, then: {RELOAD}",
    )


class _Look(Look):
    """One connection: the agent's own session on it, and everything it hears seen by `seen` as well."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, self._heard, REMEDIES)
        self.seen = Seen()
        self._frames = Reader()
        self._answers: dict[str, list[tuple[str, str]]] = {}
        self._asked = 0

    async def ask(self, action: str) -> list[tuple[str, str]]:
        """The headers of the answer to one question; empty if none came. Raises Trouble."""
        self._asked += 1
        name = f"look-{id(self)}-{self._asked}"
        self.write(f"Action: {action}\r\nActionID: {name}\r\n\r\n".encode())
        await self.for_a_while(ANSWER_WITHIN, lambda: name in self._answers)
        return self._answers.get(name, [])

    def _heard(self, data: bytes) -> None:
        try:
            frames = self._frames.feed(data)
        except (NotAmi, FrameTooLong):  # the session has raised for it, in better words
            return
        for frame in frames:
            self.seen.take(frame.lstrip(b"\r\n"))
            if frame.startswith(b"Response: "):
                said = headers(frame)
                self._answers[dict(said).get("ActionID", "")] = said
