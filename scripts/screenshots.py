"""Takes the screenshots of the README: `.venv/bin/python scripts/screenshots.py`.

Starts the demo in a temporary home, signs in, and writes docs/images/. Needs Chromium, and fonts
for the names of the demo's people (Debian: fonts-noto-core, -cjk and -color-emoji).
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, ViewportSize, sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
PORT = "8199"
WIDE: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 844}
LOOKS: tuple[tuple[Literal["light", "dark"], ViewportSize, str], ...] = (
    ("light", WIDE, "light"),
    ("dark", WIDE, "dark"),
    ("light", PHONE, "phone"),
)


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        demo(home) as (url, name, password),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu"] if os.geteuid() == 0 else [],
        )
        for theme, size, suffix in LOOKS:
            page = browser.new_page(viewport=size, color_scheme=theme, timezone_id="Europe/Berlin")
            sign_in(page, url, name, password)
            take(page, url, suffix)
        browser.close()


@contextmanager
def demo(home: str) -> Iterator[tuple[str, str, str]]:
    """A running demo: its URL, user name and password."""
    process = subprocess.Popen(
        [Path(sys.executable).parent / "frontdesk", "demo", "--port", PORT],
        env={**os.environ, "FRONTDESK_HOME": home},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        output = iter(process.stdout or ())
        url = first_match(output, r"^Console\s+(\S+)")[0]
        name, password = first_match(output, r"^Sign in\s+(\S+) / (\S+)")
        yield url, name, password
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)


def first_match(lines: Iterator[str], pattern: str) -> tuple[str, ...]:
    for line in lines:
        if found := re.search(pattern, line):
            return found.groups()
    raise SystemExit(f"the demo ended without a line like {pattern}")


def sign_in(page: Page, url: str, name: str, password: str) -> None:
    page.goto(f"{url}/accounts/login")
    page.fill("input[name=login]", name)
    page.fill("input[name=password]", password)
    page.click("main button[type=submit], form button[type=submit]")
    page.wait_for_url(f"{url}/agents")


def take(page: Page, url: str, suffix: str) -> None:
    page.screenshot(path=IMAGES / f"agents-{suffix}.png")
    page.locator("main a", has_text="Open").first.click()
    take_analytics(page, f"analytics-{suffix}")
    analytics = page.url
    page.goto(f"{url}/analytics?by=week")
    take_analytics(page, f"company-{suffix}")
    page.goto(analytics.replace("/analytics", "/users"))
    page.wait_for_selector("#users .user-link")
    page.wait_for_timeout(500)
    page.screenshot(path=IMAGES / f"users-{suffix}.png")
    page.goto(page.url + "?sort=-sent")
    page.locator("#users .user-link").nth(1).click()
    page.wait_for_selector(".messages")
    page.screenshot(path=IMAGES / f"user-{suffix}.png")
    page.goto(analytics.replace("/analytics", "").replace("/agents/", "/chat/"))
    take_chat(page, f"chat-{suffix}")


def take_analytics(page: Page, name: str) -> None:
    """The figures and the first charts."""
    size = page.viewport_size or WIDE
    page.set_viewport_size({"width": size["width"], "height": 1180})
    page.wait_for_selector(".time-chart canvas")
    page.wait_for_timeout(500)
    page.screenshot(path=IMAGES / f"{name}.png")
    page.set_viewport_size(size)


def take_chat(page: Page, name: str) -> None:
    """A first question and its answer."""
    page.get_by_role("button", name="What can you do?").click()
    page.wait_for_selector(".message-agent .message-foot:not([hidden])")
    page.wait_for_timeout(500)
    page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
