"""event_socket.conf.xml: who may connect, from where, with which password; read where it can be, for doctor."""

import re
from ipaddress import ip_address
from pathlib import Path

from agent.findings import Finding, Grade, ok, skipped

FOLDERS = tuple(map(Path, ("/etc/freeswitch", "/usr/local/freeswitch/conf", "/usr/local/freeswitch/etc/freeswitch")))
"""Where packages, FusionPBX and builds from source keep the configuration."""
FILE = "autoload_configs/event_socket.conf.xml"
RELOAD = "fs_cli -x 'reload mod_event_socket'"
ROOT = "Run doctor as root on the PBX's machine."
DEFAULT_PASSWORD = "ClueCon"
LARGEST = 1 << 20

_PARAM = re.compile(r"""<param\s+name\s*=\s*["']([^"']*)["']\s+value\s*=\s*["']([^"']*)["']""")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


class EventSocketConf:
    """The file's parameters. `unread` says why it couldn't be read; empty if it was."""

    def __init__(self, folder: Path | None, local: bool) -> None:
        """`local`: the files of this machine are those of the PBX in question."""
        folders = FOLDERS if folder is None else (folder,)
        self.path = next((each / FILE for each in folders if (each / FILE).exists()), folders[0] / FILE)
        self.unread = "" if local else "to run on the PBX's own machine"
        self.params: dict[str, str] = {}
        if not local:
            return
        try:
            with self.path.open(encoding="utf-8", errors="replace") as file:
                self.params = dict(_PARAM.findall(_COMMENT.sub("", file.read(LARGEST))))
        except PermissionError:
            self.unread = f"the right to read {self.path}"
        except OSError:
            self.unread = f"{self.path}, which isn't on this machine"

    def why_refused(self, password: str) -> str:
        """Why a password isn't taken, if it can be seen; empty if not."""
        theirs = self.params.get("password", "")
        if self.unread or theirs == password:
            return ""
        if theirs == DEFAULT_PASSWORD:
            return (
                f"{self.path} still has the default password: give it one of its own, the same as yours, then: {RELOAD}"
            )
        return f"Its password stands in {self.path}: make yours the same, or both new, then: {RELOAD}"

    def why_denied(self) -> str:
        """Which access list turns this machine away, if it can be seen; empty if not."""
        if self.unread:
            return ""
        acl = self.params.get("apply-inbound-acl", "")
        if not acl:
            return (
                f"{self.path} names no apply-inbound-acl, so only the machine itself may connect: run secondring "
                f"there, or name a list that has this machine's address, then: {RELOAD}"
            )
        return (
            f"{self.path} applies the access list {acl}: add this machine's address to it in acl.conf.xml, then: "
            "fs_cli -x reloadacl"
        )


def about_binding(conf: EventSocketConf, host: str) -> Finding:
    """Who can reach the event socket."""
    name = "pbx-binding"
    if not is_loopback(host):
        return Finding(
            name,
            Grade.WARNING,
            f"the event socket is reached at {host}, over the network",
            "Its login and every caller's number cross the network unencrypted.",
            "Run secondring on the PBX itself, or lead the connection through a tunnel.",
        )
    if conf.unread:
        return skipped(name, conf.unread, ROOT)
    bound = conf.params.get("listen-ip", "")
    if not is_loopback(bound):
        return Finding(
            name,
            Grade.WARNING,
            f"the event socket listens on {bound or 'an address that listen-ip does not name'}",
            "Everybody who reaches this machine can try passwords, unless the access list is narrow; who finds the "
            "right one commands the PBX.",
            f'Set <param name="listen-ip" value="127.0.0.1"/> in {conf.path}, then: {RELOAD}. If other machines need '
            "it, close port 8021 to all others in the firewall.",
        )
    return ok(name, f"the event socket listens on {bound}")


def is_loopback(host: str) -> bool:
    """Whether it is this machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
