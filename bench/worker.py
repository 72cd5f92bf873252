"""A process that works in one installation: a command a line on stdin, an answer a line on stdout.

Measuring in processes of their own keeps writers apart from each other, and memory from all else.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings


def main() -> None:
    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"  # nothing has been collected here
    )
    django.setup()
    from bench import commands  # models can be imported only now

    known: dict[str, Callable[..., Any]] = {
        "set_up": commands.set_up,
        "prepare": commands.prepare,
        "go": commands.go,
        "pages": commands.pages,
        "analytics": commands.analytics,
        "checks": commands.checks,
        "open_chat": commands.open_chat,
        "chat_losses": commands.chat_losses,
        "versions": commands.versions,
    }
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        sys.stdout.write(json.dumps(known[name](*arguments)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
