"""The intervals and timeouts of a channel's runner."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """All values are in seconds. Tests use shorter ones."""

    supervise: float = 2.0
    """Between two checks of which connections there are."""
    lease: float = 30.0
    """How long a worker serves a connection unless it renews the lease."""
    inbox_poll: float = 0.5
    """Between two checks of the inbox for what another process has put there."""
    gather: float = 1.0
    """How long a part of a thought waits for the next one, such as the photos of an album."""
    first_retry: float = 1.0
    longest_retry: float = 60.0
    send_timeout: float = 300.0
    """How long sending an answer is tried, including the waits that the other side asks for."""
    stop_timeout: float = 5.0
    """How long a connection that is being stopped may finish sending."""
    long_poll: int = 25
    """How long the other side may hold back its answer while there is nothing new."""
    check_webhook: float = 60.0
    typing: float = 4.5
    """Between two signals that an answer is being written."""
    draft: float = 1.0
    """Between two versions of an answer that is shown while it is written."""
