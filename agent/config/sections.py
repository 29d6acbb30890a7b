"""The tables of the file: each setting's meaning, unit, default and what it may be.

docs/configuration.md and the messages about mistakes are generated from here. All models are frozen. Durations are
float seconds, numbers E.164.
"""

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic.config import JsonDict

from agent.config.message import Message
from agent.config.opening import read_quiet_hours, read_week
from agent.config.values import (
    AccountSid,
    Allowed,
    ApiKeySid,
    Cap,
    Countries,
    Country,
    File,
    Flag,
    Globs,
    Host,
    LineNumber,
    Number,
    OneLine,
    Port,
    ProfileId,
    ProviderUrl,
    PublicKey,
    Rings,
    Seconds,
    ServiceSid,
    Url,
    Zone,
)
from agent.hours import OpenHours
from agent.public_holidays import check_region
from storage.vocabulary import Reason

TEXTED_BY_DEFAULT = tuple(reason for reason in Reason if reason not in (Reason.MENU_ABANDONED, Reason.OTHER))


class PbxKind(StrEnum):
    """Which PBX is listened to."""

    ASTERISK = "asterisk"
    FREESWITCH = "freeswitch"


PBX_PORTS = {PbxKind.ASTERISK: 5038, PbxKind.FREESWITCH: 8021}
PBX_CONTEXTS = {
    PbxKind.ASTERISK: ("from-pstn*", "from-trunk*", "from-dahdi*"),
    PbxKind.FREESWITCH: ("public",),
}


def _region(text: str) -> str:
    check_region(text)
    return text


def _quiet(text: str) -> str:
    read_quiet_hours(text)
    return text


def _default_words(words: str) -> JsonDict:
    """A default that depends on something else, in words for the documentation and the JSON Schema."""
    return {"x-default": words}


def ledger_path(environ: Mapping[str, str]) -> Path:
    """Where the ledger is unless `[storage] path` says otherwise (systemd.exec(5), XDG Base Directory)."""
    if state := environ.get("STATE_DIRECTORY"):
        return Path(state.split(":")[0]) / "ledger.db"
    if state_home := environ.get("XDG_STATE_HOME"):
        return Path(state_home) / "secondring" / "ledger.db"
    if home := environ.get("HOME"):
        return Path(home) / ".local/state/secondring/ledger.db"
    return Path("/var/lib/secondring/ledger.db")


