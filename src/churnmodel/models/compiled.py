"""How is a loop over numbers compiled, so that it runs where nothing can be written, and rounds the same anywhere?

By numba, on the first call; the machine code is kept beside Python's own in ``__pycache__`` (or where
``NUMBA_CACHE_DIR`` says) for later processes. Where no folder can be written to, each process compiles anew.

Without `fastmath`: every operation is rounded as IEEE 754 says, in the order written, so a row has the same bits
alone and in any batch, and a test for NaN stays a test. A compiled function calls none of another file: numba
watches only the file of the function it keeps, and would go on using the old callee.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def compiled(loop: Callable[..., Any]) -> Callable[..., Any]:
    """`loop` in machine code; it holds no lock of Python's while it runs, so threads run it side by side.

    >>> import numpy as np
    >>> @compiled
    ... def total(values):
    ...     found = 0.0
    ...     for value in values:
    ...         found += value
    ...     return found
    >>> total(np.array([1.5, 2.0]))
    3.5
    """
    import numba

    try:
        return numba.njit(loop, nogil=True, error_model="numpy", cache=True)
    except RuntimeError:  # numba found no folder to write to
        return numba.njit(loop, nogil=True, error_model="numpy")
