"""What an admin sees of `secondring check`."""

from pathlib import Path

from click.testing import CliRunner, Result

from agent.cli.check import command

CONFIGURATION = """\
[business]
name = "Acme Plumbing"
country = "US"
timezone = "America/Chicago"

[sms]
shadow = true

[[line]]
number = "+13125550100"
name = "Main"
rings = 5
text_on = ["no_answer", "voicemail"]
message = "Hi {first_name|there}, this is {business}. Sorry we missed your call. Reply STOP to opt out."

[[line]]
number = "*"
forwarded = true
enabled = false
message = "{business} here – a free offer for you. Reply STOP to opt out."
[line.hours]
mon-sun = "00:00-24:00"

[limits]
quiet_hours = "21:00-08:00"
"""


def check(folder: Path, text: str) -> Result:
    file = folder / "secondring.toml"
    file.write_text(text, encoding="utf-8")
    return CliRunner().invoke(command, ["--config", str(file)])


def seen(result: Result) -> str:
    """The output with its rows joined, so that no test depends on where a row breaks."""
    return " ".join(result.stdout.split())


def test_each_line_tells_when_a_call_counts_as_missed_and_who_is_texted(tmp_path: Path) -> None:
    result = check(tmp_path, CONFIGURATION)
    text = seen(result)
    assert result.exit_code == 0
    assert "Main number +13125550100 missed after 5 rings, 30 s; not texted when hung up within 3s" in text
    assert "texted for voicemail, no_answer" in text or "texted for no_answer, voicemail" in text
    assert "number every other off nobody who calls here is texted missed on arrival" in text
    assert "mon-sun 00:00-24:00 (open now)" in text
    assert "quiet 21:00-08:00 where the caller is: listed for call-back" in text
    assert "shadow: none leaves this machine" in text


def test_the_texts_stand_there_as_a_caller_gets_them_with_their_segments(tmp_path: Path) -> None:
    text = seen(check(tmp_path, CONFIGURATION))
    assert "text Hi Dana, this is Acme Plumbing. Sorry we missed your call. Reply STOP to opt out." in text
    assert "no name Hi there, this is Acme Plumbing." in text
    assert "(1 segment, billed as one text; GSM-7, 81 of 160 characters)" in text


def test_what_makes_a_text_dear_or_suspect_is_told(tmp_path: Path) -> None:
    text = seen(check(tmp_path, CONFIGURATION))
    assert "UCS-2" in text
    assert "mind The message reads as a sales pitch: free, offer." in text


def test_what_running_would_still_need_is_told(tmp_path: Path) -> None:
    needed = "needed sms.from or sms.messaging_service, sms.account_sid: until then `secondring run` refuses to start"
    assert needed in seen(check(tmp_path, CONFIGURATION))
    assert "needed" not in seen(check(tmp_path, CONFIGURATION.replace("shadow = true", 'provider = "console"')))


def test_a_bad_configuration_ends_with_3_and_says_why_on_stderr_alone(tmp_path: Path) -> None:
    result = check(tmp_path, CONFIGURATION.replace("rings = 5", "rings = 500"))
    place = f"{tmp_path}/secondring.toml:12"
    assert result.exit_code == 3
    assert result.stderr == f"{place}: line[1].rings = 500: must be a whole number from 1 to 100.\n"
    assert result.stdout == ""
