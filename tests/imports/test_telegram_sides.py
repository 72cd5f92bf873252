"""Which side of a chat is the agent, and which user a message belongs to."""

from pathlib import Path

import pytest

from frontdesk.agents.models import Agent
from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.people import looks_like_bot
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.recount import check
from tests.imports.exports import (
    ALICE,
    BOB,
    BOT,
    ME,
    account,
    chat,
    group,
    message,
    recorded,
    run,
    state,
)

DELETED = {"from": None, "from_id": "user10"}


def test_the_partner_of_a_personal_chat_is_the_user(agent: Agent, tmp_path: Path) -> None:
    _, notes = run(agent, tmp_path, chat(message(ALICE, "Hi"), message(ME, "Yes?")))
    assert recorded(agent) == [("10", "user", "Hi"), ("10", "agent", "Yes?")]
    assert "The agent is “Me” (user20) in “Alice”; guessed" in notes
    assert "--bot" in notes


def test_the_partner_of_a_bot_chat_is_the_agent(agent: Agent, tmp_path: Path) -> None:
    export = chat(message(ME, "/start"), message(BOT, "Hi"), name="Helper", id=30, type="bot_chat")
    _, notes = run(agent, tmp_path, export)
    assert recorded(agent) == [("20", "user", "/start"), ("20", "agent", "Hi")]
    assert "The agent is “Support Bot” (user30) in “Helper”; guessed" in notes


@pytest.mark.parametrize("bot_is_partner", [True, False])
def test_a_person_called_bot_is_the_agent_of_a_personal_chat(
    agent: Agent, tmp_path: Path, bot_is_partner: bool
) -> None:
    head = {"name": "Support Bot", "id": 30} if bot_is_partner else {"name": "Alice", "id": 10}
    run(agent, tmp_path, chat(message(ALICE), message(BOT), **head))
    assert [(user, role) for user, role, _ in recorded(agent)] == [
        ("10", "user"),
        ("10", "agent"),
    ]


@pytest.mark.parametrize("bot", ["Alice", "alice", "@alice", "user10", "10", " Alice "])
def test_the_given_bot_is_the_agent(agent: Agent, tmp_path: Path, bot: str) -> None:
    _, notes = run(agent, tmp_path, chat(message(ALICE), message(ME)), bot=bot)
    assert [(user, role) for user, role, _ in recorded(agent)] == [
        ("20", "agent"),
        ("20", "user"),
    ]
    assert "as given" in notes
    assert "guessed" not in notes


def test_a_given_username_matches_a_similar_name(agent: Agent, tmp_path: Path) -> None:
    export = group(message(ALICE), message(BOT))
    run(agent, tmp_path, export, bot="@support_bot")
    assert [(user, role) for user, role, _ in recorded(agent)] == [
        ("10", "user"),
        ("10", "agent"),
    ]


def test_the_bot_can_be_given_by_the_name_of_its_chat(agent: Agent, tmp_path: Path) -> None:
    export = chat(message(ME), message(BOT), name="Helpdesk", id=30)
    run(agent, tmp_path, export, bot="Helpdesk")
    assert [(user, role) for user, role, _ in recorded(agent)] == [
        ("20", "user"),
        ("20", "agent"),
    ]


def test_a_given_bot_that_matches_no_one_is_an_error(agent: Agent, tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match=r"No one .*Zoe.*“Alice” \(user10\), “Me” \(user20\)"):
        run(agent, tmp_path, chat(message(ALICE), message(ME)), bot="Zoe")
    assert not EndUser.objects.exists()


def test_a_given_name_of_two_people_is_an_error(agent: Agent, tmp_path: Path) -> None:
    other_alice = {"from": "Alice", "from_id": "user99"}
    export = group(message(ALICE), message(other_alice))
    with pytest.raises(ImportFileError, match=r"\(user10\) or “Alice” \(user99\)"):
        run(agent, tmp_path, export, bot="Alice")


def test_chats_without_the_given_bot_are_skipped(agent: Agent, tmp_path: Path) -> None:
    with_bot = chat(message(ME), message(BOT), name="Support Bot", id=30, type="bot_chat")
    export = account(with_bot, chat(message(ALICE)), group(message(BOB)))
    report, _ = run(agent, tmp_path, export, bot="Support Bot")
    assert {user for user, _, _ in recorded(agent)} == {"20"}
    assert report.tally.skipped["the given bot is not in this chat"].count == 2


def test_an_account_knows_its_owner_who_never_wrote(agent: Agent, tmp_path: Path) -> None:
    bot_chat = chat(message(BOT, "Hi"), name="Support Bot", id=30, type="bot_chat")
    run(agent, tmp_path, account(bot_chat))
    assert recorded(agent) == [("20", "agent", "Hi")]


def test_the_owner_can_be_given_by_username(agent: Agent, tmp_path: Path) -> None:
    export = account(chat(message(ALICE), message(ME)))
    run(agent, tmp_path, export, bot="@me_myself")
    assert [role for _, role, _ in recorded(agent)] == ["user", "agent"]


