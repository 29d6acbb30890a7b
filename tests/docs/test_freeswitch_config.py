"""The files of pbx-config/freeswitch. No FreeSWITCH can be had here, so they are held against the names it is known to
use and against the code that logs in with them, and the README's commands are run on them.
"""

import os
import re
import subprocess
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.pbx.freeswitch.dialect import EVENTS, Dialect
from agent.pbx.freeswitch.session import SUBSCRIBE, Session

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "pbx-config" / "freeswitch"
README = (SHIPPED / "README.md").read_text(encoding="utf-8")

KNOWN = {
    # mod_sofia (sofia_reg.c) and mod_event_socket read these of a user
    "secondring.xml": {
        "sip-forbid-register",
        "allow-empty-password",
        "esl-password",
        "esl-allowed-log",
        "esl-allowed-events",
        "esl-allowed-api",
    },
    # FreeSWITCH's samples: conf/vanilla/autoload_configs/event_socket.conf.xml, and the one beside mod_json_cdr
    "event_socket.conf.xml": {
        "nat-map",
        "listen-ip",
        "listen-port",
        "password",
        "apply-inbound-acl",
        "stop-on-bind-error",
    },
    "json_cdr.conf.xml": {"log-b-leg", "prefix-a-leg", "encode-values", "log-http-and-disk", "log-dir", "rotate"},
}
REPLY_LIMIT = 511
"""mod_event_socket has 512 bytes for its answer to a login; of a longer one the end is lost, and the client waits."""

PROGRAMS = ("apt-get", "chown", "fs_cli", "systemd-tmpfiles")
"""What the README runs and a test can't."""


def params(file: Path) -> dict[str, str]:
    return {param.attrib["name"]: param.attrib["value"] for param in ET.parse(file).iter("param")}


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def pbx_settings() -> dict[str, object]:
    """What the README's snippets set under [pbx], all together; the first one counts."""
    merged: dict[str, object] = {}
    for snippet in reversed(blocks("toml")):
        merged |= tomllib.loads(snippet)["pbx"]
    return merged


@pytest.mark.parametrize("file", [*SHIPPED.glob("*.xml")], ids=lambda file: file.name)
def test_each_file_is_well_formed_and_uses_only_names_that_freeswitch_knows(file: Path) -> None:
    assert set(params(file)) <= KNOWN[file.name]
    lines = file.read_text(encoding="utf-8").splitlines()
    # FreeSWITCH's own reader works by the line, in comments too: it drops a line with <include>, and obeys $${…}
    assert [line.strip() for line in lines if "include>" in line] in ([], ["<include>", "</include>"])
    assert not any("$${" in line or "X-PRE-PROCESS" in line for line in lines)


def test_each_configuration_shown_as_xml_is_well_formed() -> None:
    assert len(blocks("xml")) == 2
    for block in blocks("xml"):
        ET.fromstring(block)


def answer(command: str) -> bytes:
    """What FreeSWITCH would say, with one call up."""
    if not command.startswith("api "):
        return b"Content-Type: command/reply\nReply-Text: +OK\n\n"
    said = {
        "api status": b"FreeSWITCH (Version 1.10.12) is ready\n",
        "api global_getvar core_uuid": b"6f6a8f0c-core",
        "api show channels as json": b'{"row_count":1,"rows":[{"uuid":"6f6a8f0c-leg"}]}',
        "api show calls as json": b'{"row_count":0}',
    }.get(command, b"{}")
    return b"Content-Type: api/response\nContent-Length: %d\n\n%b" % (len(said), said)


def commands() -> list[str]:
    """All that a session ever says, from the login to the goodbye."""
    session = Session("", "a-secret", Dialect(("public",)))
    said: list[str] = []

    def converse(heard: bytes) -> None:
        session.feed(heard)
        while out := session.outgoing().decode().split("\n\n")[:-1]:
            said.extend(out)
            for command in out:
                session.feed(answer(command))

    converse(b"Content-Type: auth/request\n\n")
    assert session.is_live
    for ask in (session.ping, session.list_anew, session.log_off):
        ask()
        converse(b"")
    return said


def test_the_user_may_do_what_the_session_asks_for_and_no_more() -> None:
    user = params(SHIPPED / "secondring.xml")
    words = [command.split() for command in commands()]
    assert {word[0] for word in words} == {"auth", "api", "event", "filter", "exit"}  # the others need no right
    assert set(user["esl-allowed-api"].split()) == {word[1] for word in words if word[0] == "api"}
    heard = {name for word in words if word[0] == "event" for name in word[2:]}
    assert set(user["esl-allowed-events"].split()) == heard == set(EVENTS)
    assert SUBSCRIBE[0].split()[2:] == sorted(EVENTS)
    assert user["esl-allowed-log"] == "false"


