"""The provider's account, from the configuration."""

from agent.config.sections import Provider
from agent.config.settings import Settings
from agent.web.server import hook_url
from sms.providers import Account


def account_of(settings: Settings) -> Account:
    """The provider's account as configured."""
    sms, public_url = settings.sms, settings.web.public_url
    by_api_key = sms.api_key is not None and sms.provider is Provider.TWILIO
    secret = sms.api_secret if by_api_key else sms.auth_token
    signed_with = (sms.auth_token, sms.next_auth_token, sms.webhook_key)
    return Account(
        provider=sms.provider.value,
        account_sid=sms.account_sid or "",
        user=sms.api_key or sms.account_sid or "",
        secret=secret.get_secret_value() if secret else "",
        sender=sms.from_ or "",
        messaging_service=sms.messaging_service or "",
        messaging_profile=sms.messaging_profile or "",
        base_url=sms.base_url,
        hook_url=hook_url(public_url) if public_url else "",
        hook_secrets=tuple(secret.get_secret_value() for secret in signed_with if secret),
        public_key=sms.public_key or "",
    )
