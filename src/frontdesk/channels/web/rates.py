"""How many messages a minute come from one network address: more are asked to wait.

Counted in this process alone, and of so many addresses at most: a guard against floods, beside the
agent's limits, which count people exactly.
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


def seconds_to_wait(address: str, most: int) -> int:
    """0 for a message that may come in, which counts; else the seconds until one may."""
    global _minute
    now = time.time()
    network = _network(address)
    with _lock:
        if int(now // _MINUTE) != _minute or len(_counts) >= MAX_ADDRESSES:
            _minute = int(now // _MINUTE)
            _counts.clear()
        if _counts[network] >= most:
            return max(1, math.ceil((_minute + 1) * _MINUTE - now))
        _counts[network] += 1
    return 0


def _network(address: str) -> str:
    """Of IPv6 one household has 2^64 addresses, or more."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
