"""Waiting for a state: a slow or busy machine takes longer, and nothing else changes."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds after which we stop waiting: far more than any state takes."""


def eventually(look: Callable[[], T], seconds: float = PATIENCE) -> T:
    """Call `look` until its result is true, and return that; AssertionError if it never is.

    In a browser test the page's own requests wait meanwhile: wait for what the page shows instead.
    """
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"not so within {seconds:g} s; found {found!r}"
        time.sleep(0.02)
    return found
