"""People are told that an AI answers, and what is kept, from the settings as they are."""

import re

import pytest

from frontdesk.agents.models import Agent
from frontdesk.backends.models import Backend
from frontdesk.channels.notices import ai_notice, privacy
from frontdesk.core.catalogs import languages
from tests.factories import make_backend

pytestmark = pytest.mark.django_db


def test_the_notice_is_on_by_default_and_names_the_organization(agent: Agent) -> None:
    assert ai_notice(agent, "en") == "AI assistant"
    agent.organization = "Acme {host}"
    assert ai_notice(agent, "de-at") == "KI-Assistent von Acme {host}"
    agent.tells_ai = False
    assert ai_notice(agent, "en") == ""


def test_each_language_has_its_own_notice(agent: Agent) -> None:
    assert len({ai_notice(agent, language) for language in languages()}) == len(languages())


def test_the_privacy_text_follows_the_settings(agent: Agent) -> None:
    make_backend(agent, kind=Backend.Kind.OPENAI, url="https://key@models.example:8443/v1?key=7")
    agent.organization, agent.privacy_contact = "Acme", "privacy@acme.example"
    assert privacy(agent, "en") == [
        "AI assistant of Acme",
        "What is kept: your messages and the answers, when they were sent, and what is known of you"
        " here, such as your name and language.",
        "The texts are kept until they are erased.",
        "Your messages are passed on to models.example, where the answers are written.",
        "For a copy of your data, or to have it erased, write to: privacy@acme.example",
    ]
    agent.keep_days = 30
    assert "The texts are erased after this number of days: 30." in privacy(agent, "en")
    agent.keep_texts, agent.privacy_contact = False, ""
    assert privacy(agent, "en")[2:5:2] == [
        "The texts themselves are not kept, only when you wrote and how much.",
        "For a copy of your data, or to have it erased, ask the operator of this assistant.",
    ]


def test_an_own_policy_stands_in_its_place(agent: Agent) -> None:
    agent.privacy_url = "https://acme.example/privacy"
    assert privacy(agent, "fr") == [
        "La politique de confidentialité de cet assistant : https://acme.example/privacy"
    ]


def test_no_placeholder_is_left_in_any_language(agent: Agent) -> None:
    make_backend(agent, kind=Backend.Kind.HTTP, url="https://agent.example/")
    agent.keep_days, agent.privacy_contact, agent.organization = 7, "+1 555 0100", "Acme"
    for language in languages():
        text = " ".join(privacy(agent, language))
        assert not re.search(r"[{}]", text)
        for value in ("Acme", "7", "agent.example", "+1 555 0100"):
            assert value in text
