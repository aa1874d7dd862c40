"""How the C library hands out memory.

Its allocator learns, from every large array that is let go, to keep arrays of that size in its heap, where the holes
between tables that grow stay behind: about a tenth of the memory of a long run. A fixed bound switches the learning off.
"""

from __future__ import annotations

import ctypes
from typing import Final

_M_MMAP_THRESHOLD: Final = -3
_BOUND_BYTES: Final = 1 << 21


def give_back_large_arrays() -> None:
    """Let arrays from two megabytes on go back to the system as soon as they are freed; nothing where there is no such call."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _BOUND_BYTES)
