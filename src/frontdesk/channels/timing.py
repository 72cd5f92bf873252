"""How fast the runner of a channel goes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Seconds, all of them; tests have less time."""

    supervise: float = 2.0
    """Between two looks at which connections there are."""
    lease: float = 30.0
    """For how long a connection is a worker's, unless it renews the lease."""
    look: float = 0.5
    """Between two looks into the inbox for what another process has put there."""
    first_retry: float = 1.0
    longest_retry: float = 60.0
    patience: float = 300.0
    """For how long sending an answer is tried, the waits that the other side asks for included."""
    ending: float = 5.0
    """For how long a connection that is stopped may go on with what it is sending."""
    long_poll: int = 25
    """How long the other side may hold back its answer while there is nothing new."""
    check_webhook: float = 60.0
    typing: float = 4.5
    """Between two signs that an answer is being written."""
