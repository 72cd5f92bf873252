"""How fast the runner goes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """Seconds, all of them; tests have less time."""

    supervise: float = 2.0
    """Between looks at which bots there are."""
    lease: float = 30.0
    """For how long a bot is a worker's, unless he says so again."""
    long_poll: int = 25
    """How long Telegram holds an answer without updates."""
    look: float = 0.5
    """Between looks into the inbox for what a webhook has put there."""
    check_webhook: float = 60.0
    first_retry: float = 1.0
    longest_retry: float = 60.0
    patience: float = 300.0
    """For how long an answer is tried to be sent, the waits that Telegram asks for included."""
    typing: float = 4.5
    """Telegram forgets after five seconds that somebody is writing."""
    ending: float = 5.0
    """For how long a bot that is stopped may go on with what it is sending."""
