"""Chromium for the tests of what the operator sees.

A test fails if it leaves a problem behind: an error in the console (a violation of the content
security policy is one), a script that threw, a request to any host but our own.
"""

import logging
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Route,
    expect,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer

from frontdesk.channels import answers
from tests.waiting import PATIENCE, eventually

FLAGS = [
    "--no-sandbox",  # Chromium refuses to run as root otherwise
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
NO_CHROMIUM = (
    "There is no Chromium on PATH, which the browser tests drive: scripts/ensure-chromium installs"
    " it, and FRONTDESK_TEST_BROWSER=skip leaves these tests out."
)
_HERE = Path(__file__).parent
_log = logging.getLogger(__name__)  # pytest shows it with a test that failed

# Both cores are busy with tests: slow is not yet an error.
expect.set_options(timeout=1000 * PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if os.environ.get("FRONTDESK_TEST_BROWSER") == "skip":
                item.add_marker(pytest.mark.skip(reason="FRONTDESK_TEST_BROWSER=skip"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, one for all tests."""
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if chromium is None:
        pytest.fail(NO_CHROMIUM, pytrace=False)
    # Playwright's event loop runs in this thread, where Django would then refuse plain queries.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()
    for thread in threading.enumerate():  # or it logs after the run that its loop is closed
        if thread.name.startswith("asyncio-waitpid"):
            thread.join(PATIENCE)


@contextmanager
def open_requests() -> Iterator[list[object]]:
    """The live server's open requests; one that outlived its test would run into the next."""
    left: list[object] = []

    def begin(**_: object) -> None:
        left.append(None)

    def end(**_: object) -> None:
        left.pop()

    request_started.connect(begin)
    request_finished.connect(end)
    yield left
    request_started.disconnect(begin)
    request_finished.disconnect(end)


@pytest.fixture
def problems() -> Iterator[list[str]]:
    """What went wrong in the page. A test that provokes an error removes it from the list."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def locale() -> str:
    """The browser's language; a test may have another by `parametrize("locale", …)`."""
    return "en-US"


@pytest.fixture
def context(
    browser: Browser, live_server: LiveServer, problems: list[str], locale: str
) -> Iterator[BrowserContext]:
    """A browser context with cookies of its own; paths are relative to the live server."""
    context = browser.new_context(
        base_url=live_server.url,
        locale=locale,
        timezone_id="UTC",
        viewport={"width": 1280, "height": 800},
        reduced_motion="reduce",
    )
    context.set_default_timeout(1000 * PATIENCE)
    own = urlsplit(live_server.url).netloc

    def stay_here(route: Route) -> None:
        url = route.request.url
        if urlsplit(url).netloc == own or url.startswith(("data:", "blob:")):
            route.fallback()
        else:
            problems.append(f"request to another host: {url}")
            route.abort()

    context.route("**/*", stay_here)

    def record_error(message: ConsoleMessage) -> None:
        # htmx reports it as an error when a newer request takes the place of an older one.
        if message.type == "error" and "AbortError" not in message.text:
            problems.append(f"console: {message.text}")

    context.on("console", record_error)
    context.on("request", lambda request: _log.info("%s %s", request.method, request.url))
    context.on("response", lambda response: _log.info("%s %s", response.status, response.url))
    context.on("requestfailed", lambda request: _log.info("failed %s", request.url))
    context.on("weberror", lambda error: problems.append(f"script: {error.error}"))
    with open_requests() as left:
        yield context
        context.close()
        answers.interrupt_all("the test is over", PATIENCE)  # some requests wait for those
        eventually(lambda: not left)


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page of someone who has not signed in; `page.goto("/agents")` goes to the live server."""
    return context.new_page()


@pytest.fixture
def signed_in_page(
    context: BrowserContext, page: Page, live_server: LiveServer, signed_in: Client
) -> Page:
    """A page of `operator`, signed in."""
    cookie = signed_in.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    return page
