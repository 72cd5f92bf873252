"""Taking an import back equals never having imported."""

import datetime as dt
import uuid
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.ledger import withdrawal
from frontdesk.ledger.erase import erase
from frontdesk.ledger.events import Event
from frontdesk.ledger.import_claims import ImportEnded
from frontdesk.ledger.imports import undo
from frontdesk.ledger.models import EndUser, ImportClaim, ImportedProfile, Message
from frontdesk.ledger.profile import MAX_ATTRIBUTES
from frontdesk.ledger.profiles import put_profile, put_profiles
from frontdesk.ledger.record import record
from frontdesk.ledger.recount import check
from frontdesk.people.models import Note
from tests import oracle
from tests.factories import make_agent, make_event, make_import
from tests.ledger.histories import PROFILES, History, copies, histories

pytestmark = pytest.mark.timeout(900)


class Source(NamedTuple):
    """What one source says, more than once: messages, and users without messages."""

    messages: list[Event]
    contacts: list[Event]

    def report(self, agent: Agent, import_id: uuid.UUID | None, first: int) -> None:
        record(agent, copies(self.messages[first:]), import_id)
        put_profiles(agent, copies(self.contacts[first:]), import_id)


@given(histories(), st.data())
def test_undoing_one_import_is_as_if_it_had_never_been(
    db: None, history: History, data: st.DataObject
) -> None:
    """An import, a report and an import have any messages and contacts in common, in any order."""
    agent = make_agent(time_zone=history.zone, session_timeout=history.timeout)
    events = st.sampled_from([event for event in history.events if not event.edited_at])
    contacts = st.builds(_updated, events, st.integers(0, 3))
    sources = {
        name: Source(data.draw(st.lists(events)), data.draw(st.lists(contacts, max_size=5)))
        for name in "ABC"
    }
    imports = {name: make_import(agent).id for name in "AC"}
    sources["B"].messages[:] = map(_without_profile, sources["B"].messages)
    repeated = data.draw(st.permutations([*sources, *sources]))
    for number, name in enumerate(repeated):
        first = data.draw(st.integers(0, 5)) if name in repeated[:number] else 0
        sources[name].report(agent, imports.get(name), first)
    undone = data.draw(st.sampled_from("AC"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(withdrawal, "CHUNK_USERS", data.draw(st.integers(1, 3)))
        undo(SYSTEM, imports[undone])
    rest = [theirs for name, theirs in sources.items() if name != undone]
    assert oracle.read(agent) == _recount(agent, *rest)
    undo(SYSTEM, imports["A" if undone == "C" else "C"])
    assert oracle.read(agent) == _recount(agent, sources["B"])
    _assert_nothing_left(agent)


def _updated(event: Event, hours: int) -> Event:
    """A contact that is known since the event's time, and updated some hours later."""
    updated = event.time + dt.timedelta(hours=hours)
    return msgspec.structs.replace(event, edited_at=updated if hours else None)


def _recount(agent: Agent, *sources: Source) -> oracle.State:
    messages = [event for source in sources for event in source.messages]
    contacts = [event for source in sources for event in source.contacts]
    return oracle.recount(agent, messages, contacts)


def _assert_nothing_left(agent: Agent) -> None:
    """Examples share the database."""
    for model in (ImportClaim, ImportedProfile):
        assert not model._default_manager.filter(end_user__agent=agent).exists()
    assert not ImportClaim.objects.exclude(end_user__in=EndUser.objects.all()).exists()


def _without_profile(event: Event) -> Event:
    return msgspec.structs.replace(event, **dict.fromkeys(PROFILE))


@given(histories(), histories(), st.data())
def test_import_and_undo_equal_never_imported(
    db: None, ours: History, history: History, data: st.DataObject
) -> None:
    """The user's own messages come before and after, with edits, and with the newest profile."""
    agent = make_agent(time_zone=ours.zone, session_timeout=ours.timeout)
    import_id = make_import(agent).id
    imported = [_renamed(event, "import") for event in history.events if not event.edited_at]
    last = max(event.edited_at or event.time for event in [*ours.events, *imported])
    late = [_late(event, last, data.draw(PROFILES)) for event in ours.events if not event.edited_at]
    cut = data.draw(st.integers(0, len(imported)))
    for batch in ours.batches:
        record(agent, copies(batch))
    for batch in (imported[:cut], imported[cut:]):
        record(agent, copies(batch), import_id)
    record(agent, copies(late))
    undo(SYSTEM, import_id)
    assert oracle.read(agent) == oracle.recount(agent, [*ours.events, *late])
    _assert_nothing_left(agent)


def _renamed(event: Event, name: str) -> Event:
    [copy] = copies([event])
    if copy.message_id is not None:
        copy.message_id = f"{name}-{copy.message_id}"
    else:
        copy.session_id = f"{name}-{copy.session_id}"
    return copy


def _late(event: Event, last: dt.datetime, profile: dict[str, object]) -> Event:
    """Another message, after all others, whose profile fields are therefore the newest."""
    copy = _renamed(event, "late")
    copy.time = last + dt.timedelta(hours=1)
    for name in PROFILE:
        setattr(copy, name, profile.get(name))
    return copy


PROFILE = "name username email language avatar_url plan tags attributes".split()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("again", ["repeat", "edit"])
def test_a_message_that_is_reported_otherwise_later_stays(agent: Agent, again: str) -> None:
    first = make_import(agent)
    record(agent, [make_event(0, message_id="1"), make_event(1, message_id="2")], first.id)
    edited = {"text": "New", "edited_at": make_event(5).time} if again == "edit" else {}
    record(agent, [make_event(0, message_id="1", **edited)])
    assert undo(SYSTEM, first.id).removed_messages == 1
    assert Message.objects.count() == 1
    assert not check(agent)


def test_another_import_does_not_restore_the_name_of_one_that_was_undone(agent: Agent) -> None:
    first, second = make_import(agent), make_import(agent)
    record(agent, [make_event(0, message_id="0", name="Right")])
    record(agent, [make_event(1, message_id="1", name="Wrong")], first.id)
    record(agent, [make_event(2, message_id="2", name="Wronger")], second.id)
    undo(SYSTEM, first.id)
    assert EndUser.objects.get().name == "Wronger"
    undo(SYSTEM, second.id)
    assert EndUser.objects.get().name == "Right"


def test_a_name_that_was_reported_between_two_batches_of_an_import_is_restored(
    agent: Agent,
) -> None:
    first = make_import(agent)
    record(agent, [make_event(0, message_id="0", name="Old", language="en")])
    record(agent, [make_event(1, message_id="1", name="Import", language="de")], first.id)
    record(agent, [make_event(2, message_id="2", name="Own")])
    record(agent, [make_event(3, message_id="3", name="Import")], first.id)
    undo(SYSTEM, first.id)
    assert (EndUser.objects.get().name, EndUser.objects.get().language) == ("Own", "en")


@pytest.mark.django_db(transaction=True)
def test_a_user_with_a_note_stays_without_messages(agent: Agent) -> None:
    first = make_import(agent)
    record(agent, [make_event(0, external_id="a", name="Ada"), make_event(1)], first.id)
    user = EndUser.objects.get(external_id="a")
    Note.objects.create(end_user=user, author_name="Olivia", text="Called back")
    result = undo(SYSTEM, first.id)
    assert (result.removed_messages, result.removed_users, result.kept_users) == (2, 1, 1)
    assert EndUser.objects.get() == user
    assert EndUser.objects.get().name == "Ada"
    assert not Message.objects.exists()
    assert not check(agent)


@pytest.mark.django_db(transaction=True)
def test_a_user_who_was_put_there_stays(agent: Agent) -> None:
    first = make_import(agent)
    record(agent, [make_event(5, name="Import")], first.id)
    event = make_event(0, name="Ada")
    put_profile(agent, event)
    assert undo(SYSTEM, first.id).removed_messages == 1
    user = EndUser.objects.get()
    assert user.first_seen_at == event.time
    assert not check(agent)


def test_what_an_import_and_a_report_said_alike_stays(agent: Agent) -> None:
    first = make_import(agent)
    record(agent, [make_event(0, message_id="1", name="Ada")], first.id)
    record(agent, [make_event(0, message_id="1", name="Ada")])
    assert undo(SYSTEM, first.id).removed_messages == 0
    assert EndUser.objects.get().name == "Ada"


@pytest.mark.django_db(transaction=True)
def test_an_import_that_was_undone_brings_nothing_more(agent: Agent) -> None:
    first = make_import(agent)
    record(agent, [make_event(0)], first.id)
    undo(SYSTEM, first.id)
    with pytest.raises(ImportEnded):
        record(agent, [make_event(1)], first.id)
    assert not EndUser.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_interrupted_undo_continues(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(withdrawal, "CHUNK_USERS", 1)
    first = make_import(agent)
    record(agent, [make_event(n, external_id=str(n)) for n in range(3)], first.id)
    with pytest.raises(KeyboardInterrupt):
        undo(SYSTEM, first.id, _interrupt)
    assert EndUser.objects.count() == 2
    assert undo(SYSTEM, first.id).removed_messages == 3
    assert undo(SYSTEM, first.id).removed_messages == 3
    assert not EndUser.objects.exists()
    assert not check(agent)


def _interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.django_db(transaction=True)
def test_an_erased_user_does_not_hinder_undoing(agent: Agent) -> None:
    first = make_import(agent)
    record(agent, [make_event(0, external_id="a"), make_event(1, external_id="b")], first.id)
    erase(agent, EndUser.objects.get(external_id="a").id, "Olivia", may_return=False)
    assert undo(SYSTEM, first.id).removed_messages == 1
    assert not EndUser.objects.exists()
    assert not check(agent)


@pytest.mark.django_db(transaction=True)
def test_a_put_that_says_nothing_new_keeps_the_user(agent: Agent) -> None:
    first = make_import(agent)
    record(agent, [make_event(0)], first.id)
    later = make_event(5)
    assert not put_profile(agent, later)
    assert undo(SYSTEM, first.id).removed_users == 0
    assert EndUser.objects.get().first_seen_at == later.time
    assert not check(agent)


def test_a_name_that_was_put_after_an_import_and_is_older_is_restored(agent: Agent) -> None:
    first = make_import(agent)
    put_profiles(agent, [make_event(5, name="Import", email="ada@example.com")], first.id)
    put_profile(agent, make_event(1, name="Own"))
    assert EndUser.objects.get().name == "Import"
    undo(SYSTEM, first.id)
    assert (EndUser.objects.get().name, EndUser.objects.get().email) == ("Own", "")


@pytest.mark.django_db(transaction=True)
def test_an_imported_contact_with_a_note_stays(agent: Agent) -> None:
    first = make_import(agent)
    events = [make_event(n, external_id=str(n), name="Ada") for n in range(3)]
    put_profiles(agent, events, first.id)
    noted = EndUser.objects.get(external_id="1")
    Note.objects.create(end_user=noted, author_name="Olivia", text="Called back")
    result = undo(SYSTEM, first.id)
    assert (result.removed_users, result.kept_users) == (2, 1)
    assert (EndUser.objects.get().name, EndUser.objects.get().first_seen_at) == (
        "Ada",
        events[1].time,
    )
    assert not check(agent)


@pytest.mark.django_db(transaction=True)
def test_contacts_of_an_import_that_was_undone_are_refused(agent: Agent) -> None:
    first = make_import(agent)
    undo(SYSTEM, first.id)
    with pytest.raises(ImportEnded):
        put_profiles(agent, [make_event(1)], first.id)
    assert not EndUser.objects.exists()


def test_what_is_restored_has_no_more_attributes_than_are_kept(agent: Agent) -> None:
    imports = [make_import(agent).id for _ in range(3)]
    for place, import_id in enumerate(imports):
        for part in range(4):
            names = {f"{place}-{part}-{n}": place for n in range(40)}
            put_profiles(agent, [make_event(place, attributes=names)], import_id)
    undo(SYSTEM, imports[2])
    attributes = EndUser.objects.get().attributes
    assert len(attributes) == MAX_ATTRIBUTES
    assert sum(attributes.values()) == 160  # all of the newer import
