"""A process for one installation: one command per line on stdin, one answer per line on stdout.

Separate processes keep writers apart, and their memory apart from everything else.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings


def main() -> None:
    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"  # nothing is collected here
    )
    django.setup()
    from bench import commands  # models need django.setup()

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
