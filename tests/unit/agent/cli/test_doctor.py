"""`secondring doctor`: what an admin learns of each part, well or not."""

import asyncio
import json
import math
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.cli.doctor.patient import Looking, Patient, Probe, run_all
from agent.config.load import default_settings
from agent.demo.asterisk.ami import Account
from agent.demo.plan import PlannedCall
from agent.demo.player import Player
from agent.findings import Grade, ok
from storage.lock import Lock
from storage.queries import conditions
from storage.vocabulary import TextState
from tests.doubles.telnyx import API_KEY, PROFILE, TelnyxDouble
from tests.doubles.twilio import ACCOUNT, OUR_NUMBER, TOKEN, TwilioDouble
from tests.office import DANA, AcmeOffice, beside

SHIPPED = frozenset({"system", "call", "agent", "dialplan"})
CALLS = tuple(PlannedCall(n / 10, "no_answer") for n in range(5))


@contextmanager
def playing(*accounts: Account, plan: tuple[PlannedCall, ...] = ()) -> Iterator[str]:
    """A PBX with the shipped user and these; yields the configuration's lines that lead to it."""
    with beside(
        lambda: Player(plan, accounts=accounts, secret="the-secret", speed=math.inf, refusal_delay=0.0)
    ) as player:
        yield f"port = {player.port}"


def findings(acme: AcmeOffice, *words: object, code: int | None = None) -> dict[str, dict[str, str]]:
    """Each finding by its id. No time is spent on watching unless the words say so."""
    result = acme.run("doctor", "--json", *(words or ("--watch", 0)))
    if code is not None:
        assert result.exit_code == code, result.output

    rows = [json.loads(line) for line in result.stdout.splitlines()]
    return {row["id"]: row for row in rows}


def test_where_all_is_well_it_says_what_it_saw_and_ends_with_0(tmp_path: Path) -> None:
    with playing() as pbx:
        acme = AcmeOffice(tmp_path, pbx=pbx)
        acme.missed(DANA)
        acme.text_came_to(TextState.SENDING, TextState.ACCEPTED, at=1.0)
        with acme.agent():
            result = acme.run("doctor", "--watch", 0)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert 'ok       pbx-login: manager user "secondring" was let in' in lines
    assert any(line.startswith("ok       pbx-listing: Asterisk 22.10.1; 0 channels up") for line in lines)
    assert "ok       ledger-integrity: the file is whole" in lines
    assert "ok       agent: runs and listens to the PBX; 2 calls now" in lines
    assert lines[-1].endswith("skipped.") and "failed" not in lines[-1]


def test_without_a_pbx_what_depends_on_it_is_skipped_and_the_rest_is_tried(tmp_path: Path) -> None:
    acme = AcmeOffice(tmp_path, pbx="port = 9")
    acme.missed(DANA)
    found = findings(acme, code=1)
    assert found["pbx-connection"]["grade"] == "failure"
    assert found["pbx-connection"]["seen"] == "127.0.0.1:9 can't be reached: Connection refused"
    assert "manager show settings" in found["pbx-connection"]["remedy"]
    assert found["pbx-login"]["seen"] == "needs pbx-connection"
    assert found["pbx-inbound"]["grade"] == "skipped"
    assert found["ledger"]["grade"] == "ok" and found["provider"]["grade"] == "ok"


def test_a_wrong_secret_is_a_refused_login_and_is_never_shown(tmp_path: Path) -> None:
    with playing() as pbx:
        acme = AcmeOffice(tmp_path, pbx=pbx)
        (tmp_path / "pbx.secret").write_text("mistyped-secret\n")
        result = acme.run("doctor", "--watch", 0)
    assert result.exit_code == 1
    assert 'FAILED   pbx-login: The PBX refuses the login of manager user "secondring"' in result.stdout
    assert "mistyped-secret" not in result.stdout


def test_a_user_who_may_not_ask_lacks_a_right(tmp_path: Path) -> None:
    with playing(Account("deaf", "the-secret", SHIPPED, frozenset())) as pbx:
        found = findings(AcmeOffice(tmp_path, pbx=f'{pbx}\nuser = "deaf"'), code=1)
    assert found["pbx-login"]["grade"] == "ok"
    assert found["pbx-listing"]["grade"] == "failure" and "write = reporting" in found["pbx-listing"]["remedy"]