class Section(BaseModel):
    """A table of the file: nothing unknown in it, nothing changed afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Business(Section):
    """Who the business is. Texts are signed with its name."""

    name: OneLine = Field(description="The name that callers know; `{business}` in a message.")
    country: Country = Field(
        description="Where national numbers are read, and the ring cycle and allowed country of the line `*`."
    )
    timezone: Zone = Field(description="The office's time zone, for open hours, quiet hours and reports.")
    own_numbers: tuple[Number, ...] = Field(
        default=(),
        description="Staff mobiles and other numbers of the business; they are never texted. Numbers outside that ring"
        " for callers are learnt by themselves: secondring staff list.",
    )
    callback_in: OneLine | None = Field(
        default=None, description='How soon somebody calls back, in words ("30 minutes"); `{callback_in}` in a message.'
    )
    booking_url: Url | None = Field(
        default=None, description="Where a caller can book on the web; `{booking_url}` in a message."
    )


class Pbx(Section):
    """The PBX to listen to."""

    kind: PbxKind = Field(
        default=PbxKind.ASTERISK, description="Which PBX: Asterisk (also FreePBX) or FreeSWITCH (also FusionPBX)."
    )
    host: Host = Field(default="127.0.0.1", description="The PBX's address.")
    port: Port = Field(
        default_factory=lambda data: PBX_PORTS[data.get("kind", PbxKind.ASTERISK)],
        description="The port of Asterisk's manager interface, or of FreeSWITCH's event socket.",
        json_schema_extra=_default_words("5038 for Asterisk, 8021 for FreeSWITCH"),
    )
    user: OneLine = Field(
        default="secondring",
        description="Asterisk's manager user. FreeSWITCH: a user of the directory, with its domain, as in "
        '"secondring@pbx.example"; a name without one means none: the event socket\'s own password is used.',
    )
    secret: SecretStr | None = Field(
        default=None,
        description="The manager user's secret, or FreeSWITCH's event socket password; better in a file of its own.",
    )
    secret_file: File | None = Field(default=None, description="The file that holds the secret, on one line.")
    inbound_contexts: Globs = Field(
        default_factory=lambda data: PBX_CONTEXTS[data.get("kind", PbxKind.ASTERISK)],
        description="Patterns of the contexts in which calls from outside begin.",
        json_schema_extra=_default_words(
            '`["from-pstn*", "from-trunk*", "from-dahdi*"]` for Asterisk, `["public"]` for FreeSWITCH'
        ),
    )
    trunk_channels: Globs = Field(
        default=(),
        description="Patterns of channel or profile names that are trunks, for layouts where contexts don't tell.",
    )
    trust_numbers: Flag = Field(
        default=False,
        description="True: the trunks never assert a withheld number, so a caller is texted even where the PBX "
        "couldn't tell whether the number was withheld.",
    )
    records: File | None = Field(
        default=None,
        description="The folder or file with the PBX's call records, for catching up after an outage: CEL or CDR of "
        "Asterisk; json_cdr, xml_cdr or Master.csv of FreeSWITCH, or its log folder that holds them.",
    )


class Provider(StrEnum):
    """Who carries the texts."""

    TWILIO = "twilio"
    TELNYX = "telnyx"
    CONSOLE = "console"


PROVIDER_URLS = {Provider.TWILIO: "https://api.twilio.com", Provider.TELNYX: "https://api.telnyx.com"}


class Sms(Section):
    """The texts: who carries them and from which number."""

    provider: Provider = Field(
        default=Provider.TWILIO, description="Who carries the texts; `console` prints instead of sending."
    )
    shadow: Flag = Field(
        default=False, description="True: everything is decided and recorded, but no text leaves the machine."
    )
    account_sid: AccountSid | None = Field(default=None, description="Twilio's Account SID.")
    auth_token: SecretStr | None = Field(
        default=None,
        description="Twilio's auth token, best replaced by an API key; or Telnyx's API key. Better in a file of its "
        "own.",
    )
    auth_token_file: File | None = Field(
        default=None, description="The file that holds the auth token, or Telnyx's API key, on one line."
    )
    api_key: ApiKeySid | None = Field(
        default=None, description="The SID of a Twilio API key, used with `api_secret` instead of the auth token."
    )
    api_secret: SecretStr | None = Field(
        default=None, description="The Twilio API key's secret; better in a file of its own."
    )
    api_secret_file: File | None = Field(
        default=None, description="The file that holds the API key's secret, on one line."
    )
    next_auth_token: SecretStr | None = Field(
        default=None,
        description="Twilio's secondary auth token, while tokens are rotated: webhooks signed with it count.",
    )
    next_auth_token_file: File | None = Field(default=None, description="The file that holds it, on one line.")
    webhook_key: SecretStr | None = Field(
        default=None, description="The shared key that Twilio signs webhooks with, where it signs with one (SHA-256)."
    )
    webhook_key_file: File | None = Field(default=None, description="The file that holds it, on one line.")
    base_url: ProviderUrl = Field(
        default_factory=lambda data: PROVIDER_URLS.get(data.get("provider"), PROVIDER_URLS[Provider.TWILIO]),
        description="The provider's address; other regions and edges have their own, and their own credentials.",
        json_schema_extra=_default_words(
            '`"https://api.twilio.com"` for Twilio, `"https://api.telnyx.com"` for Telnyx'
        ),
    )
    from_: Number | None = Field(
        default=None,
        alias="from",
        description="The number that texts; give this, or `messaging_service` or `messaging_profile`.",
    )
    messaging_service: ServiceSid | None = Field(
        default=None, description="The Twilio messaging service that picks the sending number; give this or `from`."
    )
    messaging_profile: ProfileId | None = Field(
        default=None,
        description="The Telnyx messaging profile whose number pool picks the sending number; beside `from`, the "
        "profile that number must be in.",
    )
    public_key: PublicKey | None = Field(
        default=None,
        description="Telnyx's public key of the account, which proves what comes to the webhook; without it nothing "
        "that comes there is believed.",
    )


class Hours(Section):
    """Open hours. Each other key is a day or a run of days (`mon-fri`, `sat`) with its ranges.

    A day has one range or several (`"08:00-12:00, 13:00-17:30"`), or is `"closed"`; days not named are closed. A
    range may run over midnight and then belongs to the day on which it begins; on a holiday no range begins. Without
    open hours an office counts as always open. They choose between `message` and `closed_message`; they don't
    decide whether a call was missed.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Annotated[str, Allowed('hours such as "08:00-12:00, 13:00-17:30"')]]

    holidays: (
        Annotated[
            str,
            AfterValidator(_region),
            Allowed('a country, or a country and region, such as "US", "US-IL" or "DE-BY"'),
        ]
        | None
    ) = Field(default=None, description="Whose public holidays are off: a country and perhaps its region.")

    @model_validator(mode="after")
    def _days_can_be_read(self) -> "Hours":
        read_week(self.days)
        return self

    @property
    def days(self) -> dict[str, str]:
        """The keys that are days, as written."""
        return self.__pydantic_extra__

    def open_hours(self, zone: str) -> OpenHours:
        """What agent.hours works with."""
        return OpenHours(zone, read_week(self.days), self.holidays)


