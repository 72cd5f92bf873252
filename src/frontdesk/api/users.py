"""`…/users/{user}`: a user's profile, read or put there by itself."""

import datetime as dt

import msgspec
from django.utils import timezone
from ninja import Status

from frontdesk.agents.models import ApiKey
from frontdesk.api import schemas
from frontdesk.api.managing_schemas import ProfileBody
from frontdesk.api.operations import USER, Call, Operations
from frontdesk.core.http.errors import ApiError
from frontdesk.ledger.events import Event, EventError, parse, user_id
from frontdesk.ledger.models import EndUser
from frontdesk.people import actions

reading = Operations("Reading", ApiKey.Scope.READ)
managing = Operations("Managing", ApiKey.Scope.MANAGE, reading.router)


@reading.get(USER, "Read one user")
def get_user(call: Call, user: EndUser) -> schemas.UserDetail:
    """A user with the totals, and the reported and assigned attributes."""
    return schemas.user_detail(user)


@managing.put(
    USER,
    "Create or update a user",
    example={"name": "Maya Chen", "email": "maya@example.com", "attributes": {"seats": 12}},
    response={200: schemas.UserDetail, 201: schemas.UserDetail},
)
def put_user(call: Call, user: str, body: ProfileBody) -> Status[schemas.UserDetail]:
    """A user need not have sent a message. Name them by `platform:externalId`.

    Every field is kept by `time`, also against reported messages: the newest value counts, and the
    same request again changes nothing. Answers 201 when the user is new.
    """
    fields = msgspec.structs.asdict(body)
    time = fields.pop("time") or timezone.now()
    event = msgspec.structs.replace(_anyone(user, time), **fields)
    is_new = actions.put_profile(call.actor, call.agent, event)
    found = EndUser.objects.get(id=user_id(call.agent.id, event.platform, event.external_id))
    return Status(201 if is_new else 200, schemas.user_detail(found))


def _anyone(reference: str, time: dt.datetime) -> Event:
    """An event of the user with this reference, who may not exist."""
    platform, _, external_id = reference.partition(":")
    identity = {"platform": platform, "externalId": external_id}
    try:
        return parse({**identity, "role": "user", "time": time, "messageId": "profile"})
    except EventError:
        message = "Name the user by platform:externalId, such as web:42."
        raise ApiError(404, "not_found", message, "user") from None