def test_a_user_who_may_act_has_too_many_rights(tmp_path: Path) -> None:
    with playing(Account("mighty", "the-secret")) as pbx:
        found = findings(AcmeOffice(tmp_path, pbx=f'{pbx}\nuser = "mighty"'))
    assert found["pbx-rights-excess"]["grade"] == "warning"
    assert "write = reporting" in found["pbx-rights-excess"]["remedy"]


def test_calls_that_come_while_it_watches_show_the_events_and_the_context(tmp_path: Path) -> None:
    with playing(plan=CALLS) as pbx:
        found = findings(AcmeOffice(tmp_path, pbx=pbx), "--watch", 20)
    assert found["pbx-events"]["grade"] == "ok"
    assert found["pbx-inbound"]["seen"].startswith("calls came in by from-trunk (")


def test_calls_in_a_context_that_isnt_configured_are_warned_of(tmp_path: Path) -> None:
    with playing(plan=CALLS) as pbx:
        found = findings(AcmeOffice(tmp_path, pbx=f'{pbx}\ninbound_contexts = ["from-carrier"]'), "--watch", 0.5)
    assert found["pbx-inbound"]["grade"] == "warning"
    assert "from-trunk (" in found["pbx-inbound"]["seen"] and "inbound_contexts" in found["pbx-inbound"]["remedy"]


def test_a_user_who_hears_no_calls_while_they_come_fails(tmp_path: Path) -> None:
    with playing(Account("half", "the-secret", SHIPPED - {"call"}, frozenset({"reporting"})), plan=CALLS) as pbx:
        found = findings(AcmeOffice(tmp_path, pbx=f'{pbx}\nuser = "half"'), "--watch", 0.5)
    assert found["pbx-events"]["grade"] == "failure" and "missing: call" in found["pbx-events"]["seen"]


def twilio(double: TwilioDouble, sender: str = OUR_NUMBER, token: str = TOKEN) -> str:
    return f'account_sid = "{ACCOUNT}"\nauth_token = "{token}"\nbase_url = "{double.base_url}"\nfrom = "{sender}"'


def test_a_provider_that_takes_us_shows_account_clock_and_number(tmp_path: Path) -> None:
    with beside(TwilioDouble) as double:
        found = findings(AcmeOffice(tmp_path, pbx="port = 9", sms=twilio(double)))
    assert found["provider-credentials"]["grade"] == found["provider-clock"]["grade"] == "ok"
    assert found["provider-texting-number"]["seen"] == f"{OUR_NUMBER}: owned by this account, can send texts"


def test_a_sender_that_isnt_ours_fails_with_what_to_do(tmp_path: Path) -> None:
    with beside(TwilioDouble) as double:
        found = findings(AcmeOffice(tmp_path, pbx="port = 9", sms=twilio(double, sender="+13125550199")))
    assert found["provider-texting-number"]["grade"] == "failure"
    assert "doesn't own it" in found["provider-texting-number"]["seen"]
    assert found["provider-texting-number"]["remedy"].startswith("buy it")


def test_credentials_that_are_refused_fail_and_are_never_shown(tmp_path: Path) -> None:
    with beside(TwilioDouble) as double:
        acme = AcmeOffice(tmp_path, pbx="port = 9", sms=twilio(double, token="not-the-auth-token"))
        found = findings(acme, code=1)
    assert found["provider-credentials"]["grade"] == "failure"
    assert not any("not-the-auth-token" in text for finding in found.values() for text in finding.values())


def test_telnyx_is_asked_for_its_number_profile_and_webhook(tmp_path: Path) -> None:
    with beside(TelnyxDouble) as double:
        sms = f'provider = "telnyx"\nauth_token = "{API_KEY}"\nbase_url = "{double.base_url}"\nfrom = "{OUR_NUMBER}"'
        found = findings(AcmeOffice(tmp_path, pbx="port = 9", sms=sms))
    assert found["provider-credentials"]["grade"] == found["provider-texting-number"]["grade"] == "ok"
    assert found["provider-messaging-profile"]["seen"] == f"{PROFILE}: enabled"
    assert found["provider-webhook"]["seen"].startswith("none: replies are asked for")


def test_a_missing_token_is_a_bad_configuration_and_the_pbx_is_tried_all_the_same(tmp_path: Path) -> None:
    sms = f'account_sid = "{ACCOUNT}"\nauth_token_file = "token"\nfrom = "{OUR_NUMBER}"'
    with playing() as pbx:
        found = findings(AcmeOffice(tmp_path, pbx=pbx, sms=sms), code=3)
    assert found["configuration"]["grade"] == "failure" and "token: can't read" in found["configuration"]["seen"]
    assert found["pbx-login"]["grade"] == "ok"
    assert found["provider-credentials"]["grade"] == "skipped"


