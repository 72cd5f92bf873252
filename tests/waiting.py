"""Waiting for a state: a machine that is slow, or busy, takes longer, and nothing else changes."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds after which a state will not come. Far more than it takes, and free where it comes."""


def eventually(look: Callable[[], T], seconds: float = PATIENCE) -> T:
    """Look until what is found is true, and return it; AssertionError when it never is.

    In a browser test the page's own requests stand still meanwhile: wait for what the page shows.
    """
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"not so within {seconds:g} s; found {found!r}"
        time.sleep(0.02)
    return found
