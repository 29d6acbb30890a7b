"""What manager.conf says of our user: rights, filter, who may connect; read where it can be, for doctor."""

from functools import cached_property
from ipaddress import ip_address
from pathlib import Path

from agent.findings import Finding, Grade, ok, skipped
from agent.pbx.asterisk.conf_files import Section, read_sections

FOLDER = Path("/etc/asterisk")
RELOAD = "asterisk -rx 'manager reload'"
ROOT = "Run doctor as root on the PBX's machine."


class ManagerConf:
    """manager.conf and what it includes. `unread` says why it couldn't be read; empty if it was."""

    def __init__(self, folder: Path, user: str, local: bool) -> None:
        """`local`: the files of this machine are those of the PBX in question."""
        self.folder = folder
        self.user = user
        self.unread = "" if local else "to run on the PBX's own machine"
        self.sections: dict[str, Section] = {}
        if not local:
            return
        try:
            self.sections = read_sections(folder / "manager.conf")
        except PermissionError:
            self.unread = f"the right to read {folder}/manager.conf"
        except OSError:
            self.unread = f"{folder}/manager.conf, which isn't on this machine"

    @property
    def section(self) -> Section | None:
        """Our user's section."""
        return self.sections.get(self.user)

    @cached_property
    def contexts(self) -> tuple[str, ...]:
        """The contexts of the dialplan's files; none where they can't be read."""
        if self.unread:
            return ()
        try:
            return tuple(read_sections(self.folder / "extensions.conf"))
        except OSError:
            return ()

    def why_refused(self) -> str:
        """What is wrong with our section, if it can be seen; empty if not."""
        if self.unread:
            return ""
        if self.section is None:
            return (
                f"No file that {self.folder}/manager.conf includes has a section [{self.user}]: put in the shipped one "
                f"(pbx-config/asterisk/README.md), then: {RELOAD}"
            )
        if not self.section.last("secret"):
            return f"The section [{self.user}] has no secret: give it one, the same as yours, then: {RELOAD}"
        return (
            f"The section [{self.user}] is there: compare its `secret` with yours and see that `permit` covers this "
            f"machine; after a change: {RELOAD}"
        )


def about_files(conf: ManagerConf, host: str) -> list[Finding]:
    """Findings that only the files can give."""
    if conf.unread or conf.section is None:
        needs = conf.unread or f"a section [{conf.user}] in {conf.folder}/manager.conf"
        return [skipped(name, needs, ROOT) for name in ("pbx-filter", "pbx-binding")]
    return [_about_filter(conf.section), _about_binding(conf, conf.section, host)]


def _about_filter(section: Section) -> Finding:
    """Legacy filters are regular expressions over the whole event, where a caller's name stands too."""
    name = "pbx-filter"
    filters = [(key, value) for key, value in section.items if key.startswith("eventfilter")]
    loose = [value for key, value in filters if key == "eventfilter" and value.startswith("!") and value[1:2] != "^"]
    if loose:
        return Finding(
            name,
            Grade.FAILURE,
            f"eventfilter = {loose[0]} isn't anchored",
            "It is searched for in the whole event: a caller whose name holds these words becomes invisible.",
            f"Write eventfilter = !^{loose[0][1:].lstrip()} instead, then: {RELOAD}",
        )
    if any(_includes(key, value) for key, value in filters):
        return Finding(
            name,
            Grade.WARNING,
            "a filter lists what may come, instead of what may not",
            "What the list forgets is lost silently, and calls are then misjudged.",
            f"Replace it by eventfilter = !^Event: VarSet, then: {RELOAD}",
        )
    if not filters:
        return Finding(
            name,
            Grade.WARNING,
            "there is no event filter",
            "It works, but the PBX sends about three times as much as is needed.",
            f"Add eventfilter = !^Event: VarSet to its section, then: {RELOAD}",
        )
    return ok(name, "; ".join(f"{key} = {value}" for key, value in filters))


def _includes(key: str, value: str) -> bool:
    if key == "eventfilter":
        return not value.startswith("!")
    return "action(exclude)" not in key.replace(" ", "")


def _about_binding(conf: ManagerConf, section: Section, host: str) -> Finding:
    name = "pbx-binding"
    general = conf.sections.get("general", Section("general"))
    bound = general.last("bindaddr", "every address (no bindaddr)")
    if not is_loopback(host):
        return Finding(
            name,
            Grade.WARNING,
            f"the manager is reached at {host}, over the network",
            "Its login and every caller's number cross the network unencrypted.",
            "Run secondring on the PBX itself, or lead the connection through a tunnel.",
        )
    if not any(key == "permit" for key, _ in section.items):
        return Finding(
            name,
            Grade.WARNING,
            f"bindaddr = {bound}; the user may log in from any address",
            "Whoever learns the secret can listen to all calls.",
            f"Add deny = 0.0.0.0/0.0.0.0 and permit = 127.0.0.1/255.255.255.255 to its section, then: {RELOAD}",
        )
    if bound not in ("127.0.0.1", "::1") and not is_loopback(bound):
        return Finding(
            name,
            Grade.WARNING,
            f"the manager listens on {bound}",
            "Everybody who reaches this machine can try passwords on it.",
            "Set bindaddr = 127.0.0.1 under [general] and restart Asterisk, unless other machines need it; in any case "
            "close port 5038 in the firewall.",
        )
    permits = ", ".join(value for key, value in section.items if key == "permit")
    return ok(name, f"the manager listens on {bound}, and lets the user in from {permits}")


def is_loopback(host: str) -> bool:
    """Whether it is this machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