class Line(Section):
    """One business number. A call belongs to the first line that matches, so `*` comes last."""

    number: LineNumber = Field(description="The number that callers dial; `*` is every other number.")
    name: OneLine = Field(
        default_factory=lambda data: data.get("number", "*"),
        description="What people call this line; `{line}` in a message.",
        json_schema_extra=_default_words("the number"),
    )
    rings: Rings = Field(
        default=4, description="After how many rings, as the caller hears them, a call counts as missed."
    )
    ring_cycle: Seconds | None = Field(
        default=None,
        description="The time from one ring to the next, as the caller hears it.",
        json_schema_extra=_default_words("by the line's country: 6 s in the US, 3 s in the UK, 5 s in most of Europe"),
    )
    queue_wait: Seconds | None = Field(
        default=None,
        description="After how long in a queue a call counts as missed; without it, when the caller leaves it.",
    )
    message: Message = Field(description="The text that a missed caller gets.")
    closed_message: Message | None = Field(
        default=None, description="The text outside open hours; without it, `message` at all times."
    )
    text_on: tuple[Reason, ...] = Field(
        default=TEXTED_BY_DEFAULT, description="The reasons for which a missed caller is texted."
    )
    min_ring: Seconds = Field(
        default=3.0, description="A caller who hung up sooner than this after the first ringing isn't texted."
    )
    delay: Seconds = Field(default=0.0, description="How long after the decision the text is handed to the provider.")
    forwarded: Flag = Field(
        default=False,
        description="True: a mobile, a landline or a cloud PBX forwards the calls it didn't take to this number, so "
        "a call's arrival is the miss.",
    )
    enabled: Flag = Field(default=True, description="False: nobody who calls this line is texted.")
    hours: Hours | None = Field(default=None, description="Open hours of this line alone; they replace `[hours]`.")
    callback_in: OneLine | None = Field(default=None, description="As in `[business]`, for this line alone.")
    booking_url: Url | None = Field(default=None, description="As in `[business]`, for this line alone.")


class Storage(Section):
    """Where things are kept."""

    path: File = Field(
        default_factory=lambda: ledger_path(os.environ),
        description="The ledger: one SQLite file with every call, decision, text and opt-out.",
        json_schema_extra=_default_words(
            "`ledger.db` in `$STATE_DIRECTORY`, else in `secondring` under `$XDG_STATE_HOME` or `~/.local/state`"
        ),
    )


class WhenQuiet(StrEnum):
    """What becomes of a text in the caller's quiet hours."""

    LIST = "list"
    DEFER = "defer"


class Limits(Section):
    """How much is texted, when, and where to."""

    cooldown: Seconds = Field(
        default=14_400.0, description="A number is texted once in this time, however often it calls."
    )
    freshness: Seconds = Field(
        default=900.0, description="A miss that became known later than this isn't texted but listed for call-back."
    )
    per_hour: Cap = Field(default=60, description="At most so many texts in an hour; reaching it raises an alarm.")
    per_day: Cap = Field(default=300, description="At most so many texts in a day; reaching it raises an alarm.")
    countries: Countries | None = Field(
        default=None,
        description="The countries whose numbers are texted.",
        json_schema_extra=_default_words("the line's own country"),
    )
    quiet_hours: (
        Annotated[
            str, AfterValidator(_quiet), Allowed('hours such as "21:00-08:00", on the clock of the caller\'s area')
        ]
        | None
    ) = Field(default=None, description="No text is sent in these hours, on the clock of the caller's area.")
    quiet_hours_then: WhenQuiet = Field(
        default=WhenQuiet.LIST,
        description="In quiet hours: `list` the caller for call-back, or `defer` the text until they end.",
    )


class Policy(Section):
    """Rules that most offices leave as they are."""

    attestation: Literal["A", "B", "C"] | None = Field(
        default=None,
        description="The least STIR/SHAKEN attestation of a caller who is texted, A the strictest; without it, none.",
    )
    transfer_unanswered_counts: Flag = Field(
        default=False,
        description="True: a caller who talked to somebody, was transferred and not answered there counts as missed.",
    )
