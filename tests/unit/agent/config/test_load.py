"""Where settings come from, what has precedence, and what becomes of secrets."""

import errno
import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from agent.account import account_of
from agent.config.load import default_settings, load
from agent.config.mistakes import ConfigError
from agent.config.sections import PbxKind, Provider
from storage.vocabulary import Reason

EXAMPLE = Path(__file__).parents[4] / "agent/config/example.toml"
MINIMAL = """\
[business]
name = "Acme Plumbing"
country = "US"
timezone = "America/Chicago"

[[line]]
number = "*"
message = "This is {business}. Sorry we missed your call. Reply STOP to opt out."
"""
TWILIO = """
[sms]
account_sid = "AC00000000000000000000000000000000"
from = "+13125550100"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "secondring.toml"
    path.write_text(MINIMAL, encoding="utf-8")
    path.chmod(0o600)
    return path


def add(file: Path, text: str) -> None:
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")


def secret_in(folder: Path, name: str, text: str = "s3cret\n") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


class TestDefaults:
    def test_seven_lines_are_enough_and_the_rest_is_as_documented(self, file: Path) -> None:
        settings = load(file, {"STATE_DIRECTORY": "/var/lib/secondring"}, need_secrets=False)
        line = settings.line[0]
        assert (line.rings, line.min_ring, line.delay, line.queue_wait) == (4, 3.0, 0.0, None)
        assert set(Reason) - set(line.text_on) == {Reason.MENU_ABANDONED, Reason.OTHER}
        assert settings.ring_limit(line) == 24.0
        assert settings.limits.cooldown == 4 * 3600
        assert settings.limits.freshness == 15 * 60
        assert (settings.limits.per_hour, settings.limits.per_day) == (60, 300)
        assert settings.countries_for(line) == {"US"}
        assert settings.hours_of(line) is None and settings.quiet_hours() is None
        assert settings.pbx.port == 5038
        assert settings.pbx.inbound_contexts == ("from-pstn*", "from-trunk*", "from-dahdi*")
        assert settings.sms.base_url == "https://api.twilio.com"
        assert settings.storage.path == Path("/var/lib/secondring/ledger.db")

    def test_freeswitch_brings_its_own_port_and_context(self, file: Path) -> None:
        add(file, '\n[pbx]\nkind = "freeswitch"\n')
        pbx = load(file, {}, need_secrets=False).pbx
        assert (pbx.kind, pbx.port, pbx.inbound_contexts) == (PbxKind.FREESWITCH, 8021, ("public",))

    def test_one_can_tell_whether_the_inbound_contexts_were_set(self, file: Path) -> None:
        assert "inbound_contexts" not in load(file, {}, need_secrets=False).pbx.model_fields_set
        add(file, '\n[pbx]\ninbound_contexts = ["from-pstn*"]\n')
        assert "inbound_contexts" in load(file, {}, need_secrets=False).pbx.model_fields_set

    def test_replay_without_a_configuration_has_one_line_for_every_number(self) -> None:
        settings = default_settings()
        assert [line.number for line in settings.line] == ["*"]
        assert settings.business.country == "US" and settings.ring_limit(settings.line[0]) == 24.0

    @pytest.mark.parametrize(
        ("environ", "path"),
        [
            ({"STATE_DIRECTORY": "/var/lib/a:/var/lib/b", "XDG_STATE_HOME": "/x"}, "/var/lib/a/ledger.db"),
            ({"XDG_STATE_HOME": "/x", "HOME": "/home/ann"}, "/x/secondring/ledger.db"),
            ({"HOME": "/home/ann"}, "/home/ann/.local/state/secondring/ledger.db"),
            ({}, "/var/lib/secondring/ledger.db"),
        ],
    )
    def test_the_ledger_is_where_systemd_or_the_desktop_keep_state(
        self, file: Path, environ: dict[str, str], path: str
    ) -> None:
        assert load(file, environ, need_secrets=False).storage.path == Path(path)


class TestTheExample:
    def test_it_can_be_used_as_it_is(self) -> None:
        settings = load(EXAMPLE, {}, need_secrets=False)
        assert [line.name for line in settings.line] == ["Main", "other numbers"]
        assert settings.sms.shadow

    def test_its_remarks_are_settings_too(self, tmp_path: Path) -> None:
        """Each remark that holds a setting is switched on, and the whole loads."""
        text = EXAMPLE.read_text(encoding="utf-8")
        all_on = tmp_path / "all.toml"
        lines = (
            line.removeprefix("# ") if line.startswith(("# [", "# ")) and ("=" in line or "[" in line) else line
            for line in text.splitlines()
        )
        all_on.write_text(
            "\n".join(line for line in lines if not line.startswith("messaging_service")), encoding="utf-8"
        )
        settings = load(all_on, {}, need_secrets=False)
        assert settings.line[0].hours is not None and settings.limits.quiet_hours == "21:00-08:00"


class TestPrecedence:
    def test_the_environment_comes_before_the_file(self, file: Path) -> None:
        add(file, TWILIO + "\n[limits]\nper_hour = 10\nper_day = 20\n")
        settings = load(
            file,
            {
                "SECONDRING_SMS__FROM": "(312) 555-0199",
                "SECONDRING_SMS__SHADOW": "true",
                "SECONDRING_LIMITS__PER_HOUR": "11",
                "SECONDRING_LIMITS__COUNTRIES": "US, CA",
                "SECONDRING_BUSINESS__OWN_NUMBERS": '["+13125550111"]',
                "SECONDRING_CONFIG": str(file),
            },
            need_secrets=False,
        )
        assert settings.sms.from_ == "+13125550199" and settings.sms.shadow
        assert (settings.limits.per_hour, settings.limits.per_day) == (11, 20)
        assert settings.limits.countries == ("US", "CA")
        assert settings.business.own_numbers == ("+13125550111",)

    def test_for_secrets_environment_then_credential_then_secret_file_then_file(
        self, file: Path, tmp_path: Path
    ) -> None:
        credentials = tmp_path / "credentials"
        credentials.mkdir()
        add(file, '\n[sms]\nprovider = "console"\n\n[pbx]\nsecret = "from the file"\n')

        def secret(environ: dict[str, str]) -> str:
            found = load(file, environ, credentials).pbx.secret
            assert found is not None
            return found.get_secret_value()

        assert secret({}) == "from the file"
        secret_in(tmp_path, "pbx.secret", "from the secret file\n")
        add(file, 'secret_file = "pbx.secret"\n')
        assert secret({}) == "from the secret file"
        secret_in(credentials, "pbx_secret", "from systemd\n")
        assert secret({}) == "from systemd"
        assert secret({"SECONDRING_PBX__SECRET": "from the environment"}) == "from the environment"

    def test_systemd_says_where_its_credentials_are(self, file: Path, tmp_path: Path) -> None:
        secret_in(tmp_path, "pbx_secret")
        secret_in(tmp_path, "sms_auth_token", "t0ken")
        add(file, TWILIO)
        settings = load(file, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
        assert settings.sms.auth_token is not None and settings.sms.auth_token.get_secret_value() == "t0ken"

    @pytest.mark.parametrize(
        ("variable", "value", "words"),
        [
            ("SECONDRING_SMS__FORM", "+13125550100", "Did you mean SECONDRING_SMS__FROM?"),
            ("SECONDRING_HOURS__SAT", "08:00-12:00", "can be set in the file only"),
            ("SECONDRING_LINE__0__RINGS", "3", "can be set in the file only"),
            ("SECONDRING_LIMITS__PER_HOUR", "many", 'limits.per_hour = "many": must be a whole number'),
            ("SECONDRING_SMS__SHADOW", "perhaps", 'sms.shadow = "perhaps": must be true or false'),
            ("SECONDRING_LIMITS__COUNTRIES", '["US"', "limits.countries"),
            ("SECONDRING_NONSENSE", "1", "They begin with one of SECONDRING_BUSINESS__"),
        ],
    )
    def test_a_mistake_in_the_environment_names_the_variable(
        self, file: Path, variable: str, value: str, words: str
    ) -> None:
        with pytest.raises(ConfigError) as caught:
            load(file, {variable: value}, need_secrets=False)
        assert f"environment variable {variable}: " in str(caught.value)
        assert words in str(caught.value)


class TestSecrets:
    def test_check_and_replay_do_without_secrets_and_do_not_touch_their_files(self, file: Path) -> None:
        add(file, TWILIO + '\n[pbx]\nsecret_file = "/nowhere/pbx.secret"\n')
        assert load(file, {}, need_secrets=False).pbx.secret is None

    def test_a_secret_is_never_shown(self, file: Path, tmp_path: Path) -> None:
        secret_in(tmp_path, "pbx_secret", "hunter2")
        add(file, '\n[sms]\nprovider = "console"\nauth_token = 12345\n')
        with pytest.raises(ConfigError) as caught:
            load(file, {}, tmp_path)
        assert "sms.auth_token = (not shown)" in str(caught.value)
        assert "12345" not in str(caught.value)
        file.write_text(file.read_text(encoding="utf-8").replace("auth_token = 12345\n", ""), encoding="utf-8")
        settings = load(file, {}, tmp_path)
        assert "hunter2" not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"

    def test_a_secret_file_that_everybody_can_read_is_warned_of_with_the_remedy(
        self, file: Path, tmp_path: Path
    ) -> None:
        secret = secret_in(tmp_path, "pbx.secret")
        secret.chmod(0o644)
        add(file, '\n[sms]\nprovider = "console"\n\n[pbx]\nsecret_file = "pbx.secret"\n')
        warnings: list[str] = []
        load(file, {}, warn=warnings.append)
        assert warnings == [f"{secret}: every user of this machine can read this secret. Do: chmod o-rwx {secret}"]

    def test_a_secret_in_a_configuration_that_everybody_can_read_is_warned_of(self, file: Path) -> None:
        add(file, '\n[sms]\nprovider = "console"\n\n[pbx]\nsecret = "s3cret"\n')
        file.chmod(file.stat().st_mode | stat.S_IROTH)
        warnings: list[str] = []
        load(file, {}, warn=warnings.append)
        assert [w.partition(": ")[2] for w in warnings] == [
            f"pbx.secret stands in a file that every user can read. Do: chmod o-rwx {file}"
        ]

    @pytest.mark.parametrize("content", ["", "\n", "two\nlines\n", "bell\x07", "x" * 5000])
    def test_a_secret_file_that_holds_no_secret_is_refused(self, file: Path, tmp_path: Path, content: str) -> None:
        secret_in(tmp_path, "pbx.secret", content)
        add(file, '\n[sms]\nprovider = "console"\n\n[pbx]\nsecret_file = "pbx.secret"\n')
        with pytest.raises(ConfigError, match="must hold the secret alone, on one line"):
            load(file, {})

    def test_an_api_key_does_instead_of_the_auth_token(self, file: Path, tmp_path: Path) -> None:
        secret_in(tmp_path, "pbx_secret")
        secret_in(tmp_path, "sms_api_secret")
        add(file, TWILIO + 'api_key = "SK00000000000000000000000000000000"\n')
        assert load(file, {}, tmp_path).sms.auth_token is None

    def test_a_test_double_may_name_its_accounts_as_it_likes(self, file: Path) -> None:
        add(file, '\n[sms]\nbase_url = "http://127.0.0.1:8080"\naccount_sid = "ACtest"\nfrom = "+13125550100"\n')
        assert load(file, {}, need_secrets=False).sms.account_sid == "ACtest"

    def test_the_console_needs_no_provider(self, file: Path, tmp_path: Path) -> None:
        secret_in(tmp_path, "pbx_secret")
        add(file, '\n[sms]\nprovider = "console"\n')
        assert load(file, {}, tmp_path).sms.provider is Provider.CONSOLE

    def test_telnyx_is_one_line_beside_its_own_credentials(self, file: Path, tmp_path: Path) -> None:
        secret_in(tmp_path, "pbx_secret")
        secret_in(tmp_path, "sms_auth_token")
        add(file, '\n[sms]\nprovider = "telnyx"\nfrom = "+13125550100"\n')
        sms = load(file, {}, tmp_path).sms
        assert (sms.provider, sms.base_url) == (Provider.TELNYX, "https://api.telnyx.com")

    def test_what_is_left_of_twilio_beside_telnyx_does_no_harm(self, file: Path, tmp_path: Path) -> None:
        secret_in(tmp_path, "pbx_secret")
        secret_in(tmp_path, "sms_api_secret", "of Twilio's API key\n")
        secret_in(tmp_path, "sms_auth_token", "Telnyx's API key\n")
        add(file, TWILIO + 'api_key = "SK00000000000000000000000000000000"\nprovider = "telnyx"\n')
        assert account_of(load(file, {}, tmp_path)).secret == "Telnyx's API key"


class TestFilesThatCannotBeRead:
    def test_a_missing_file_comes_with_the_command_that_makes_one(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=r"does not exist\. Do: secondring config example > "):
            load(tmp_path / "none.toml", {})

    def test_a_directory_is_said_to_be_one(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=r"is a directory\. Name the file in it: ls "):
            load(tmp_path, {})

    def test_latin_1_comes_with_the_command_that_converts_it(self, file: Path) -> None:
        file.write_bytes(MINIMAL.replace("Acme", "Café").encode("latin-1"))
        with pytest.raises(ConfigError, match=r"is not UTF-8 \(byte 23\)\. Do: iconv -f WINDOWS-1252 -t UTF-8"):
            load(file, {})

    def test_a_file_of_another_user_comes_with_the_command_that_opens_it(
        self, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(path: Path) -> bytes:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))

        monkeypatch.setattr(Path, "read_bytes", refuse)
        with pytest.raises(ConfigError, match=r"may not be read by this user\. Do: chgrp secondring"):
            load(file, {})

    def test_a_byte_order_mark_from_a_windows_editor_does_no_harm(self, file: Path) -> None:
        file.write_bytes(b"\xef\xbb\xbf" + MINIMAL.encode())
        assert load(file, {}, need_secrets=False).business.name == "Acme Plumbing"


class TestLines:
    def test_a_number_as_dialled_in_the_country_is_the_same_line(self, file: Path) -> None:
        file.write_text(MINIMAL.replace('"*"', '"(312) 555-0100"'), encoding="utf-8")
        settings = load(file, {}, need_secrets=False)
        assert settings.line[0].number == settings.line[0].name == "+13125550100"

    def test_an_area_code_newer_than_the_tables_is_taken_if_written_in_full(self, file: Path) -> None:
        file.write_text(MINIMAL.replace('"*"', '"+15555550100"'), encoding="utf-8")
        settings = load(file, {}, need_secrets=False)
        assert settings.line[0].number == "+15555550100" and settings.ring_limit(settings.line[0]) == 24.0

    @pytest.mark.parametrize(
        ("country", "number", "limit"),
        [("US", "+442079460123", 12.0), ("GB", "*", 12.0), ("DE", "*", 20.0), ("JP", "*", 12.0), ("CA", "*", 24.0)],
    )
    def test_four_rings_last_as_long_as_they_do_in_the_lines_country(
        self, file: Path, country: str, number: str, limit: float
    ) -> None:
        text = MINIMAL.replace('"US"', f'"{country}"').replace('"*"', f'"{number}"')
        file.write_text(text, encoding="utf-8")
        settings = load(file, {}, need_secrets=False)
        assert settings.ring_limit(settings.line[0]) == limit

    def test_a_ring_cycle_that_is_set_counts(self, file: Path) -> None:
        add(file, 'rings = 3\nring_cycle = "4.5s"\n')
        settings = load(file, {}, need_secrets=False)
        assert settings.ring_limit(settings.line[0]) == 13.5

    def test_a_line_in_another_country_texts_there(self, file: Path) -> None:
        file.write_text(MINIMAL.replace('"*"', '"+442079460123"'), encoding="utf-8")
        settings = load(file, {}, need_secrets=False)
        assert settings.countries_for(settings.line[0]) == {"GB"}

    def test_a_lines_own_hours_replace_the_offices(self, file: Path) -> None:
        add(file, '[line.hours]\nsat = "08:00-12:00"\n\n[hours]\nmon-fri = "08:00-17:30"\n')
        settings = load(file, {}, need_secrets=False)
        hours = settings.hours_of(settings.line[0])
        assert hours is not None and hours.week[5] and not hours.week[0]

    def test_nothing_can_be_changed_afterwards(self, file: Path) -> None:
        settings = load(file, {}, need_secrets=False)
        with pytest.raises(ValidationError):
            settings.line[0].rings = 1


def test_relative_paths_are_meant_from_the_folder_of_the_file(file: Path) -> None:
    add(file, '\n[storage]\npath = "ledger.db"\n')
    assert load(file, {}, need_secrets=False).storage.path == file.parent / "ledger.db"
