"""To which user of a group an answer of the agent belongs."""

from collections import OrderedDict

from frontdesk.imports.errors import Skipped

MAX_REMEMBERED = 50_000
"""How many messages of a chat are remembered with their end user, for replies to them."""


class Addressees:
    """Remembers whose the messages of one chat are, in the file's order.

    An answer belongs to the user it replies to, possibly through other messages of the agent.
    Without a known reply, it belongs to the user who wrote last.
    """

    def __init__(self) -> None:
        self._owners: OrderedDict[str, str] = OrderedDict()
        self._last = ""

    def addressee(self, replied: str = "") -> str:
        """The id of the user whom a message answers. Raises Skipped if there is none yet."""
        user = self._owners.get(replied) or self._last
        if not user:
            raise Skipped("the agent wrote before any user")
        return user

    def remember(self, message_id: str, user: str) -> None:
        self._last = user
        self._owners[message_id] = user
        if len(self._owners) > MAX_REMEMBERED:
            self._owners.popitem(last=False)