def test_the_answer_to_the_login_fits_into_freeswitchs_buffer() -> None:
    user = params(SHIPPED / "secondring.xml")
    reply = (
        "~Reply-Text: +OK accepted\n"
        f"Allowed-Events: {user['esl-allowed-events']}\n"
        f"Allowed-API: {user['esl-allowed-api']}\n"
        f"Allowed-LOG: {user['esl-allowed-log']}\n\n"
    )
    assert len(reply) <= REPLY_LIMIT


def test_no_phone_can_register_as_the_user() -> None:
    user = params(SHIPPED / "secondring.xml")
    assert next(iter(user)) == "sip-forbid-register" and user["sip-forbid-register"] == "true"
    assert user["allow-empty-password"] == "false" and "password" not in user


def test_as_shipped_nobody_can_log_in() -> None:
    assert "esl-password" not in params(SHIPPED / "secondring.xml")
    assert "ClueCon" not in (SHIPPED / "event_socket.conf.xml").read_text(encoding="utf-8")


def test_the_socket_is_for_this_machine_only() -> None:
    socket = params(SHIPPED / "event_socket.conf.xml")
    assert (socket["listen-ip"], socket["apply-inbound-acl"]) == ("127.0.0.1", "loopback.auto")
    assert (socket["listen-ip"], int(socket["listen-port"])) == (pbx_settings()["host"], pbx_settings()["port"])


def test_the_readme_names_the_user_and_the_folder_of_the_files() -> None:
    domain = ET.parse(SHIPPED / "secondring.xml").find("domain")
    user = domain.find(".//user") if domain is not None else None
    assert domain is not None and user is not None
    name = f"{user.attrib['id']}@{domain.attrib['name']}"
    assert pbx_settings()["user"] == name
    assert set(re.findall(r"fs_cli -u (\S+)", README)) == {name}

    folder = params(SHIPPED / "json_cdr.conf.xml")["log-dir"]
    assert pbx_settings()["records"] == folder
    rule = [line.split() for line in (SHIPPED / "tmpfiles.conf").read_text().splitlines() if not line.startswith("#")]
    assert rule == [["d", folder, "2750", "freeswitch", "secondring", "7d"]]


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A box on which every command of the README was run, in order."""
    root = tmp_path_factory.mktemp("box")
    for folder in ("bin", "etc/tmpfiles.d", "etc/fusionpbx", "etc/freeswitch/autoload_configs", "var/log/freeswitch"):
        (root / folder).mkdir(parents=True)
    (root / "root").mkdir()
    (root / "etc/fusionpbx/config.conf").write_text("switch.event_socket.host = 127.0.0.1\n")
    for program in PROGRAMS:
        (root / "bin" / program).write_text("#!/bin/sh\n")
        (root / "bin" / program).chmod(0o755)
    for script in blocks("sh"):
        # looking at a real box only
        moved = re.sub(r"(?<![\w.])/(etc|root|var)/", rf"{root}/\1/", script)
        if "| grep" not in moved:
            path = f"{root / 'bin'}:{os.environ['PATH']}"
            subprocess.run(["sh", "-euc", moved], cwd=ROOT, env={**os.environ, "PATH": path}, check=True)
    yield root


def test_the_readmes_command_puts_the_secret_in_and_changes_nothing_else(box: Path) -> None:
    secret = (box / "etc/secondring/pbx.secret").read_text().strip()
    installed = box / "etc/freeswitch/directory/secondring.xml"
    assert re.fullmatch(r"[0-9a-f]{32}", secret)
    assert params(installed) == {**params(SHIPPED / "secondring.xml"), "esl-password": secret}
    assert installed.stat().st_mode & 0o077 == 0
    assert (box / "etc/secondring/pbx.secret").stat().st_mode & 0o077 == 0


def test_the_readmes_command_gives_the_socket_a_password_of_its_own_that_fs_cli_finds(box: Path) -> None:
    socket = params(box / "etc/freeswitch/autoload_configs/event_socket.conf.xml")
    assert re.fullmatch(r"[0-9a-f]{32}", socket["password"])
    assert socket == {**params(SHIPPED / "event_socket.conf.xml"), "password": socket["password"]}
    assert socket["password"] != (box / "etc/secondring/pbx.secret").read_text().strip()
    assert f"password => {socket['password']}\n" in (box / "root/.fs_cli_conf").read_text()
    assert (box / "root/.fs_cli_conf").stat().st_mode & 0o077 == 0


def test_the_readmes_commands_install_the_records_for_whoever_runs_freeswitch(box: Path) -> None:
    assert params(box / "etc/freeswitch/autoload_configs/json_cdr.conf.xml") == params(SHIPPED / "json_cdr.conf.xml")
    rule = (box / "etc/tmpfiles.d/freeswitch-cdr.conf").read_text().splitlines()[-1].split()
    assert rule[3:5] == [(box / "var/log/freeswitch").owner(), "secondring"]
