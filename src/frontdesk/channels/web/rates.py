"""A limit on the messages per minute from one network address.

It counts in this process only, and for a bounded number of addresses: protection against floods,
beside the agent's limits, which count each person exactly.
"""

import ipaddress
import math
import threading
import time
from collections import Counter

MAX_ADDRESSES = 50_000
_MINUTE = 60

_lock = threading.Lock()
_counts: Counter[str] = Counter()
_minute = 0


def seconds_to_wait(address: str, maximum: int) -> int:
    """0 if a message is allowed, which is then counted; otherwise the seconds to wait."""
    global _minute
    now = time.time()
    network = _network(address)
    with _lock:
        if int(now // _MINUTE) != _minute or len(_counts) >= MAX_ADDRESSES:
            _minute = int(now // _MINUTE)
            _counts.clear()
        if _counts[network] >= maximum:
            return max(1, math.ceil((_minute + 1) * _MINUTE - now))
        _counts[network] += 1
    return 0


def _network(address: str) -> str:
    """The address, or its /64 network: with IPv6, one household has 2^64 addresses or more."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
