"""Memory that a burst of calls needed goes back to the system: the PBX beside us has better use for it."""

import ctypes
import functools
import gc


class Memory:
    """The process's memory. Made when all modules are loaded."""

    def __init__(self) -> None:
        cache = type(functools.lru_cache(lambda: None))
        bounded = (found for found in gc.get_objects() if isinstance(found, cache))
        # An unbounded cache may be somebody's way to have a thing once. A bounded one forgets anyway.
        self._caches = [found for found in bounded if found.cache_parameters()["maxsize"] is not None]

    def settle(self) -> None:
        """What lives by now lives to the end, and is looked at no more: a full collection with all modules costs 16 ms,
        one of the calls' own objects little."""
        gc.collect()
        gc.freeze()

    def give_back(self) -> None:
        """Empty caches, collect garbage, return free heap pages to the kernel (malloc_trim(3)). Some ms: for quiet
        moments.

        Python's allocator returns a megabyte only when nothing in it lives, and what a cache keeps of a burst lies
        strewn over all that the burst needed. Where the C library can't trim, the heap's pages stay.
        """
        for cache in self._caches:
            cache.cache_clear()
        gc.collect()
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
