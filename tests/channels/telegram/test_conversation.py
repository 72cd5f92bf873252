"""A whole conversation, with telegram-test-api as Telegram and the demo as the backend."""

from collections.abc import Iterator

import pytest

from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.channels.telegram import actions
from frontdesk.channels.telegram.models import TelegramBot
from frontdesk.ledger.models import EndUser
from frontdesk.ledger.recount import check
from tests.channels.telegram.test_talking import Run
from tests.factories import make_backend
from tests.fakes import telegram_test_api
from tests.fakes.telegram import TOKEN
from tests.fakes.telegram_test_api import Visitor


@pytest.fixture
def url(allow_internal: None) -> Iterator[str]:
    with telegram_test_api.serve() as url:
        yield url


@pytest.mark.django_db(transaction=True)
def test_maya_talks_to_the_agent(agent: Agent, url: str, run: Run) -> None:
    make_backend(agent)
    actions.connect(SYSTEM, agent, TOKEN, url, TelegramBot.Mode.POLLING)
    runner = run()
    maya = Visitor(url)

    maya.say("/start")
    (greeting,) = maya.wait_for(1)
    assert "Write to me, and I answer." in greeting
    maya.say("Hello! Who are you?")
    (answer,) = maya.wait_for(1)
    assert answer
    maya.say("/new")
    assert maya.wait_for(1) == [
        "A new dialogue begins. What came before is no longer taken into account."
    ]
    maya.say("And now?")
    maya.wait_for(1)
    runner.stop()

    user = EndUser.objects.get(agent=agent)
    assert (user.name, user.external_id) == ("Maya", "1001")
    assert (user.total_messages_sent, user.total_chat_messages) == (3, 6)
    assert user.total_sessions == 2
    assert check(agent) == []