def test_a_user_who_never_answered_the_agent_has_a_name(agent: Agent, tmp_path: Path) -> None:
    run(agent, tmp_path, chat(message(ME, "Hello?")))
    assert EndUser.objects.get().name == "Alice"
    assert recorded(agent) == [("10", "agent", "Hello?")]


def test_a_deleted_account_is_still_the_user(agent: Agent, tmp_path: Path) -> None:
    run(agent, tmp_path, chat(message(DELETED), message(ME), name=None))
    assert [(user, role) for user, role, _ in recorded(agent)] == [
        ("10", "user"),
        ("10", "agent"),
    ]
    assert EndUser.objects.get().is_anonymous_person


def test_a_person_without_an_id_is_known_by_name(agent: Agent, tmp_path: Path) -> None:
    export = chat(message({"from": "Alice"}), message({"from": "Me"}), message(ALICE))
    run(agent, tmp_path, export)
    assert [(user, role) for user, role, _ in recorded(agent)] == [
        ("10", "user"),
        ("10", "agent"),
        ("10", "user"),
    ]


def test_in_a_group_everyone_is_a_separate_user(agent: Agent, tmp_path: Path) -> None:
    question, remark = message(ALICE, "When?"), message(BOB, "Hm")
    answer = message(BOT, "At noon", reply_to_message_id=question["id"])
    export = group(
        question,
        remark,
        answer,
        message(BOT, "Or at one", reply_to_message_id=answer["id"]),
        message(BOB, "Ha"),
        message(BOT, "Well"),
        message(BOT, "Elsewhere", reply_to_message_id=question["id"], reply_to_peer_id="channel9"),
    )
    report, notes = run(agent, tmp_path, export)
    assert recorded(agent) == [
        ("10", "user", "When?"),
        ("11", "user", "Hm"),
        ("10", "agent", "At noon"),
        ("10", "agent", "Or at one"),
        ("11", "user", "Ha"),
        ("11", "agent", "Well"),
        ("11", "agent", "Elsewhere"),
    ]
    assert "“Support Bot” (user30) in “Crowd”; guessed by the name" in notes
    assert set(Message.objects.values_list("chat", flat=True)) == {"-100500"}
    assert not report.tally.skipped


def test_what_the_agent_says_before_anyone_in_a_group_is_skipped(
    agent: Agent, tmp_path: Path
) -> None:
    report, _ = run(agent, tmp_path, group(message(BOT), message(ALICE)))
    assert report.tally.skipped["the agent wrote before any user"].count == 1
    assert report.tally.recorded == 1


def test_a_group_in_which_nobody_fits_is_refused(agent: Agent, tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match=r"“Crowd”.*--bot.*“Alice” \(user10\)"):
        run(agent, tmp_path, group(message(ALICE), message(BOB)))
    assert not EndUser.objects.exists()


def test_in_the_groups_of_an_account_its_owner_is_the_agent(agent: Agent, tmp_path: Path) -> None:
    run(agent, tmp_path, account(group(message(ALICE), message(ME))))
    assert [(user, role) for user, role, _ in recorded(agent)] == [
        ("10", "user"),
        ("10", "agent"),
    ]


def test_posts_in_the_name_of_a_group_have_no_user(agent: Agent, tmp_path: Path) -> None:
    admin = {"from": "Crowd", "from_id": "channel500"}
    report, _ = run(agent, tmp_path, account(group(message(admin), message(ALICE))))
    assert report.tally.skipped["from a group or channel"].count == 1
    assert report.tally.recorded == 1


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ({"type": "saved_messages", "id": 20}, "saved messages"),
        ({"type": "public_channel", "id": 7}, "channel post"),
        ({"type": "private_channel", "id": 7}, "channel post"),
        ({"type": "replies", "id": 7}, "replies"),
        ({"type": "personal_chat", "id": 777000, "name": "Telegram"}, "notice from Telegram"),
    ],
)
def test_chats_without_a_person_are_skipped(
    agent: Agent, tmp_path: Path, head: dict[str, object], reason: str
) -> None:
    export = account(chat(message(ME), **head), chat(message(ALICE)))
    report, _ = run(agent, tmp_path, export)
    assert report.tally.recorded == 1
    (why,) = report.tally.skipped
    assert reason in why


def test_the_kind_of_an_unknown_chat_follows_from_its_people(agent: Agent, tmp_path: Path) -> None:
    run(agent, tmp_path, chat(message(ALICE), message(ME), type="secret_chat"))
    crowd = [message(person) for person in (ALICE, BOB, ME, BOT)]
    run(agent, tmp_path, group(*crowd, type="planet"))
    assert [(user, role) for user, role, _ in recorded(agent)] == [
        ("10", "user"),
        ("10", "agent"),
        ("10", "user"),
        ("11", "user"),
        ("20", "user"),
        ("20", "agent"),
    ]


def test_the_head_of_a_chat_may_come_after_its_messages(agent: Agent, tmp_path: Path) -> None:
    export = {"messages": [message(ME), message(ALICE)], "type": "personal_chat", "id": 10}
    run(agent, tmp_path, account(export))
    assert [(user, role) for user, role, _ in recorded(agent)] == [
        ("10", "agent"),
        ("10", "user"),
    ]


