"""Memory that a burst of calls needed goes back to the system: the PBX beside us has better use for it."""

import ctypes
import gc


def give_back() -> None:
    """Collect what is garbage and return free heap pages to the kernel (malloc_trim(3)). For quiet moments: some ms.

    Where the C library has no such call, only the garbage goes.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
