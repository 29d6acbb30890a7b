"""What FreeSWITCH's names of channels, applications and hangup causes say.

A channel is named after its driver: `sofia/internal/101@10.0.0.5:5060`, `loopback/104-a`.
"""

from agent.pbx.events import App, DialResult, EndCause, LegRole

APPS = {
    "bridge": App.DIAL,
    "callcenter": App.QUEUE,
    "fifo": App.QUEUE,
    "ivr": App.MENU,
    "play_and_get_digits": App.MENU,
    "read": App.MENU,
    "voicemail": App.MAILBOX,
    "playback": App.ANNOUNCEMENT,
    "endless_playback": App.ANNOUNCEMENT,
    "phrase": App.ANNOUNCEMENT,
    "say": App.ANNOUNCEMENT,
    "speak": App.ANNOUNCEMENT,
    "park": App.OTHER,
    "valet_park": App.OTHER,
    "conference": App.OTHER,
}
"""Applications of a dialplan that tell what happens to a caller (mod_dptools and the modules of those names)."""

SCRIPTS = {
    "app.lua ring_groups": App.DIAL,
    "app.lua follow_me": App.DIAL,
    "app.lua conference_center": App.MENU,
    "ivr_menu.lua": App.MENU,
    "directory.lua": App.MENU,
    "disa.lua": App.OTHER,
    "streamfile.lua": App.ANNOUNCEMENT,
}
MAILBOX_SCRIPTS = ("app.lua voicemail", "voicemail.lua")
"""FusionPBX's applications are scripts, named in the data of `lua` (fusionpbx, app/switch/resources/scripts)."""

NO_WORDS = ("silence_stream:", "local_stream:")
"""What is played to a caller and tells him nothing: silence before a mailbox's greeting, music."""

APPLICATIONS = (*APPS, "lua")
"""Every application that can tell something."""

RESULTS = {
    "NO_ANSWER": DialResult.NO_ANSWER,
    "ALLOTTED_TIMEOUT": DialResult.NO_ANSWER,
    "USER_BUSY": DialResult.BUSY,
    "ORIGINATOR_CANCEL": DialResult.CANCELLED,
    "LOSE_RACE": DialResult.NO_ANSWER,
    "PICKED_OFF": DialResult.NO_ANSWER,
}
"""How an attempt ended, by its leg's hangup cause. LOSE_RACE is said of all legs of a group whose time is over, too."""

CAUSES = {
    "USER_BUSY": EndCause.BUSY,
    "CALL_REJECTED": EndCause.DECLINED,
    "NO_USER_RESPONSE": EndCause.UNREACHABLE,
    "USER_NOT_REGISTERED": EndCause.UNREACHABLE,
    "SUBSCRIBER_ABSENT": EndCause.UNREACHABLE,
    "UNALLOCATED_NUMBER": EndCause.UNREACHABLE,
    "NO_ROUTE_DESTINATION": EndCause.UNREACHABLE,
    "DESTINATION_OUT_OF_ORDER": EndCause.UNREACHABLE,
    "NETWORK_OUT_OF_ORDER": EndCause.UNREACHABLE,
    "NORMAL_TEMPORARY_FAILURE": EndCause.UNREACHABLE,
    "RECOVERY_ON_TIMER_EXPIRE": EndCause.UNREACHABLE,
    "GATEWAY_DOWN": EndCause.UNREACHABLE,
}
"""Hangup causes that say something about a phone; NO_USER_RESPONSE is what do-not-disturb (SIP 480) becomes."""

STOPPING = "SYSTEM_SHUTDOWN"
"""The cause with which every leg ends when FreeSWITCH is stopped."""

ASKED_TO_END = frozenset({"recv_bye", "recv_cancel", "recv_refuse"})
"""What `sip_hangup_disposition` says when the party itself ended the leg."""


def role_of(channel: str) -> LegRole:
    """What a channel of this name is; one that has no name yet is a party's."""
    return LegRole.RELAY if channel.startswith("loopback/") else LegRole.PARTY


def phone_of(channel: str) -> str:
    """What people call that end: the user in `sofia/PROFILE/USER@HOST`, else the whole name."""
    return channel.split("/", 2)[-1].partition("@")[0] or channel


def profile_of(channel: str) -> str:
    """The SIP profile in `sofia/PROFILE/…`; "" where a channel is no such one."""
    driver, _, rest = channel.partition("/")
    return rest.partition("/")[0] if driver == "sofia" else ""


def app_of(application: str, data: str, action: str) -> App | None:
    """What happens to a leg in this application; None: nothing that matters here.

    A mailbox's owner who listens to his own messages is no caller who leaves one: `voicemail check …`, and in FusionPBX
    `action`, its variable voicemail_action.
    """
    data = data.lstrip()
    if application == "lua":
        if data.startswith(MAILBOX_SCRIPTS):
            return App.OTHER if action == "check" else App.MAILBOX
        return next((app for script, app in SCRIPTS.items() if data.startswith(script)), None)
    if application == "voicemail" and data.startswith("check"):
        return App.OTHER
    if application in ("playback", "endless_playback") and data.startswith(NO_WORDS):
        return None
    return APPS.get(application)
