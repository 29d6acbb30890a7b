"""Asterisk's own files as doctor reads them: what stands in manager.conf, wherever it really stands."""

from pathlib import Path

import pytest

from agent.findings import Finding, Grade
from agent.pbx.asterisk.conf_files import read_sections
from agent.pbx.asterisk.manager_conf import ManagerConf, about_files

GENERAL = "[general]\nenabled = yes\nbindaddr = 127.0.0.1\n"
OURS = """\
[secondring]
secret = the-secret
deny = 0.0.0.0/0.0.0.0
permit = 127.0.0.1/255.255.255.255
read = system,call,agent,dialplan
write = reporting
eventfilter = !^Event: VarSet
"""


def conf(folder: Path, ours: str = OURS, general: str = GENERAL) -> ManagerConf:
    (folder / "manager.conf").write_text(general + '#include "manager.d/*.conf"\n')
    (folder / "manager.d").mkdir(exist_ok=True)
    (folder / "manager.d" / "secondring.conf").write_text(ours)
    return ManagerConf(folder, "secondring", local=True)


def found(folder: Path, ours: str = OURS, general: str = GENERAL, host: str = "127.0.0.1") -> dict[str, Finding]:
    return {finding.id: finding for finding in about_files(conf(folder, ours, general), host)}


def test_a_section_is_found_through_includes_with_comments_templates_and_arrows(tmp_path: Path) -> None:
    (tmp_path / "manager.conf").write_text(
        "[general]\n;--\n#tryinclude missing.conf\n#include <extra.conf>\n[base](!)\nwrite = reporting ; only that\n"
        "[secondring](base)\nRead => system, call\nsecret = a\\;b\n"
    )
    (tmp_path / "extra.conf").write_text("bindaddr = 10.0.0.1\n")
    sections = read_sections(tmp_path / "manager.conf")
    assert sections["general"].last("bindaddr") == "10.0.0.1"
    assert sections["secondring"].words("read") == {"system", "call"}
    assert sections["secondring"].words("write") == {"reporting"}


def test_files_that_include_each_other_end(tmp_path: Path) -> None:
    (tmp_path / "manager.conf").write_text("[general]\n#include manager.conf\nbindaddr = ::1\n")
    assert read_sections(tmp_path / "manager.conf")["general"].last("bindaddr") == "::1"


def test_the_shipped_section_has_nothing_to_complain_of(tmp_path: Path) -> None:
    assert {finding.grade for finding in found(tmp_path).values()} == {Grade.OK}


def test_a_filter_without_its_anchor_is_a_failure_with_the_line_to_write(tmp_path: Path) -> None:
    finding = found(tmp_path, OURS.replace("!^", "!"))["pbx-filter"]
    assert finding.grade is Grade.FAILURE
    assert "a caller whose name holds these words becomes invisible" in finding.why
    assert "eventfilter = !^Event: VarSet" in finding.remedy


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "there is no event filter"),
        ("eventfilter = Event: Hangup", "lists what may come"),
        ("eventfilter(name(Hangup)) =", "lists what may come"),
    ],
)
def test_a_filter_that_is_missing_or_leaves_too_much_out_is_warned_of(tmp_path: Path, line: str, told: str) -> None:
    finding = found(tmp_path, OURS.replace("eventfilter = !^Event: VarSet", line))["pbx-filter"]
    assert finding.grade is Grade.WARNING and told in finding.seen


def test_the_newer_way_to_exclude_is_fine(tmp_path: Path) -> None:
    newer = OURS.replace("eventfilter = !^Event: VarSet", "eventfilter(action(exclude),name(VarSet)) =")
    assert found(tmp_path, newer)["pbx-filter"].grade is Grade.OK


@pytest.mark.parametrize("bound", ["bindaddr = 0.0.0.0", "bindaddr = ::", ""])
def test_a_manager_open_to_the_network_is_warned_of(tmp_path: Path, bound: str) -> None:
    finding = found(tmp_path, general=GENERAL.replace("bindaddr = 127.0.0.1", bound))["pbx-binding"]
    assert finding.grade is Grade.WARNING and "bindaddr = 127.0.0.1" in finding.remedy


def test_a_user_who_may_come_from_anywhere_is_warned_of(tmp_path: Path) -> None:
    finding = found(tmp_path, OURS.replace("permit", ";permit"))["pbx-binding"]
    assert finding.grade is Grade.WARNING and "from any address" in finding.seen


def test_a_login_over_the_network_is_warned_of(tmp_path: Path) -> None:
    assert "unencrypted" in found(tmp_path, host="192.0.2.5")["pbx-binding"].why


def test_a_refused_login_is_explained_by_what_stands_in_the_files(tmp_path: Path) -> None:
    assert "has a section [secondring]" in conf(tmp_path, "").why_refused()
    assert "has no secret" in conf(tmp_path, OURS.replace("secret =", ";secret =")).why_refused()
    assert "compare its `secret`" in conf(tmp_path).why_refused()
    assert "the-secret" not in conf(tmp_path).why_refused()


def test_files_that_cant_be_read_are_skipped_with_the_reason(tmp_path: Path) -> None:
    missing = about_files(ManagerConf(tmp_path, "secondring", local=True), "127.0.0.1")
    elsewhere = about_files(ManagerConf(tmp_path, "secondring", local=False), "192.0.2.5")
    assert {finding.grade for finding in [*missing, *elsewhere]} == {Grade.SKIPPED}
    assert "isn't on this machine" in missing[0].seen and "the PBX's own machine" in elsewhere[0].seen
