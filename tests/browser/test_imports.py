"""Importing a file in the console: uploading, the check, the import, and taking it back."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pydantic import ByteSize
from pytest_django import Settings

from frontdesk.agents.models import Agent
from frontdesk.imports import uploads
from frontdesk.imports.models import Upload
from frontdesk.ledger import imports
from frontdesk.ledger.models import Import, Message
from tests.browser.accessibility import violations
from tests.imports.test_jsonl import event

SIZES = ((1280, 720), (820, 1180), (390, 844))


@pytest.fixture
def at(signed_in_page: Page, agent: Agent) -> Page:
    """The page of the imports."""
    signed_in_page.goto(f"/agents/{agent.id}/settings/imports")
    return signed_in_page


def upload(page: Page, file: Path, content: bytes) -> None:
    """Send a file, and wait for its page."""
    file.write_bytes(content)
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Upload and check").click()
    page.wait_for_url("**/uploads/*")


def work() -> None:
    """What the worker does."""
    uploads.work.call(str(Upload.objects.get().id))


def expect_well_made(page: Page) -> None:
    """No horizontal scrolling, and nothing that axe finds, at any width."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert violations(page) == []


def test_a_file_is_uploaded_checked_imported_and_taken_back(
    at: Page, agent: Agent, tmp_path: Path
) -> None:
    expect(at.get_by_text("Nothing imported yet")).to_be_visible()
    expect_well_made(at)
    upload(at, tmp_path / "chats.jsonl", event(1) + b"\n" + event(2) + b"\n{}")
    expect(at.get_by_text("Waiting for the worker")).to_be_visible()
    work()
    expect(at.get_by_text("Nothing is recorded yet")).to_be_visible()  # the page asked again
    expect(at.locator(".outcome-recorded")).to_contain_text("2")
    expect(at.locator(".import-first")).to_contain_text("user: Text 1")
    expect_well_made(at)
    assert not Message.objects.exists()
    at.get_by_role("button", name="Import", exact=True).click()
    expect(at.get_by_text("Waiting for the worker")).to_be_visible()
    work()
    at.wait_for_url(re.compile("/imports/[0-9a-f-]+$"))
    expect(at.locator(".outcome-rejected")).to_contain_text("1")
    expect_well_made(at)
    with at.expect_download() as download:
        at.get_by_role("link", name="Rejected lines").click()
    assert Path(download.value.path()).read_bytes() == b"{}\n"
    at.get_by_role("link", name="Imports").first.click()
    expect(at.get_by_role("row", name="chats.jsonl")).to_contain_text("Imported")
    expect_well_made(at)
    at.get_by_role("link", name="chats.jsonl").click()
    at.get_by_role("link", name="Take back…").click()
    sheet = at.get_by_role("dialog")
    expect(sheet).to_contain_text("What it does not do")
    sheet.get_by_role("button", name="Take back").click()
    expect(at.get_by_text("Being taken back, in the background")).to_be_visible()
    imports.take_back.call(str(Import.objects.get().id))
    expect(at.get_by_text("Removed: 2 messages, 1 user.")).to_be_visible()
    assert not Message.objects.exists()


def test_another_format_has_its_own_fields(at: Page, tmp_path: Path) -> None:
    upload(at, tmp_path / "a.txt", b"Hello")
    expect(at.get_by_role("alert")).to_contain_text("Its format is not obvious")
    at.get_by_label("Format").select_option("telegram")
    expect(at.get_by_label("The agent in the file")).to_be_visible()
    expect_well_made(at)
    at.get_by_label("Format").select_option("jsonl")
    expect(at.get_by_label("The agent in the file")).to_have_count(0)
    at.get_by_role("button", name="Check again").click()
    work()
    expect(at.get_by_role("alert")).to_contain_text("Nothing in the file can be imported")
    at.get_by_role("button", name="Delete the file").click()
    expect(at.get_by_text("Nothing imported yet")).to_be_visible()


def test_a_file_that_is_too_large_is_not_sent(at: Page, tmp_path: Path, settings: Settings) -> None:
    settings.ENV = settings.ENV.model_copy(update={"max_import_size": ByteSize(1000)})
    at.reload()
    file = tmp_path / "large.jsonl"
    file.write_bytes(b"x" * 1001)
    at.get_by_label("File").set_input_files(file)
    at.get_by_role("button", name="Upload and check").click()
    expect(at.get_by_role("status").filter(has_text="A file may have up to")).to_be_visible()
    assert not Upload.objects.exists()


def test_a_form_without_a_file_is_answered_in_place(at: Page, problems: list[str]) -> None:
    at.get_by_role("button", name="Upload and check").click()
    expect(at.get_by_text("Choose a file.")).to_be_visible()
    problems.clear()  # Chromium reports the 422
