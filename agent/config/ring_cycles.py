"""Seconds from one ring to the next, as the caller hears it, by country.

Sources: ITU-T E.180 Supplement 2 (various tones used in national networks) as carried by the sample
`indications.conf` of Asterisk, and the calling countries' usual figure for those it doesn't list.
"""

EUROPE_AND_MOST_OTHERS = 5.0
"""One second of tone, four of silence: most of Europe and much of the rest of the world."""

RING_CYCLES = {
    **dict.fromkeys(("US", "CA", "PR", "MX", "AT", "PT", "SE", "TH"), 6.0),
    **dict.fromkeys(("GB", "GG", "JE", "IM", "IE", "AU", "NZ", "JP"), 3.0),
    **dict.fromkeys(("HK", "IN", "MY", "SG", "TW", "ZA"), 3.0),
    **dict.fromkeys(("BE", "CL", "IL"), 4.0),
    "ES": 4.5,
}
"""Countries that differ from one in four. The keys are ISO 3166-1 alpha-2 codes, the values seconds."""


def ring_cycle(country: str) -> float:
    """Seconds from ring to ring in `country` (ISO 3166-1 alpha-2)."""
    return RING_CYCLES.get(country, EUROPE_AND_MOST_OTHERS)
