"""The actions of the demo's operator: plans, tags, blocks, notes, links, limits, an erasure.

Each is done only once and never overwrites anything, so that creating the demo can be restarted,
and changes made while trying it out are kept.
"""

import contextlib
import datetime as dt
import logging
import random
import uuid
from collections.abc import Iterator

from django.db.models import Sum
from django.utils import timezone

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent, AgentText, Plan, Tag
from frontdesk.audit import Actor
from frontdesk.demo.people import Person, namesakes
from frontdesk.demo.script import Script
from frontdesk.gate import blocks
from frontdesk.gate.admission import admit
from frontdesk.gate.models import UserLimits
from frontdesk.ledger.events import Event, user_id
from frontdesk.ledger.models import DailyActivity, EndUser, Erasure
from frontdesk.ledger.record import record
from frontdesk.people import actions
from frontdesk.people.models import Note

_TAGGED, _SUBSCRIBED, _LIMITED = 24, 16, 3


def work(agent: Agent, script: Script, people: list[Person], operator: Operator) -> None:
    """Do everything for one agent, to people chosen by its name: the same ones each time."""
    with _without_audit_log():
        _work(agent, script, people, operator)


@contextlib.contextmanager
def _without_audit_log() -> Iterator[None]:
    """Keep invented actions out of the log."""
    logger = logging.getLogger("frontdesk.audit")
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)


def _work(agent: Agent, script: Script, people: list[Person], operator: Operator) -> None:
    actor, rng = operator.actor, random.Random(f"desk of {agent.name}")  # noqa: S311
    _describe(agent, script)
    named = rng.sample([p for p in people if "name" in p.profile], _TAGGED + _SUBSCRIBED + 20)
    ids = [user_id(agent.id, person.platform, person.external_id) for person in named]
    _block(actor, agent, script, named[: len(script.blocks)])
    _tag(actor, agent, rng, script, ids[:_TAGGED])
    _subscribe(actor, agent, rng, ids[_TAGGED : _TAGGED + _SUBSCRIBED])
    _write_notes(actor, agent, script, ids[_TAGGED:])
    _limit(actor, agent)
    _link(actor, agent, people)
    _erase_one(actor, agent)


def _describe(agent: Agent, script: Script) -> None:
    for plan in script.plans:
        Plan.objects.get_or_create(agent=agent, key=plan["key"], defaults=plan)
    for tag in script.tags:
        Tag.objects.get_or_create(agent=agent, name=tag["name"], defaults=tag)
    for text in script.texts:
        own = {"occasion": text["occasion"], "language": text["language"]}
        AgentText.objects.get_or_create(agent=agent, **own, defaults=text)


def _block(actor: Actor, agent: Agent, script: Script, people: list[Person]) -> None:
    """Block them for the script's reasons; the first had a block before. Each writes again."""
    for number, (block, person) in enumerate(zip(script.blocks, people, strict=True)):
        id_ = user_id(agent.id, person.platform, person.external_id)
        if blocks.history(id_):
            continue
        if number == 0:
            actions.block(actor, agent, [id_], reason="Spam", until=None)
            actions.unblock(actor, agent, [id_])
        days, reason = block.get("days"), block["reason"]
        until = timezone.now() + dt.timedelta(days=days) if days else None
        note, text = block.get("note", ""), block.get("text", "")
        actions.block(actor, agent, [id_], reason=reason, until=until, note=note, text=text)
        for attempt in range(1, 5 - number):
            admit(agent, _message(person, f"refused-{attempt}"), verified=True)


def _tag(
    actor: Actor, agent: Agent, rng: random.Random, script: Script, ids: list[uuid.UUID]
) -> None:
    names = [tag["name"] for tag in script.tags]
    for id_ in ids:
        actions.change_tags(actor, agent, [id_], add=rng.sample(names, rng.choice((1, 1, 2))))


def _subscribe(actor: Actor, agent: Agent, rng: random.Random, ids: list[uuid.UUID]) -> None:
    """Assign plans, half of them until a day in the next months, the others without an end."""
    for id_ in ids:
        key, days = rng.choice(("plus", "plus", "business")), rng.choice((None, rng.randint(5, 90)))
        if EndUser.objects.filter(id=id_, assigned_plan="").exists():
            until = timezone.now() + dt.timedelta(days=days) if days else None
            actions.assign_plan(actor, agent, [id_], key, until)


def _write_notes(actor: Actor, agent: Agent, script: Script, ids: list[uuid.UUID]) -> None:
    for id_, text in zip(ids, script.notes, strict=False):
        if not Note.objects.filter(end_user_id=id_).exists():
            actions.add_note(actor, agent, EndUser.objects.get(id=id_), text)


def _limit(actor: Actor, agent: Agent) -> None:
    """Set personal limits for the busiest users of this month, most of which are used up."""
    if UserLimits.objects.filter(agent=agent).exists():
        return
    month = timezone.now().astimezone(agent.zone).date().replace(day=1)
    busiest = (
        DailyActivity.objects.filter(end_user__agent=agent, day__gte=month)
        .values_list("end_user_id")
        .annotate(sent=Sum("messages_sent"))
        .order_by("-sent", "end_user_id")[:_LIMITED]
    )
    for id_, sent in busiest:
        actions.set_limits(actor, agent, id_, {"messages_per_month": sent + sent // 9 + 1})


def _link(actor: Actor, agent: Agent, people: list[Person]) -> None:
    for one, other in namesakes(people):
        ids = [user_id(agent.id, who.platform, who.external_id) for who in (one, other)]
        if EndUser.objects.filter(id__in=ids, person_id=None).count() == len(ids):
            actions.link(actor, agent, *ids)


def _erase_one(actor: Actor, agent: Agent) -> None:
    """Erase someone who wrote once and asked to be forgotten, so that there is a receipt."""
    if Erasure.objects.filter(agent=agent).exists():
        return
    leaver = Person("web", "leaver", "en", {"name": "Someone Else"})
    record(agent, [_message(leaver, "last-words")])
    actions.erase(actor, agent, user_id(agent.id, leaver.platform, leaver.external_id))


def _message(person: Person, message_id: str) -> Event:
    return Event(
        platform=person.platform,
        external_id=person.external_id,
        role="user",
        text="Hello?",
        time=timezone.now(),
        message_id=message_id,
        **person.profile,
    )
