"""Memory that a burst of calls needed goes back to the system: the PBX beside us has better use for it."""

import ctypes


def give_back() -> None:
    """Return free heap pages to the kernel (malloc_trim(3)). Nothing happens where the C library has no such call."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
