"""The SMS providers this program speaks to. A new one is a file or folder here, and one branch below."""

import sys
from dataclasses import dataclass

from sms.console import ConsoleProvider
from sms.provider import Provider


@dataclass(frozen=True, slots=True)
class Account:
    """What any provider may need, as configured. Empty where not set.

    `hook_url`: where the provider reaches our webhook, whole; empty: it can't. `hook_secrets`: those it may sign with;
    `public_key`: what its requests are proven with, where that is no secret. `messaging_service` is Twilio's,
    `messaging_profile` Telnyx's.
    """

    provider: str
    account_sid: str = ""
    user: str = ""
    secret: str = ""
    sender: str = ""
    messaging_service: str = ""
    messaging_profile: str = ""
    base_url: str = ""
    hook_url: str = ""
    hook_secrets: tuple[str, ...] = ()
    public_key: str = ""


def open_provider(account: Account) -> Provider:
    """The configured provider. Raises ValueError for one nobody knows. Call inside a running loop."""
    match account.provider:
        case "console":
            return ConsoleProvider(sys.stdout)
        case "twilio":
            from sms.twilio.client import TwilioProvider
            from sms.twilio.rest import TwilioAccount

            return TwilioProvider(
                TwilioAccount(
                    account_sid=account.account_sid,
                    user=account.user or account.account_sid,
                    secret=account.secret,
                    sender=account.sender or None,
                    messaging_service=account.messaging_service or None,
                    base_url=account.base_url,
                    hook_url=account.hook_url or None,
                    hook_secrets=account.hook_secrets,
                )
            )
        case "telnyx":
            from sms.telnyx.client import TelnyxProvider
            from sms.telnyx.rest import TelnyxAccount

            return TelnyxProvider(
                TelnyxAccount(
                    api_key=account.secret,
                    sender=account.sender or None,
                    messaging_profile=account.messaging_profile or None,
                    base_url=account.base_url,
                    hook_url=account.hook_url or None,
                    public_key=account.public_key or None,
                )
            )
        case _:
            raise ValueError(f'no SMS provider named "{account.provider}" is known')