def test_a_private_chat_without_head_takes_the_first_writer_for_the_user(
    agent: Agent, tmp_path: Path
) -> None:
    run(agent, tmp_path, {"messages": [message(ALICE), message(ME)]})
    assert [(user, role) for user, role, _ in recorded(agent)] == [
        ("10", "user"),
        ("10", "agent"),
    ]


def test_many_chats_are_named_in_few_notices(agent: Agent, tmp_path: Path) -> None:
    chats = [
        chat(message({"from": f"P{n}", "from_id": f"user{n}"}), id=n, name=f"P{n}")
        for n in range(100, 140)
    ]
    _, notes = run(agent, tmp_path, account(*chats))
    assert "“P104” and 35 more chats" in notes
    assert sum(line.startswith("The agent is") for line in notes.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "is_bot"),
    [
        ("Support Bot", True),
        ("support_bot", True),
        ("SupportBot", True),
        ("Weather Bot 🤖", True),
        ("BOT", True),
        ("Погода Бот", True),
        ("Anna Talbot", False),
        ("Abbot", False),
        ("Bottom", False),
        ("Botticelli", False),
        ("", False),
    ],
)
def test_names_of_bots(name: str, is_bot: bool) -> None:
    assert looks_like_bot(name) is is_bot


def test_the_bot_of_one_chat_is_the_agent_wherever_it_writes(agent: Agent, tmp_path: Path) -> None:
    helper = {"from": "Helper", "from_id": "user30"}
    with_bot = chat(message(ME), message(helper), name="Helper", id=30, type="bot_chat")
    run(agent, tmp_path, account(with_bot, group(message(ALICE), message(helper))))
    assert [(user, role) for user, role, _ in recorded(agent)] == [
        ("20", "user"),
        ("20", "agent"),
        ("10", "user"),
        ("10", "agent"),
    ]


def test_a_file_in_which_several_could_be_the_agent_is_refused(
    agent: Agent, tmp_path: Path
) -> None:
    with_bot = chat(message(ME), message(BOT), name="Support Bot", id=30, type="bot_chat")
    export = account(with_bot, chat(message(ALICE), message(ME)))
    with pytest.raises(ImportFileError, match=r"one agent.*Support Bot.*1 chats.*--bot"):
        run(agent, tmp_path, export)
    assert not EndUser.objects.exists()


def test_a_given_bot_is_the_agent_under_its_other_names_too(agent: Agent, tmp_path: Path) -> None:
    renamed = {**BOT, "from": "Old name"}
    export = account(
        group(message(ALICE), message(renamed)), group(message(BOB), message(BOT), id=9)
    )
    run(agent, tmp_path, export, bot="Support Bot")
    assert [(user, role) for user, role, _ in recorded(agent)] == [
        ("10", "user"),
        ("10", "agent"),
        ("11", "user"),
        ("11", "agent"),
    ]


def test_the_first_messages_are_shown_before_a_guess_is_used(agent: Agent, tmp_path: Path) -> None:
    export = chat(message(ALICE, "Hi"), message(ME, "Yes?"))
    _, guessed = run(agent, tmp_path, export)
    assert "user: Hi" in guessed
    assert "agent: Yes?" in guessed
    _, given = run(agent, tmp_path, export, bot="Me")
    assert "Hi" not in given


def test_a_chat_that_is_recorded_the_other_way_round_is_refused(
    agent: Agent, tmp_path: Path
) -> None:
    export = chat(message(ALICE, "Hi"), message(ME, "Yes?"))
    run(agent, tmp_path, export, bot="Alice")
    before = state(agent)
    with pytest.raises(ImportFileError, match=r"other way round.*“Alice”.*--replace"):
        run(agent, tmp_path, export, bot="Me")
    assert state(agent) == before


@pytest.mark.django_db(transaction=True)
def test_replacing_is_as_if_the_chat_had_been_imported_right_at_once(
    agent: Agent, tmp_path: Path
) -> None:
    export = chat(message(ALICE, "Hi"), message(ME, "Yes?"), message(ALICE, "So?"))
    run(agent, tmp_path, export, bot="Me")
    right = state(agent)
    run(agent, tmp_path, export, bot="Alice", replace=True)
    assert [user for user, _, _ in recorded(agent)] == ["20"] * 3
    _, notes = run(agent, tmp_path, export, bot="Me", replace=True)
    assert state(agent) == right
    assert "Taken back, to be recorded the right way round: 3 messages" in notes
    assert not check(agent)


def test_a_group_that_is_recorded_the_other_way_round_is_refused(
    agent: Agent, tmp_path: Path
) -> None:
    export = group(message(ALICE, "Hi"), message(BOB, "Yes?"))
    run(agent, tmp_path, export, bot="Bob")
    with pytest.raises(ImportFileError, match=r"other way round.*undo"):
        run(agent, tmp_path, export, bot="Alice", replace=True)