def test_a_configuration_that_cant_be_read_ends_with_3(tmp_path: Path) -> None:
    acme = AcmeOffice(tmp_path, pbx="prot = 5038")
    result = acme.run("doctor")
    assert result.exit_code == 3 and "pbx.prot" in result.stderr


def test_a_first_run_is_told_what_comes_next(tmp_path: Path) -> None:
    found = findings(AcmeOffice(tmp_path, pbx="port = 9"))
    assert found["ledger"]["grade"] == "warning" and "It is made when the agent first runs." in found["ledger"]["why"]
    assert found["outbox"]["seen"] == "needs ledger"
    assert found["agent"]["remedy"] == "systemctl enable --now secondring"
    assert not (tmp_path / "state" / "ledger.db").exists()


def test_a_damaged_ledger_fails_and_stops_nothing_else(tmp_path: Path) -> None:
    acme = AcmeOffice(tmp_path, pbx="port = 9")
    acme.path.write_bytes(b"not a database at all" * 100)
    found = findings(acme, code=1)
    assert found["ledger"]["grade"] == "failure" and "file is not a database" in found["ledger"]["seen"]
    assert found["space"]["grade"] in ("ok", "warning")


def test_a_pause_and_a_stopped_provider_are_told_with_what_lifts_them(tmp_path: Path) -> None:
    acme = AcmeOffice(tmp_path, pbx="port = 9")
    acme.run("pause", "--note", "moving house")
    texting = findings(acme)["texting"]
    assert texting["grade"] == "warning" and "moving house" in texting["seen"]
    assert texting["remedy"] == "secondring resume"

    def stop(db: sqlite3.Connection) -> None:
        conditions.raise_condition(db, conditions.SENDING_STOPPED, "bad credentials (code 20003)", 1.0)

    acme.write(stop)
    texting = findings(acme)["texting"]
    assert texting["grade"] == "failure" and texting["seen"] == "stopped: bad credentials (code 20003)"


def test_a_text_that_waits_since_long_is_told(tmp_path: Path) -> None:
    acme = AcmeOffice(tmp_path, pbx="port = 9")
    acme.missed(DANA)
    assert findings(acme)["outbox"]["grade"] == "failure"
    acme.text_came_to(TextState.SENDING, TextState.ACCEPTED, at=1.0)
    assert findings(acme)["outbox"]["grade"] == "ok"


def test_a_lock_that_is_held_without_an_agent_is_told(tmp_path: Path) -> None:
    acme = AcmeOffice(tmp_path, pbx="port = 9")
    acme.missed(DANA)
    with Lock(acme.path):
        found = findings(acme)
    assert found["agent"]["grade"] == "failure" and "holds ledger.db.lock" in found["agent"]["seen"]


def test_a_secret_that_everybody_can_read_fails_with_the_command_that_closes_it(tmp_path: Path) -> None:
    acme = AcmeOffice(tmp_path, pbx="port = 9")
    (tmp_path / "pbx.secret").chmod(0o644)
    found = findings(acme)
    assert found["secret-files"]["grade"] == "failure"
    assert found["secret-files"]["remedy"] == f"chmod o-rwx {tmp_path}/pbx.secret"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_files_of_somebody_else_beside_the_ledger_fail(tmp_path: Path) -> None:
    acme = AcmeOffice(tmp_path, pbx="port = 9")
    acme.missed(DANA)
    os.chown(acme.path, 1, 1)
    found = findings(acme)
    assert found["ledger-files"]["grade"] == "failure" and f"chown root: {acme.path}" in found["ledger-files"]["remedy"]


async def test_a_probe_that_hangs_or_breaks_never_keeps_another_from_being_told() -> None:

    async def hangs(patient: Patient) -> list[object]:
        await asyncio.Event().wait()
        return []

    async def breaks(patient: Patient) -> list[object]:
        raise ZeroDivisionError("oh")

    async def works(patient: Patient) -> list[object]:
        return [ok("works", "yes")]

    patient = Patient(Path(), default_settings(), Looking(0.0, None), 0.0)
    probes = [Probe(p.__name__, p, 0.01) for p in (hangs, breaks, works)]  # type: ignore[arg-type]
    found = await run_all(probes, patient)
    assert [(finding.id, finding.grade) for finding in found] == [
        ("hangs", Grade.FAILURE),
        ("breaks", Grade.FAILURE),
        ("works", Grade.OK),
    ]
    assert "ZeroDivisionError" in found[1].seen
