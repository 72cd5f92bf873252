"""Choosing the backend as the operator does it."""

import pytest
from playwright.sync_api import Page, expect

from frontdesk.agents.models import Agent
from frontdesk.backends.models import Backend
from tests.browser.accessibility import violations
from tests.fakes.openai import OpenAIServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def check_access(page: Page) -> None:
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_model_is_chosen_corrected_saved_and_tried(
    signed_in_page: Page, agent: Agent, openai_server: OpenAIServer, problems: list[str]
) -> None:
    openai_server.say("Who are you", "A model that is none.")
    page = signed_in_page
    page.goto(f"/agents/{agent.id}/settings/backend")
    page.get_by_role("radio", name="OpenAI-compatible model").check()
    page.get_by_label("Base URL").fill(openai_server.url)
    page.get_by_label("Model", exact=True).fill("gpt-4o-mini")
    expect(page.get_by_text("The price list knows it")).to_be_visible()
    page.get_by_label("Temperature").fill("7")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("less than or equal to 2")).to_be_visible()
    expect(page.get_by_role("radio", name="OpenAI-compatible model")).to_be_checked()
    problems.clear()  # Chromium reports the 422
    assert violations(page) == []
    page.get_by_label("Temperature").fill("1")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The backend of Ada is saved.")).to_be_visible()
    page.get_by_role("button", name="Ask now").click()
    expect(page.get_by_text("A model that is none.")).to_be_visible()
    assert Backend.objects.get(agent=agent).temperature == 1
    assert problems == []


def test_the_page_is_fit_for_a_phone_in_the_dark(signed_in_page: Page, agent: Agent) -> None:
    page = signed_in_page
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"/agents/{agent.id}/settings/backend")
    page.get_by_role("radio", name="Your own agent, by HTTP").check()
    assert violations(page) == []
    page.get_by_role("textbox", name="Address").fill("https://93.184.215.14/answer")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Copy it now.")).to_be_visible()
    expect(page.locator("#new-secret")).to_contain_text("whsec_")
    assert violations(page) == []
