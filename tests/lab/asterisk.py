"""One running Asterisk of the lab: its network, its configuration, its life.

Each instance has a network of its own, 127.N.0.0/16, so any number of them run side by side:
127.N.0.1 is the PBX (SIP 5060, AMI 5038), 127.N.1.x and 127.N.2.x are callers behind the two trunks,
127.N.K.1 to .5 the phones of office K and 127.N.K.9 the mobile that office K reaches through the trunk.
"""

import asyncio
import contextlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.lab import packages

ETC = Path(__file__).parent / "etc"
SHIPPED = Path(__file__).parents[2] / "pbx-config" / "asterisk"
SECRET = "lab-secret"
FIRST_OFFICE = 10

# Modules that open ports or want a database, a card or a service the lab doesn't have.
LEFT_OUT = re.compile(
    "odbc|pgsql|ldap|radius|tds|snmp|iax2|unistim|dundi|mgcp|skinny|chan_sip|motif|xmpp|console|jack|calendar|adsi"
    "|phoneprov|_ari|prometheus|hep|corosync|smdi|dahdi|meetme|minivm|festival|res_config|pbx_ael|pbx_lua|ael_share"
    "|mysql|sqlite|alarmreceiver|beanstalk|cel_manager|cdr_manager|http|websocket|audiosocket|statsd|geoloc|stir"
    "|resolver|res_fax|aeap|config_wizard|pjsip_notify|stun_monitor|clialiases|cdr_custom|app_followme|getcpeid"
    "|stasis_broadcast|app_stasis|chan_alsa|chan_oss"
)
AS_SHIPPED_BY_DEBIAN = (
    *("cdr", "indications", "pjproject", "stasis", "sorcery", "udptl", "acl", "ccss", "cli", "codecs", "dnsmgr"),
    *("dsp", "features", "musiconhold", "agents", "amd"),
)


@dataclass(frozen=True, slots=True)
class Office:
    """One office of an instance: number K, the dialplan context its DID is sent to, seconds a phone rings.

    `unregistered` says that phone 1 has no contact.
    """

    number: int
    layout: str
    ring: int = 4
    unregistered: bool = False

    @property
    def did(self) -> str:
        return f"+131255501{self.number:02}"


class Network:
    """A free 127.N.0.0/16, held by a socket until `release`."""

    def __init__(self) -> None:
        for second in range(64, 192):
            self._hold = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            try:
                self._hold.bind((f"127.{second}.0.0", 5037))
            except OSError:
                self._hold.close()
                continue
            self.prefix = f"127.{second}"
            return
        raise packages.Unavailable("no free loopback network between 127.64 and 127.191")

    @property
    def pbx(self) -> str:
        return f"{self.prefix}.0.1"

    def release(self) -> None:
        self._hold.close()


