"""`secondring doctor` at a FreeSWITCH: what an admin learns of the event socket, the rights and the contexts."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.demo.freeswitch.desk import Readiness
from agent.demo.freeswitch.esl import Account
from agent.demo.freeswitch.player import FreeswitchPlayer
from agent.demo.plan import PlannedCall
from agent.pbx.freeswitch.socket_seen import Seen, about_events
from tests.office import AcmeOffice, beside
from tests.unit.agent.cli.test_doctor import findings

CALLS = tuple(PlannedCall(n / 10, "no_answer") for n in range(5))
USER = "secondring@pbx.lab"
SOFIA = """\
                     Name\t   Type\t                                      Data\tState
=================================================================================================
                 external\tprofile\t             sip:mod_sofia@192.0.2.2:5080\tRUNNING (0)
     external::carrier.ex\tgateway\t                    sip:joe@carrier.ex\tREGED
                 internal\tprofile\t             sip:mod_sofia@192.0.2.2:5060\tRUNNING (0)
=================================================================================================
2 profiles 0 aliases
"""
PROFILE = "Name             \t{}\nDialplan         \tXML\nContext          \t{}\n"


@contextmanager
def playing(
    *accounts: Account,
    plan: tuple[PlannedCall, ...] = (),
    user: str = USER,
    secret: str = "the-secret",
    readiness: Readiness = Readiness.READY,
    welcome: bool = True,
    trunk_context: str = "public",
) -> Iterator[str]:
    """A FreeSWITCH with the shipped user and these; yields the configuration's lines that lead to it."""
    answers = {
        "sofia status": SOFIA,
        "sofia status profile external": PROFILE.format("external", trunk_context),
        "sofia status profile internal": PROFILE.format("internal", "default"),
        "echo secondring": "secondring",
    }

    def player() -> FreeswitchPlayer:
        made = FreeswitchPlayer(
            plan, accounts=accounts, secret=secret, speed=math.inf, welcome=welcome, answers=answers
        )  # fmt: skip
        made.readiness = readiness
        return made

    with beside(player) as pbx:
        yield f'kind = "freeswitch"\nport = {pbx.port}\nuser = "{user}"'


def test_where_all_is_well_it_says_what_it_saw(tmp_path: Path) -> None:
    with playing(plan=CALLS) as pbx:
        found = findings(AcmeOffice(tmp_path, pbx=pbx), "--watch", 20)
    assert {name for name, row in found.items() if row["grade"] == "ok" and name.startswith("pbx-")} >= {
        "pbx-connection", "pbx-login", "pbx-listing", "pbx-rights-excess", "pbx-events", "pbx-inbound",
    }  # fmt: skip
    assert found["pbx-login"]["seen"] == f'user "{USER}" was let in'
    assert found["pbx-listing"]["seen"].startswith("FreeSWITCH 1.10.12")
    assert found["pbx-inbound"]["seen"].startswith("calls came in by public, profile external (")


def test_a_machine_that_the_access_list_denies_is_told_of_the_list(tmp_path: Path) -> None:
    folder = tmp_path / "freeswitch" / "autoload_configs"
    folder.mkdir(parents=True)
    (folder / "event_socket.conf.xml").write_text('<param name="apply-inbound-acl" value="office-only"/>')
    with playing(welcome=False) as pbx:
        acme = AcmeOffice(tmp_path, pbx=pbx)
        found = findings(acme, "--watch", 0, "--pbx-files", folder.parent)
    assert found["pbx-connection"]["grade"] == "failure"
    assert "refuses connections from this address" in found["pbx-connection"]["seen"]
    assert "access list office-only" in found["pbx-connection"]["remedy"]
    assert found["pbx-login"]["grade"] == "skipped"


def test_a_wrong_password_fails_and_is_never_shown(tmp_path: Path) -> None:
    with playing(secret="another") as pbx:
        found = findings(AcmeOffice(tmp_path, pbx=pbx), code=1)
    assert found["pbx-login"]["grade"] == "failure"
    assert "the-secret" not in str(found)


def test_a_default_password_is_told_of_where_the_file_has_it(tmp_path: Path) -> None:
    folder = tmp_path / "freeswitch" / "autoload_configs"
    folder.mkdir(parents=True)
    (folder / "event_socket.conf.xml").write_text('<param name="password" value="ClueCon"/>')
    with playing(secret="ClueCon", user="secondring") as pbx:
        acme = AcmeOffice(tmp_path, pbx=pbx)
        found = findings(acme, "--watch", 0, "--pbx-files", folder.parent, code=1)
        assert "default password" in found["pbx-login"]["remedy"]
        (tmp_path / "pbx.secret").write_text("ClueCon\n")
        found = findings(acme, "--watch", 0, "--pbx-files", folder.parent)
    assert found["pbx-login"]["grade"] == "ok"
    assert "every FreeSWITCH comes with" in found["pbx-rights-excess"]["seen"]


