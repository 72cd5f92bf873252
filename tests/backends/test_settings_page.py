"""Settings, Backend: choosing, saving, removing and testing it."""

import html
import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from frontdesk.agents.models import Agent
from frontdesk.backends.models import Backend
from frontdesk.core.encryption import decrypt
from frontdesk.ledger.models import EndUser
from tests.backends.test_http_agent import DOCUMENTED, keys_of
from tests.factories import BACKEND_KEY, make_backend
from tests.fakes.http_server import FakeServer, Reply
from tests.fakes.openai import OpenAIServer

URL = "https://93.184.215.14/v1"

OPENAI = {
    "kind": "openai",
    "openai-url": URL,
    "openai-model": "gpt-4o-mini",
    "openai-key_header": "authorization",
    "openai-history_length": "20",
    "openai-timeout": "60",
}
HTTP = {
    "kind": "http",
    "http-url": "https://93.184.215.14/answer/",
    "http-history_length": "5",
    "http-timeout": "30",
}


def post(client: Client, agent: Agent, data: dict[str, str], act: str = "backend") -> Any:
    return client.post(reverse(f"backends:{act}", args=[agent.id]), data)


def page(client: Client, agent: Agent) -> str:
    return client.get(reverse("backends:backend", args=[agent.id])).content.decode()


def test_the_demo_is_chosen_with_one_click(signed_in: Client, agent: Agent) -> None:
    assert "There is none yet" in page(signed_in, agent)
    assert post(signed_in, agent, {"kind": "demo"}).status_code == 302
    assert Backend.objects.get(agent=agent).kind == "demo"


def test_the_contract_on_the_page_is_the_documented_one(signed_in: Client, agent: Agent) -> None:
    shown, documented = html.unescape(page(signed_in, agent)), DOCUMENTED.read_text()
    assert _found(r"```python\n(.*?)```", documented).strip() in shown
    contract = json.loads(_found(r'id="contract-request">(.*?)</code>', shown))
    promised = json.loads(_found(r"```json\n(.*?)```", documented))
    assert keys_of(contract) == keys_of(promised)


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.S)
    assert found, pattern
    return found[1]


def test_a_key_is_stored_encrypted_and_never_shown_again(signed_in: Client, agent: Agent) -> None:
    assert post(signed_in, agent, {**OPENAI, "openai-key": f" {BACKEND_KEY} "}).status_code == 302
    stored = Backend.objects.get(agent=agent)
    assert decrypt(stored.secret) == BACKEND_KEY
    assert BACKEND_KEY not in stored.secret
    shown = page(signed_in, agent)
    assert BACKEND_KEY not in shown
    assert f"that ends in …{BACKEND_KEY[-4:]}" in shown


def test_an_empty_key_keeps_the_stored_one_and_a_checkbox_removes_it(
    signed_in: Client, agent: Agent
) -> None:
    post(signed_in, agent, {**OPENAI, "openai-key": BACKEND_KEY})
    post(signed_in, agent, {**OPENAI, "openai-model": "gpt-4o"})
    stored = Backend.objects.get(agent=agent)
    assert (stored.model, decrypt(stored.secret)) == ("gpt-4o", BACKEND_KEY)
    post(signed_in, agent, {**OPENAI, "openai-remove_key": "on"})
    assert Backend.objects.get(agent=agent).secret == ""


def test_a_stored_key_is_not_sent_to_another_address(signed_in: Client, agent: Agent) -> None:
    post(signed_in, agent, {**OPENAI, "openai-key": BACKEND_KEY})
    elsewhere = {**OPENAI, "openai-url": "https://93.184.215.15/v1"}
    refused = post(signed_in, agent, elsewhere)
    assert refused.status_code == 422
    assert "enter the key again" in refused.content.decode()
    assert Backend.objects.get(agent=agent).url == URL
    assert post(signed_in, agent, {**elsewhere, "openai-key": "sk-other"}).status_code == 302


