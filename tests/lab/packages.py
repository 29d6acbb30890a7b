"""Debian packages unpacked under `.lab/`, with every library they need; no root, nothing installed.

An apt of its own with an empty dpkg status names the whole dependency closure, libc included, and each program is
started through that libc's own loader. So a bullseye Asterisk runs on any x86-64 machine that has apt.
"""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HOME = Path(__file__).parents[2] / ".lab"

APT_CONF = """\
Dir::Etc::sourcelist "{apt}/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "{apt}/lists";
Dir::State::status "{apt}/status";
Dir::Cache "{apt}/cache";
Debug::NoLocking "true";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Languages "none";
"""


class Unavailable(Exception):
    """The packages can't be had on this machine: the lab's tests are skipped, and this says why."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What to unpack: a name for its folder, the Debian release, and the packages asked for."""

    name: str
    suite: str
    packages: tuple[str, ...]


SOUNDS = ("asterisk-core-sounds-en-gsm", "asterisk-moh-opsound-gsm")
ASTERISK = {
    "22": Bundle("asterisk-22", "sid", ("asterisk", *SOUNDS)),
    "16": Bundle("asterisk-16", "bullseye", ("asterisk", "asterisk-voicemail", *SOUNDS)),
}
SIPP = Bundle("sipp", "bookworm", ("sip-tester",))


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The root folder of an unpacked bundle."""

    root: Path

    @cache  # noqa: B019 - there are three of them, for the whole run
    def find(self, name: str) -> Path:
        """The first file of this name. Raises Unavailable if the packages hold none."""
        for found in sorted(self.root.rglob(name)):
            return found
        raise Unavailable(f"no file {name} under {self.root}: delete the folder {HOME} and run the lab again")

    def command(self, program: str, *, argv0: str | None = None) -> list[str]:
        """The words that start `program` (a path inside the root) with the bundle's own loader and libraries.

        `argv0` is the name the program sees; only loaders of glibc 2.33 and later can give it.
        """
        loader = self.find("ld-linux-x86-64.so.2").resolve()
        places = ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib", "usr/lib/x86_64-linux-gnu/asterisk")
        words = [str(loader)]
        if argv0 is not None:
            words += ["--argv0", argv0]
        return [*words, "--library-path", ":".join(str(self.root / p) for p in places), str(self.root / program)]

    @cache  # noqa: B019
    def loader_takes_argv0(self) -> bool:
        loader = self.find("ld-linux-x86-64.so.2").resolve()
        return "--argv0" in subprocess.run([loader, "--help"], capture_output=True, text=True, check=False).stdout


def unpacked(bundle: Bundle) -> Unpacked:
    """The bundle under `.lab/`, fetched if it isn't there yet (about ten seconds). Raises Unavailable."""
    HOME.mkdir(exist_ok=True)
    folder = HOME / bundle.name
    with _alone(HOME / f"{bundle.name}.lock"):
        if not folder.exists():
            _fetch(bundle, folder)
    return Unpacked(folder)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _fetch(bundle: Bundle, folder: Path) -> None:
    work = HOME / f"{bundle.name}.part"
    shutil.rmtree(work, ignore_errors=True)
    for sub in ("apt/lists/partial", "apt/cache/archives/partial", "debs", "root"):
        (work / sub).mkdir(parents=True)
    apt = work / "apt"
    (apt / "sources.list").write_text(f"deb {_mirror()} {bundle.suite} main\n")
    (apt / "status").touch()
    (apt / "apt.conf").write_text(APT_CONF.format(apt=apt))
    env = {**os.environ, "APT_CONFIG": str(apt / "apt.conf"), "LC_ALL": "C"}
    _run(["apt-get", "update", "-qq"], env, work)
    plan = _run(["apt-get", "-s", "install", *bundle.packages], env, work)
    names = [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]
    _run(["apt-get", "download", "-qq", *names], env, work / "debs")
    for deb in sorted((work / "debs").glob("*.deb")):
        _run(["dpkg", "-x", str(deb), str(work / "root")], env, work)
    (work / "root").rename(folder)
    shutil.rmtree(work)


def _mirror() -> str:
    """This machine's own Debian mirror, with the key that signs it, as one words of a sources.list line."""
    keyring = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    if not keyring.exists() or shutil.which("apt-get") is None:
        raise Unavailable("the lab needs a Debian machine (apt-get and debian-archive-keyring) to fetch Asterisk")
    for source in sorted(Path("/etc/apt").glob("sources.list.d/*.sources")):
        paragraph = source.read_text()
        for line in paragraph.splitlines():
            if line.startswith("URIs:") and "debian-archive-keyring" in paragraph:
                return f"[signed-by={keyring}] {line.removeprefix('URIs:').split()[0]}"
    lines = Path("/etc/apt/sources.list")
    for line in lines.read_text().splitlines() if lines.exists() else []:
        words = [w for w in line.split() if not w.startswith("[") and not w.endswith("]")]
        if words[:1] == ["deb"]:
            return f"[signed-by={keyring}] {words[1]}"
    raise Unavailable("no Debian mirror found in /etc/apt: the lab can't fetch Asterisk")


def _run(words: list[str], env: dict[str, str], cwd: Path) -> str:
    try:
        done = subprocess.run(words, env=env, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise Unavailable(f"{words[0]} {words[1]}: {problem}") from problem
    if done.returncode != 0:
        raise Unavailable(f"{' '.join(words[:3])} failed: {done.stderr.strip()[-300:] or done.returncode}")
    return done.stdout
