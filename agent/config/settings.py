"""The whole configuration, and what follows from it for a line.

Read it with agent.config.load.load; nothing else reads files or the environment.
"""

from pydantic import Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from agent.config.opening import read_quiet_hours
from agent.config.replying import FollowUp, Staff, Urgent, Web
from agent.config.ring_cycles import ring_cycle
from agent.config.sections import Business, Hours, Limits, Line, Pbx, Policy, Sms, Storage
from agent.hours import OpenHours, QuietHours
from sms.numbers import COUNTRIES, read_number


class Settings(BaseSettings):
    """The whole configuration, as loaded and checked."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        env_prefix="SECONDRING_",
        env_nested_delimiter="__",
        enable_decoding=False,
    )

    business: Business = Field(description="Who the business is.")
    pbx: Pbx = Field(default_factory=Pbx, description="The PBX to listen to.")
    sms: Sms = Field(default_factory=Sms, description="The texts.")
    line: tuple[Line, ...] = Field(description="The business's numbers, one `[[line]]` each.")
    hours: Hours | None = Field(default=None, description="Open hours of every line that has none of its own.")
    storage: Storage = Field(default_factory=Storage, description="Where things are kept.")
    limits: Limits = Field(default_factory=Limits, description="How much is texted, when, and where to.")
    web: Web = Field(default_factory=Web, description="How the provider's posts come in.")
    staff: tuple[Staff, ...] = Field(
        default=(), description="The people, in the order in which they are asked about urgent callers."
    )
    urgent: Urgent = Field(default_factory=Urgent, description="Urgent callers.")
    follow_up: FollowUp = Field(default_factory=FollowUp, description="A second text to who didn't answer the first.")
    policy: Policy = Field(default_factory=Policy, description="Rules that most offices leave as they are.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is passed in: `load` merges the sources itself, so that a mistake can name where it stands."""
        return (init_settings,)

    def country_of(self, line: Line) -> str:
        """The line's country; the business's for `*` and for numbers of no single country."""
        region = None if line.number == "*" else read_number(line.number, self.business.country).region
        return region if region in COUNTRIES else self.business.country

    def ring_limit(self, line: Line) -> float:
        """Seconds from the first ringing until a call of this line counts as missed."""
        cycle = ring_cycle(self.country_of(line)) if line.ring_cycle is None else line.ring_cycle
        return line.rings * cycle

    def countries_for(self, line: Line) -> frozenset[str]:
        """The regions (ISO 3166-1 alpha-2) whose numbers callers of this line are texted at."""
        return frozenset(self.limits.countries or (self.country_of(line),))

    def hours_of(self, line: Line) -> OpenHours | None:
        """The line's own open hours, else the business's; None: always open."""
        hours = line.hours or self.hours
        return None if hours is None else hours.open_hours(self.business.timezone)

    def quiet_hours(self) -> QuietHours | None:
        """The callers' quiet hours, or None."""
        return None if self.limits.quiet_hours is None else read_quiet_hours(self.limits.quiet_hours)