def test_a_key_of_one_kind_is_not_used_for_another(signed_in: Client, agent: Agent) -> None:
    post(signed_in, agent, {**OPENAI, "openai-key": BACKEND_KEY})
    made = post(signed_in, agent, HTTP)
    secret = decrypt(Backend.objects.get(agent=agent).secret)
    assert secret.startswith("whsec_")
    assert secret in made.content.decode()
    assert secret not in page(signed_in, agent)
    post(signed_in, agent, OPENAI)
    assert Backend.objects.get(agent=agent).secret == ""


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"kind": "psychic"}, "Choose a backend."),
        ({"openai-url": ""}, "This field is required."),
        ({"openai-url": "ftp://example.com"}, "An address starts with https:// or http://."),
        (
            {"openai-url": "http://localhost:11434/v1"},
            "FRONTDESK_INTERNAL_HOSTS=localhost:11434 would allow it",
        ),
        ({"openai-url": "https://[::1"}, "This is not an address"),
        ({"openai-model": " \u202e "}, "A model needs a name."),
        ({"openai-temperature": "3"}, "less than or equal to 2"),
        ({"openai-temperature": "nan"}, "Enter a number."),
        ({"openai-max_tokens": "0"}, "greater than or equal to 1"),
        ({"openai-history_length": "999"}, "less than or equal to 200"),
        ({"openai-key": "two words"}, "no spaces"),
        ({"openai-key": "schlüssel"}, "letters, digits"),
        ({"openai-system_prompt": "\0"}, "Null characters"),
    ],
)
def test_bad_input_is_reported_and_stores_nothing(
    signed_in: Client, agent: Agent, changed: dict[str, str], problem: str
) -> None:
    answer = post(signed_in, agent, {**OPENAI, "openai-system_prompt": "Be kind.", **changed})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert problem in text
    assert "Be kind." in text or changed.keys() & {"kind", "openai-system_prompt"}
    assert not Backend.objects.exists()


def test_an_endpoints_address_is_shortened_to_the_base_url(signed_in: Client, agent: Agent) -> None:
    post(signed_in, agent, {**OPENAI, "openai-url": f"{URL}/chat/completions?api-version=1"})
    assert Backend.objects.get(agent=agent).url == f"{URL}?api-version=1"


def test_a_key_under_another_secret_key_is_reported(signed_in: Client, agent: Agent) -> None:
    make_backend(agent, "openai", url=URL, model="m")
    Backend.objects.update(secret="encrypted by another installation")
    assert "enter it again" in page(signed_in, agent)


def test_the_page_says_whether_the_price_list_knows_the_model(
    signed_in: Client, agent: Agent
) -> None:
    url = reverse("backends:price", args=[agent.id])
    known = signed_in.get(url, {"openai-model": "gpt-4o-mini"}).content.decode()
    assert "$0.15 in and $0.60 out" in known
    assert "does not know “mine”" in signed_in.get(url, {"openai-model": "mine"}).content.decode()


def test_counts_only_means_no_memory(signed_in: Client, agent: Agent) -> None:
    assert "remembers nothing" not in page(signed_in, agent)
    Agent.objects.update(keep_texts=False)
    assert "remembers nothing" in page(signed_in, agent)


def test_trying_it_shows_the_answer_and_its_usage(
    signed_in: Client, agent: Agent, openai_server: OpenAIServer
) -> None:
    openai_server.say("Who are you", "A <b>mock</b>.")
    make_backend(agent, "openai", url=openai_server.url, model="gpt-4o-mini")
    shown = post(signed_in, agent, {}, "try").content.decode()
    assert "A &lt;b&gt;mock&lt;/b&gt;." in shown
    assert "gpt-4o-mini" in shown
    assert not EndUser.objects.exists()


def test_trying_it_shows_why_it_failed(
    signed_in: Client, agent: Agent, allow_internal: None
) -> None:
    with FakeServer(Reply(status=401)) as listener:
        make_backend(agent, "openai", url=listener.url, model="m")
        shown = post(signed_in, agent, {}, "try").content.decode()
    assert "401: the key was refused" in shown


def test_the_signing_secret_can_be_renewed(signed_in: Client, agent: Agent) -> None:
    make_backend(agent, "http", key="whsec_b2xk", url=URL)
    answer = post(signed_in, agent, {}, "renew-secret").content.decode()
    secret = decrypt(Backend.objects.get(agent=agent).secret)
    assert secret != "whsec_b2xk"
    assert secret in answer


def test_the_backend_can_be_removed(signed_in: Client, agent: Agent) -> None:
    make_backend(agent, "demo")
    asked = signed_in.get(reverse("backends:remove", args=[agent.id]))
    assert "What it does not do" in asked.content.decode()
    assert post(signed_in, agent, {}, "remove").status_code == 302
    assert not Backend.objects.exists()


def test_a_guest_cannot_open_it(client: Client, agent: Agent) -> None:
    for act in ("backend", "try", "price", "renew-secret", "remove"):
        assert client.get(reverse(f"backends:{act}", args=[agent.id])).status_code == 302
