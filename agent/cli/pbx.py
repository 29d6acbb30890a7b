"""The configured PBX, for commands that speak to it themselves."""

import secrets

from agent.config.settings import Settings
from agent.pbx.dialects import ADAPTERS, Adapter, Where


def adapter_of(settings: Settings) -> Adapter:
    """The adapter of the configured PBX. Raises KeyError for one that this version doesn't speak to yet."""
    pbx = settings.pbx
    return ADAPTERS[pbx.kind.value](
        Where(
            user=pbx.user,
            secret=pbx.secret.get_secret_value() if pbx.secret else "",
            inbound_contexts=pbx.inbound_contexts,
            trunk_channels=pbx.trunk_channels,
            nonce=lambda: secrets.token_hex(8),
        )
    )
