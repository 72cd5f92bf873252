"""A channel needs no change outside its folder: received, admitted, answered, delivered, shown."""

import time
import uuid
from collections.abc import Iterator

import pytest
from django.test import Client

from frontdesk.agents.models import Agent
from frontdesk.backends.models import Backend
from frontdesk.channels import registry
from frontdesk.channels.outbox import key_of
from frontdesk.channels.runner import ChannelRunner
from frontdesk.channels.timing import Timing
from frontdesk.core.platforms import platform_icon, platform_word
from frontdesk.gate import blocks
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.recount import check
from tests.channels.example.adapter import OUTBOX
from tests.channels.example.channel import ExampleChannel
from tests.channels.example.models import ExampleItem
from tests.channels.example.server import Room
from tests.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)

QUICK = Timing(
    supervise=0.05,
    inbox_poll=0.02,
    first_retry=0.02,
    longest_retry=0.1,
    send_timeout=5,
    stop_timeout=0.1,
)
ECHO = "Say: one two three four five six seven eight nine ten eleven"
PARTS = ["one two three four five six seven eight ", "nine ten eleven"]


class Worker:
    """The channel's part of a worker."""

    def __init__(self, channel: ExampleChannel) -> None:
        self._channel = channel
        self._runner: ChannelRunner | None = None

    def start(self) -> None:
        self._runner = self._channel.make_runner(uuid.uuid4())
        self._runner.start()

    def stop(self) -> None:
        if self._runner is not None:
            self._runner.stop()
        self._runner = None


@pytest.fixture
def channel() -> Iterator[ExampleChannel]:
    channel = ExampleChannel(QUICK)
    registry.register(channel)
    yield channel
    registry.unregister(channel.key)


@pytest.fixture
def room(channel: ExampleChannel, agent: Agent) -> Room:
    """The room of `agent`, which the built-in demo answers."""
    Backend.objects.create(agent=agent, kind=Backend.Kind.DEMO)
    room = channel.rooms[agent.id] = Room(agent.id)
    return room


@pytest.fixture
def worker(channel: ExampleChannel) -> Iterator[Worker]:
    worker = Worker(channel)
    yield worker
    worker.stop()


def wait_until_done(count: int = 1) -> None:
    eventually(lambda: ExampleItem._default_manager.filter(state="done").count() == count)


def test_a_message_is_admitted_answered_delivered_and_recorded(
    agent: Agent, room: Room, worker: Worker
) -> None:
    Agent.objects.update(access=Agent.Access.VERIFIED)  # the platform vouches for its people
    worker.start()
    room.say("maya", ECHO)
    wait_until_done()

    assert room.sent == [("maya", part) for part in PARTS]
    assert room.offered == []
    user = EndUser.objects.get(agent=agent)
    assert (user.platform, user.external_id) == ("example", "maya")
    said = Message.objects.filter(end_user_id=user.id).order_by("sent_at", "role")
    assert {(m.role, m.text) for m in said} == {("user", ECHO), ("agent", "".join(PARTS))}
    row = ExampleItem._default_manager.get()
    assert (row.payload, row.answer) == ({}, {})
    assert check(agent) == []


def test_the_gate_refuses_and_the_person_reads_why_once(
    agent: Agent, room: Room, worker: Worker
) -> None:
    worker.start()
    room.say("maya", "Hello")
    wait_until_done()
    heard = len(room.sent)
    user = EndUser.objects.get(agent=agent)
    blocks.block(agent, [user.id], "spam", None, "", "You are blocked.", "olivia")
    room.say("maya", "And now?")
    room.say("maya", "And now?")
    wait_until_done(3)
    assert room.sent[heard:] == [("maya", "You are blocked.")]


def test_a_part_being_sent_at_a_kill_counts_as_delivered(
    agent: Agent, room: Room, worker: Worker
) -> None:
    room.is_down = True
    worker.start()
    room.say("maya", ECHO)
    eventually(lambda: ExampleItem._default_manager.filter(state="answered").exists())
    worker.stop()
    ExampleItem._default_manager.update(is_sending=False)
    key = key_of(ExampleItem._default_manager.get())
    assert OUTBOX.next_part(agent, key) is not None  # and here the worker is killed
    room.is_down = False
    worker.start()
    wait_until_done()
    assert room.sent == [("maya", PARTS[1])]
    assert OUTBOX.load(key) is None


def test_a_server_that_is_down_is_retried_and_gets_each_part_once(
    room: Room, worker: Worker
) -> None:
    room.is_down = True
    worker.start()
    room.say("maya", ECHO)
    eventually(lambda: ExampleItem._default_manager.filter(state="answered").exists())
    time.sleep(0.1)
    assert room.sent == []
    room.is_down = False
    wait_until_done()
    assert [text for _, text in room.sent] == PARTS


def test_an_agent_without_a_backend_says_so_and_shows_the_operator_where_to_choose_one(
    agent: Agent, room: Room, worker: Worker
) -> None:
    Backend.objects.all().delete()
    worker.start()
    room.say("maya", "Hello")
    wait_until_done()
    assert "This assistant cannot answer here yet." in "".join(text for _, text in room.sent)
    (answer,) = Message.objects.filter(end_user__agent=agent, role="agent")
    assert "Settings, Backend" in answer.error


def test_pages_show_the_channel_and_its_platform(
    agent: Agent, room: Room, worker: Worker, signed_in: Client
) -> None:
    worker.start()
    room.say("maya", "Hello")
    wait_until_done()
    user = EndUser.objects.get(agent=agent)

    settings = page(signed_in, f"/agents/{agent.id}/settings/channels")
    assert 'id="channel-example"' in settings
    assert "Room 7" in settings
    assert "at most 40 characters" in settings
    assert "#messages" in settings
    assert "Example chat Room 7: running" in page(signed_in, "/agents")
    assert (platform_word("example"), platform_icon("example")) == ("Example chat", "messages")
    assert "Example chat" in page(signed_in, f"/agents/{agent.id}/users")
    response = signed_in.post(f"/agents/{agent.id}/users/{user.id}/link-token")
    assert "https://chat.example/?token=link_" in response.content.decode()


def test_a_closed_channel_says_so(agent: Agent, channel: ExampleChannel, signed_in: Client) -> None:
    settings = page(signed_in, f"/agents/{agent.id}/settings/channels")
    assert "Closed" in settings.partition('id="channel-example"')[2].partition("</section>")[0]


def page(client: Client, url: str) -> str:
    return client.get(url).content.decode()
