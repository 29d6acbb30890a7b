"""What Asterisk's names mean: channels, applications, presentations."""

import re

from agent.pbx.events import App, LegRole

APPS = {
    "Dial": App.DIAL,
    "RetryDial": App.DIAL,
    "FollowMe": App.DIAL,
    "Page": App.DIAL,
    "Queue": App.QUEUE,
    "BackGround": App.MENU,
    "Background": App.MENU,
    "WaitExten": App.MENU,
    "Read": App.MENU,
    "ReadExten": App.MENU,
    "Directory": App.MENU,
    "SpeechBackground": App.MENU,
    "BackgroundDetect": App.MENU,
    "VoiceMail": App.MAILBOX,
    "Voicemail": App.MAILBOX,
    "MinivmGreet": App.MAILBOX,
    "MinivmRecord": App.MAILBOX,
    "Playback": App.ANNOUNCEMENT,
    "ControlPlayback": App.ANNOUNCEMENT,
    "PlayTones": App.ANNOUNCEMENT,
    "Busy": App.BUSY_TONE,
    "Congestion": App.BUSY_TONE,
    "ConfBridge": App.OTHER,
    "MeetMe": App.OTHER,
    "Park": App.OTHER,
    "VoiceMailMain": App.OTHER,
    "VoicemailMain": App.OTHER,
    "DISA": App.OTHER,
}

HIDDEN = (
    "CBAnn",
    "CBRec",
    "Announcer",
    "Recorder",
    "Message",
    "Surrogate",
    "AsyncGoto",
    "MulticastRTP",
    "UnicastRTP",
)
"""Technologies of channels Asterisk makes for itself."""


def role_of(channel: str) -> LegRole:
    """What a channel is, by its technology."""
    technology = channel.partition("/")[0]
    if technology == "Local":
        return LegRole.RELAY
    return LegRole.HIDDEN if technology in HIDDEN else LegRole.PARTY


def phone_of(channel: str) -> str:
    """What people call that end: `PJSIP/101-0000002a` → `101`."""
    return channel.partition("/")[2].rpartition("-")[0] or channel


def withheld_by(presentation: str) -> bool | None:
    """What a presentation as Asterisk names or numbers it says; None where it says nothing."""
    word = presentation.strip().lower()
    if word.startswith(("prohib", "32", "33", "34", "35", "67", "unavailable")):
        return True
    return False if word.startswith(("allowed", "0", "1", "2", "3")) else None


def known(value: str) -> str:
    """Asterisk prints `<unknown>` for what is empty."""
    return "" if value == "<unknown>" else value


_OUTSIDE = re.compile(r"(?:^|[/:])(?P<number>\+?\d{7,16})(?=$|[@/&,])")


def outside_number(dial_string: str) -> str:
    """The number outside in what Dial was given: `+12025550177@trunk`, `trunk/12025550177`; "" where there is none."""
    found = _OUTSIDE.search(dial_string.strip())
    return found["number"] if found else ""


def digits(value: str) -> int:
    """How many digits there are in a number as received."""
    return sum(letter.isdecimal() for letter in value)


def is_extension(end: str) -> bool:
    """Whether an end is named like a phone of the office: 1–6 digits. Its calls may carry an outside caller ID."""
    return end.isdecimal() and len(end) <= 6
