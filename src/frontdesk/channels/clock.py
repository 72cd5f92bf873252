"""The time of a received message: the other side's clock may be wrong, or ours."""

import datetime as dt

from frontdesk.ledger.events import EARLIEST, MAX_AHEAD


def usable_time(time: dt.datetime, now: dt.datetime) -> dt.datetime:
    """The time as the ledger takes it: `now`, if it would refuse the message for its own."""
    return time if EARLIEST <= time <= now + MAX_AHEAD else now
