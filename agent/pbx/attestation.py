"""How far a carrier vouches for a caller's number (STIR/SHAKEN), as it stands in a SIP header."""

import re

_VERSTAT = re.compile(r";verstat=TN-Validation-Passed(?:-([ABC]))?", re.IGNORECASE)


def attestation_in(header: str) -> str | None:
    """The attestation a carrier put into a From header (3GPP TS 24.229): "A", "B" or "C".

    Passed without a letter is A.
    """
    found = _VERSTAT.search(header)
    return None if found is None else (found[1] or "A").upper()
