"""The actor of a command: whoever has a shell on the server."""

import getpass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from frontdesk.audit import Actor


def command_line() -> "Actor":
    from frontdesk.audit import Actor

    try:
        return Actor("system", "", f"{getpass.getuser()} (command line)")
    except (KeyError, OSError):  # no name, as for users of a container
        return Actor("system", "", "command line")