def test_a_pbx_that_boots_is_told_as_such(tmp_path: Path) -> None:
    with playing(readiness=Readiness.NOT_READY) as pbx:
        found = findings(AcmeOffice(tmp_path, pbx=pbx), code=1)
    assert found["pbx-login"]["grade"] == "ok"
    assert found["pbx-listing"]["grade"] == "failure" and "isn't ready" in found["pbx-listing"]["seen"]
    assert "fs_cli -x status" in found["pbx-listing"]["remedy"]


@pytest.mark.parametrize(
    ("account", "missing"),
    [
        (Account(USER, "the-secret", None, "status uptime"), "esl-allowed-api"),
        (Account(USER, "the-secret", "CHANNEL_CREATE CHANNEL_ANSWER"), "esl-allowed-events"),
    ],
)
def test_a_user_without_a_right_learns_which_to_give(tmp_path: Path, account: Account, missing: str) -> None:
    with beside(lambda: _only(account)) as pbx:
        lines = f'kind = "freeswitch"\nport = {pbx.port}\nuser = "{USER}"'
        found = findings(AcmeOffice(tmp_path, pbx=lines), code=1)
    assert found["pbx-listing"]["grade"] == "failure"
    assert missing in found["pbx-listing"]["remedy"]


def _only(account: Account) -> FreeswitchPlayer:
    made = FreeswitchPlayer((), secret="another", speed=math.inf)
    made.accounts[account.name] = account
    return made


def test_the_sockets_own_password_may_do_too_much(tmp_path: Path) -> None:
    with playing(user="secondring") as pbx:
        found = findings(AcmeOffice(tmp_path, pbx=pbx))
    assert found["pbx-login"]["seen"] == "the password was taken"
    assert found["pbx-rights-excess"]["grade"] == "warning"
    assert "user of the directory" in found["pbx-rights-excess"]["remedy"]


def test_a_user_who_may_do_everything_has_too_many_rights(tmp_path: Path) -> None:
    with playing(Account("mighty@pbx.lab", "the-secret"), user="mighty@pbx.lab") as pbx:
        found = findings(AcmeOffice(tmp_path, pbx=pbx))
    assert found["pbx-rights-excess"]["grade"] == "warning"
    assert "esl-allowed-api" in found["pbx-rights-excess"]["remedy"]


def test_where_profiles_lead_shows_without_a_call(tmp_path: Path) -> None:
    with playing(user="secondring") as pbx:
        found = findings(AcmeOffice(tmp_path, pbx=pbx))
    assert found["pbx-inbound"]["seen"] == "calls over profile external begin in context public"


def test_a_context_that_isnt_configured_is_proposed(tmp_path: Path) -> None:
    with playing(user="secondring", trunk_context="from-carrier") as pbx:
        found = findings(AcmeOffice(tmp_path, pbx=pbx))
    assert found["pbx-inbound"]["grade"] == "warning"
    assert "profile external puts its callers into context from-carrier" in found["pbx-inbound"]["seen"]
    assert 'inbound_contexts = ["from-carrier"]' in found["pbx-inbound"]["remedy"]


def test_calls_in_a_context_that_isnt_configured_show_the_right_setting(tmp_path: Path) -> None:
    with playing(plan=CALLS) as pbx:
        acme = AcmeOffice(tmp_path, pbx=f'{pbx}\ninbound_contexts = ["from-carrier"]')
        found = findings(acme, "--watch", 0.5)
    assert found["pbx-inbound"]["grade"] == "warning"
    assert "public, profile external (" in found["pbx-inbound"]["seen"]
    assert 'inbound_contexts = ["public"]' in found["pbx-inbound"]["remedy"]


def test_a_socket_open_to_the_world_is_warned_of(tmp_path: Path) -> None:
    folder = tmp_path / "freeswitch" / "autoload_configs"
    folder.mkdir(parents=True)
    (folder / "event_socket.conf.xml").write_text(
        '<!-- <param name="listen-ip" value="127.0.0.1"/> -->\n<param name="listen-ip" value="0.0.0.0"/>'
    )
    with playing() as pbx:
        found = findings(AcmeOffice(tmp_path, pbx=pbx), "--watch", 0, "--pbx-files", folder.parent)
    assert found["pbx-binding"]["grade"] == "warning" and "0.0.0.0" in found["pbx-binding"]["seen"]


class TestEventsThatDontCome:
    """Two listings show legs that began or ended; no event told of them."""

    def test_calls_that_begin_unheard(self) -> None:
        found = about_events(Seen(), frozenset(), frozenset({"a-leg"}))
        assert found.grade == "failure" and "calls began of which no event came" in found.seen
        assert "CHANNEL_HANGUP_COMPLETE" in found.remedy

    def test_calls_that_end_unheard(self) -> None:
        assert about_events(Seen(), frozenset({"a-leg"}), frozenset()).grade == "failure"

    def test_calls_of_which_it_is_not_told_what_happens_to_them(self) -> None:
        seen = Seen()
        seen.take({"Event-Name": "CHANNEL_CREATE", "Unique-ID": "a-leg", "Call-Direction": "inbound"})
        found = about_events(seen, frozenset(), frozenset({"a-leg"}))
        assert found.grade == "warning" and "CHANNEL_EXECUTE" in found.seen
