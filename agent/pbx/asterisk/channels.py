"""What Asterisk's names mean: channels, applications, presentations."""

from agent.pbx.events import App, LegRole

APPS = {
    b"Dial": App.DIAL,
    b"RetryDial": App.DIAL,
    b"FollowMe": App.DIAL,
    b"Page": App.DIAL,
    b"Queue": App.QUEUE,
    b"BackGround": App.MENU,
    b"Background": App.MENU,
    b"WaitExten": App.MENU,
    b"Read": App.MENU,
    b"ReadExten": App.MENU,
    b"Directory": App.MENU,
    b"SpeechBackground": App.MENU,
    b"BackgroundDetect": App.MENU,
    b"VoiceMail": App.MAILBOX,
    b"Voicemail": App.MAILBOX,
    b"MinivmGreet": App.MAILBOX,
    b"MinivmRecord": App.MAILBOX,
    b"Playback": App.ANNOUNCEMENT,
    b"ControlPlayback": App.ANNOUNCEMENT,
    b"PlayTones": App.ANNOUNCEMENT,
    b"Busy": App.BUSY_TONE,
    b"Congestion": App.BUSY_TONE,
    b"ConfBridge": App.OTHER,
    b"MeetMe": App.OTHER,
    b"Park": App.OTHER,
    b"VoiceMailMain": App.OTHER,
    b"VoicemailMain": App.OTHER,
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


def text(value: bytes) -> str:
    """A header's value as text; wrong UTF-8 is replaced, never refused."""
    return value.decode("utf-8", "replace")


def known(value: str) -> str:
    """Asterisk prints `<unknown>` for what is empty."""
    return "" if value == "<unknown>" else value


def digits(value: str) -> int:
    """How many digits there are in a number as received."""
    return sum(letter.isdecimal() for letter in value)