class Asterisk:
    """One instance. `version` is "22" or "16"; `home` its own folder of configuration, spool and logs."""

    def __init__(self, version: str, offices: Iterable[Office]) -> None:
        self.version = version
        self.offices = tuple(offices)
        self.network = Network()
        self.home = Path(tempfile.mkdtemp(prefix=f"lab{version}-"))
        self.seconds_to_ready = 0.0
        self._unpacked = packages.unpacked(packages.ASTERISK[version])
        self._process: asyncio.subprocess.Process | None = None
        self._wrapper = self.home / "asterisk"
        self._configure()

    # ------------------------------------------------------------------ life

    async def start(self) -> None:
        """Start it and wait until it is fully booted. Raises RuntimeError with its last words if it dies."""
        began = time.monotonic()
        log = (self.home / "log" / "console.log").open("ab")
        self._process = await asyncio.create_subprocess_exec(
            *("setpriv", "--pdeathsig", "KILL", "--", str(self._wrapper), "-f"),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        log.close()
        await self.wait_booted()
        self.seconds_to_ready = time.monotonic() - began

    async def wait_booted(self) -> None:
        """Return when `core waitfullybooted` says so."""
        async with asyncio.timeout(30):
            while "fully booted" not in await self.cli("core waitfullybooted"):
                if self._process is not None and self._process.returncode is not None:
                    raise RuntimeError(f"Asterisk {self.version} died:\n{self.console()[-2000:]}")
                await asyncio.sleep(0.05)

    async def cli(self, command: str) -> str:
        """What `asterisk -rx COMMAND` prints, its complaints included."""
        words = [str(self._wrapper), "-rx", command]
        asked = await asyncio.create_subprocess_exec(
            *words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        printed, _ = await asked.communicate()
        return printed.decode(errors="replace")

    async def stop(self) -> None:
        """SIGTERM, as systemd stops it; returns when the process is gone."""
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """SIGKILL: no goodbye to anybody."""
        await self._end(signal.SIGKILL)

    async def restart_now(self) -> None:
        """`core restart now`. Bullseye's loader can't start the program anew by itself; then it is started here."""
        await self.cli("core restart now")
        if self._unpacked.loader_takes_argv0():
            await self.wait_booted()
        else:
            await self._end(None)
            await self.start()

    async def close(self) -> None:
        """Stop it if it runs, and delete its folder."""
        if self._process is not None:
            await self._end(signal.SIGTERM)
        self.network.release()
        shutil.rmtree(self.home, ignore_errors=True)

    def console(self) -> str:
        return "\n".join(p.read_text(errors="replace") for p in sorted((self.home / "log").glob("*.log")))

    async def _end(self, sign: signal.Signals | None) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if sign is not None and process.returncode is None:
            process.send_signal(sign)
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    # ------------------------------------------------------------------ configuration

    def _configure(self) -> None:
        for folder in ("etc", "lib/keys", "run", "spool", "log/cdr-csv", "log/cel-custom", "db"):
            (self.home / folder).mkdir(parents=True)
        root = self._unpacked.root
        data = root / "usr/share/asterisk"
        with contextlib.suppress(FileExistsError):  # another one of this version may begin beside it
            (data / "sounds/en").symlink_to("en_US_f_Allison")
        modules = self._unpacked.find("chan_pjsip.so").parent
        words = {
            "home": str(self.home), "modules": str(modules), "data": str(data), "sbin": str(root / "usr/sbin"),
            "net": self.network.prefix,
        }  # fmt: skip
        for name in AS_SHIPPED_BY_DEBIAN:
            found = root / f"etc/asterisk/{name}.conf"
            if found.exists():
                self._write(found.name, found.read_text(errors="replace"))
        for template in ETC.glob("*.conf"):
            self._write(template.name, re.sub(r"@(\w+)@", lambda m: words[m[1]], template.read_text()))
        left_out = sorted(p.name for p in modules.glob("*.so") if LEFT_OUT.search(p.name))
        self._write("modules.conf", "[modules]\nautoload = yes\n" + "".join(f"noload = {m}\n" for m in left_out))
        self._write("secondring.conf", manager_user())
        for name in ("cel.conf", "cel_custom.conf"):
            self._write(name, (SHIPPED / name).read_text())
        self._write("dids.conf", "".join(self._did(o) for o in self.offices))
        self._write("phones.conf", "".join(self._phones(o) for o in self.offices))
        self._write("office_queues.conf", "".join(_queue(o) for o in self.offices))
        self._write("mailboxes.conf", "".join(f"{o.number}1 => 1234,Office {o.number}\n" for o in self.offices))
        self._write_wrapper()

    def _write(self, name: str, text: str) -> None:
        (self.home / "etc" / name).write_text(text)

    def _write_wrapper(self) -> None:
        argv0 = str(self._wrapper) if self._unpacked.loader_takes_argv0() else None
        start = " ".join(self._unpacked.command("usr/sbin/asterisk", argv0=argv0))
        conf = f"-C {self.home}/etc/asterisk.conf"
        self._wrapper.write_text(
            f'#!/bin/sh\ncase " $* " in *" -C "*) c=;; *) c="{conf}";; esac\nexec {start} $c "$@"\n'
        )
        self._wrapper.chmod(0o755)

    def _did(self, office: Office) -> str:
        return (
            f"exten => {office.did},1,Set(__FROM_DID=${{EXTEN}})\n"
            f" same => n,Set(__K={office.number})\n same => n,Set(__RING={office.ring})\n"
            f" same => n,Set(__NET={self.network.prefix})\n same => n,Goto({office.layout},${{EXTEN}},1)\n"
        )

    def _phones(self, office: Office) -> str:
        k, net = office.number, self.network.prefix
        text = ""
        for n in range(1, 6):
            contact = "" if office.unregistered and n == 1 else f"contact = sip:{k}{n}@{net}.{k}.{n}:5060\n"
            text += (
                f"[{k}{n}]\ntype = aor\n{contact}[{k}{n}](line)\naors = {k}{n}\ncontext = from-internal\n"
                f'callerid = "Phone {n}" <{k}{n}>\nset_var = K={k}\nset_var = NET={net}\n'
                f"[{k}{n}]\ntype = identify\nendpoint = {k}{n}\nmatch = {net}.{k}.{n}/32\n"
            )
        return text


def _queue(office: Office) -> str:
    """The queue of an office whose layout has one: phones 1 and 2, through Local channels where the layout says so."""
    member = "Local/{}@from-queue/n" if office.layout == "queue_local" else "PJSIP/{}"
    members = "".join(f"member => {member.format(f'{office.number}{n}')}\n" for n in (1, 2))
    announced = "announce = queue-thankyou\n" if office.layout == "queue_announced" else ""
    return f"[q{office.number}](office)\n{announced}{members}"


def manager_user() -> str:
    """The AMI user that the project ships for plain Asterisk, with the lab's secret."""
    shipped = SHIPPED / "secondring.conf"
    text, changed = re.subn(r"(?m)^;?secret\s*=.*$", f"secret = {SECRET}", shipped.read_text())
    if changed != 1:
        raise RuntimeError(f"{shipped}: expected one line `secret =`, found {changed}")
    return text
