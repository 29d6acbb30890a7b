"""The tables about what follows when a caller writes back: the webhook, the staff, urgent callers, the follow-up."""

import ipaddress
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from agent.config.message import Message
from agent.config.sections import Section
from agent.config.values import Allowed, File, Flag, Number, OneLine, Seconds, Told


def _public_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", text):
        raise ValueError("is no web address")
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError("has more than host and path")
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise Told("would let anybody on the way read what callers write; write https.")
    if "_" in parts.hostname:
        raise Told("has an underscore in its host, which providers refuse.")
    return text.rstrip("/")


def _listen(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or not 1 <= int(port) <= 65_535:
        raise ValueError("is no address with a port")
    if host != "localhost":
        try:
            ipaddress.ip_address(host.strip("[]"))
        except ValueError:
            raise ValueError("is no address with a port") from None
    return text


class Web(Section):
    """The program's web server, behind a reverse proxy on the same machine that speaks HTTPS."""

    public_url: (
        Annotated[
            str, AfterValidator(_public_url), Allowed('a web address such as "https://office.example/secondring"')
        ]
        | None
    ) = Field(
        default=None,
        description="How the world reaches this program; with it the provider posts replies the moment they come. "
        "Without it nothing listens, and replies are fetched.",
    )
    listen: Annotated[str, AfterValidator(_listen), Allowed('an address and port such as "127.0.0.1:8344"')] = Field(
        default="127.0.0.1:8344", description="Where the reverse proxy reaches this program."
    )


class Staff(Section):
    """One person. The order of the `[[staff]]` tables is the order in which they are asked to take an urgent caller."""

    name: OneLine = Field(description="What callers and colleagues call this person.")
    number: Number | None = Field(
        default=None, description="The person's mobile: texted about urgent callers, never as a caller."
    )
    notify: tuple[OneLine, ...] = Field(
        default=(),
        description="Other ways to reach the person, as Apprise addresses (Telegram, ntfy, e-mail, Teams and so on).",
    )
    notify_file: File | None = Field(
        default=None, description="A file with such addresses, one a line; they often hold secrets."
    )
    urgent: Flag = Field(default=True, description="False: this person isn't asked about urgent callers.")


class Urgent(Section):
    """Urgent callers, who reply URGENT or tell of harm under way. Somebody of `[[staff]]` takes them."""

    within: Seconds = Field(
        default=300.0, description="Within this time an urgent caller is called; the promise is kept track of."
    )
    each: Seconds = Field(
        default=120.0, description="How long each person has to acknowledge before the next one is asked."
    )


class FollowUp(Section):
    """One polite second text to a caller who didn't answer the first."""

    after: Seconds | None = Field(
        default=None, description="How long after the first text; without it there is no second."
    )
    message: Message | None = Field(default=None, description="The second text; needed with `after`.")
