"""The requests of the chat page: who the visitor is, messages, usage, links.

POST messages answers with server-sent events. The first is `accepted` or `refused`:

    accepted {key, time}                      the message is recorded; `key` is its transcript id
    delta    {text}                           the next piece of the answer
    done     {key, time, text, stopped?}      the whole answer; no key if it is empty
    failed   {key, time, text, said}          `text` is for the person, `said` is the answer so far
    refused  {reason, text, retryAt}          by the gate; no `retryAt` if waiting does not help

A comment follows every ten seconds. The same id again is the same message: its answer is sent again
from its beginning. After a failed answer, `again` asks for another attempt.
"""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing

import msgspec
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)

from frontdesk.agents.models import Agent
from frontdesk.backends.models import Backend
from frontdesk.channels import answers, registry
from frontdesk.channels.answers import AnswerStream
from frontdesk.channels.base import Channel, Connection
from frontdesk.channels.conversation import key_of, question_of
from frontdesk.channels.linking import LinkError, redeem
from frontdesk.channels.usage_text import usage_lines
from frontdesk.channels.web import rates, streams, visitors
from frontdesk.channels.web.channel import PLATFORM
from frontdesk.channels.web.dialogues import Dialogue, dialogue_of
from frontdesk.channels.web.guards import (
    answers_json,
    as_json,
    browser_languages,
    get_chat,
    get_visitor,
    language_of,
)
from frontdesk.channels.web.models import WebChat
from frontdesk.channels.web.origins import own_origin
from frontdesk.channels.web.sign_in import join, may_join, read_token
from frontdesk.channels.web.transcript import read_page
from frontdesk.channels.web.visitors import Visitor, VisitorError
from frontdesk.channels.words import RIGHT_TO_LEFT, phrase
from frontdesk.core.http.errors import ApiError, invalid_field, invalid_parameter
from frontdesk.core.http.json_body import read_json
from frontdesk.core.sql.connections import release_connection
from frontdesk.gate.admission import Verdict, admit
from frontdesk.ledger import linking
from frontdesk.ledger.events import MAX_TEXT, Event, user_id
from frontdesk.ledger.models import EndUser, Message

PING_EVERY = 10.0


class VisitorBody(msgspec.Struct, forbid_unknown_fields=True):
    """`token` is from an earlier visit. `user` and `signature`, or `jwt`, come from the site.

    `join`: the anonymous visitor of the token is the one whom the site vouches for.
    """

    token: str = ""
    join: bool = False
    user: str | None = None
    signature: str = ""
    jwt: str | None = None
    language: str = ""
    page: str = ""


class MessageBody(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    id: uuid.UUID
    text: str
    new_session: bool = False
    again: bool = False


class LinkBody(msgspec.Struct, forbid_unknown_fields=True):
    token: str


@answers_json("POST")
def visitor(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    chat = get_chat(agent_id)
    body = read_json(request, VisitorBody)
    try:
        known = visitors.with_browser_details(_recognize(chat, body), body.language, body.page)
    except VisitorError as error:
        raise ApiError(403, "not_verified", str(error)) from None
    agent, language = chat.agent, language_of(request, known)
    return as_json(
        {
            **_join(chat, body, known),
            "token": visitors.token_of(chat, known),
            "visitor": {
                "id": user_id(agent.id, PLATFORM, known.external_id),
                "verified": known.verified,
                "name": known.name or "",
            },
            "name": agent.name,
            "avatar": agent.avatar,
            "language": language,
            "dir": "rtl" if language in RIGHT_TO_LEFT else "ltr",
            "answersHere": Backend.objects.filter(agent=agent).exists(),
            "channels": [channel.key for channel, _ in running_channels(agent)],
        }
    )


@answers_json("GET", "POST")
def messages(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponseBase:
    chat = get_chat(agent_id)
    asking = get_visitor(request, chat)
    if request.method == "POST":
        return _receive_message(request, chat, asking)
    before = request.GET.get("before", "")
    try:
        bound = uuid.UUID(before) if before else None
    except ValueError:
        raise invalid_parameter("before", "this is not the id of a message.") from None
    return as_json(read_page(dialogue_of(chat, asking).user_ids, bound))


@answers_json("POST")
def stop(request: HttpRequest, agent_id: uuid.UUID, message_id: uuid.UUID) -> HttpResponse:
    """Stop the answer; the text so far is kept."""
    chat = get_chat(agent_id)
    author = dialogue_of(chat, get_visitor(request, chat)).author_of(message_id)
    event = author.event(message_id=str(message_id))
    user = user_id(agent_id, PLATFORM, event.external_id)
    answers.stop(user, key_of(chat.agent, event))
    return HttpResponse(status=204)


@answers_json("GET")
def usage(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    chat = get_chat(agent_id)
    asking = get_visitor(request, chat)
    language = language_of(request, asking)
    lines = usage_lines(chat.agent, visitors.user_of(chat, asking), language)
    shown = [
        {
            "title": line.title,
            "used": line.used,
            "value": line.value,
            "percent": line.percent,
            "resetsAt": line.resets_at,
        }
        for line in lines
    ]
    return as_json({"lines": shown, "none": phrase("usage_none", language)})


@answers_json("POST")
def link(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """Link the visitor with another identity, by the one-time link of that identity."""
    chat = get_chat(agent_id)
    asking = get_visitor(request, chat)
    body = read_json(request, LinkBody)
    language = language_of(request, asking)
    _refuse_floods(request, language)
    try:
        redeem(chat.agent, PLATFORM, asking.external_id, body.token)
    except LinkError:
        raise ApiError(422, "link_failed", phrase("link_failed", language), "token") from None
    return as_json({"text": phrase("linked", language)})


@answers_json("POST")
def continue_link(request: HttpRequest, agent_id: uuid.UUID, channel: str) -> HttpResponse:
    """A one-time link to continue in another channel as the same person."""
    chat = get_chat(agent_id)
    asking = get_visitor(request, chat)
    _refuse_floods(request, language_of(request, asking))
    user = visitors.user_of(chat, asking)
    connection = {each.key: found for each, found in running_channels(chat.agent)}.get(channel)
    if connection is None or user._state.adding:
        raise Http404
    try:
        token = linking.issue_token(user)
    except EndUser.DoesNotExist:
        raise Http404 from None
    return as_json({"url": connection.link_url(own_origin(request), token)})


def running_channels(agent: Agent) -> list[tuple[Channel, Connection]]:
    """The agent's other channels in which a visitor can continue right now."""
    others = registry.open_channels(agent, besides=PLATFORM)
    return [(channel, connection) for channel, connection in others if connection.is_running]


def _recognize(chat: WebChat, body: VisitorBody) -> Visitor:
    """The visitor that the site vouches for, or the one of the token, or a new one."""
    if body.jwt is not None:
        return visitors.known_by_jwt(chat, body.jwt)
    if body.user is not None:
        return visitors.known_by_signature(chat, body.user, body.signature)
    before = read_token(chat, body.token)
    return visitors.renew(before) if before else visitors.make_anonymous()


def _join(chat: WebChat, body: VisitorBody, known: Visitor) -> dict[str, object]:
    """What becomes of the anonymous visitor whose token came with a known one's signature.

    `joined` is the user who is the known one now; `joinable` offers what the page must ask for.
    """
    before = visitors.read_token(chat, body.token) if known.verified else None
    if before is None or before.verified:
        return {}
    if not body.join:
        return {"joinable": may_join(chat, before, known)}
    if not join(chat, before, known):
        return {}
    return {"joined": user_id(chat.agent_id, PLATFORM, before.external_id)}


def _receive_message(request: HttpRequest, chat: WebChat, asking: Visitor) -> HttpResponseBase:
    language = language_of(request, asking)
    _refuse_floods(request, language)
    body = read_json(request, MessageBody)
    if not body.text.strip():
        raise invalid_field("text", "this is empty.")
    if len(body.text) > MAX_TEXT:
        raise invalid_field("text", f"this is longer than {MAX_TEXT:,} characters.")
    agent = chat.agent
    backend = Backend.objects.filter(agent=agent).first()
    if backend is None:
        raise ApiError(409, "unavailable", phrase("unavailable", language))
    dialogue = dialogue_of(chat, asking)
    author = dialogue.author_of(body.id)
    event = author.event(
        message_id=str(body.id),
        text=body.text,
        new_session=body.new_session,
        language=asking.language or next(iter(browser_languages(request)), None),
    )
    if not streams.acquire():  # nothing is recorded, so the same message can be sent again
        headers = {"Retry-After": "5"}
        raise ApiError(503, "busy", phrase("too_fast", language), headers=headers)
    try:
        events = _answer(backend, event, author, dialogue, again=body.again, language=language)
    except BaseException:
        streams.release()
        raise
    return _as_events(events)


def _answer(
    backend: Backend,
    event: Event,
    author: Visitor,
    dialogue: Dialogue,
    *,
    again: bool,
    language: str,
) -> Iterator[bytes]:
    """The events for the message: the gate's refusal, or the answer."""
    agent, verified = dialogue.agent, author.verified
    verdict = admit(agent, event, verified=verified)
    if not verdict.admitted:
        return iter([_refusal(verdict)])
    event = _as_recorded(agent, event, verdict)
    stream = answers.start(
        agent,
        event,
        lambda: question_of(agent, event, backend, verified=verified, dialogue=dialogue.user_ids),
        again=again,
    )
    release_connection()
    return _stream_events(stream, event, language)


def _refuse_floods(request: HttpRequest, language: str) -> None:
    try:
        address = get_adapter().get_client_ip(request)
    except PermissionDenied:
        address = ""  # the proxy's headers are invalid: all people behind it count as one
    seconds = rates.seconds_to_wait(address, settings.ENV.chat_rate)
    if seconds:
        headers = {"Retry-After": str(seconds)}
        raise ApiError(429, "too_fast", phrase("too_fast", language), headers=headers)


def _as_recorded(agent: Agent, event: Event, verdict: Verdict) -> Event:
    """The message as it was first recorded; a repeat changes nothing."""
    if verdict.outcome is not None and verdict.outcome.status == "recorded":
        return event
    user = user_id(agent.id, event.platform, event.external_id)
    recorded = Message.objects.filter(end_user_id=user, id=key_of(agent, event)).first()
    if recorded is None:  # erased at this moment
        return event
    text = event.text if recorded.redacted else recorded.text
    return msgspec.structs.replace(
        event, time=recorded.sent_at, text=text, new_session=recorded.new_session
    )


def _refusal(verdict: Verdict) -> bytes:
    data = {"reason": verdict.reason, "text": verdict.text, "retryAt": verdict.retry_at}
    return _event("refused", data)


def _stream_events(stream: AnswerStream, event: Event, language: str) -> Iterator[bytes]:
    """The answer as events. Closing it, when the person leaves, stops following the answer."""
    yield _event("accepted", {"key": stream.key, "time": event.time})
    with closing(stream.follow(PING_EVERY)) as pieces:
        for piece in pieces:
            yield _event("delta", {"text": piece}) if piece else b": ping\n\n"
    result = stream.result
    shown = {"key": result.key, "time": result.time}
    if result.failed:
        yield _event("failed", {**shown, "text": phrase("failed", language), "said": result.text})
    else:
        yield _event("done", {**shown, "text": result.text, "stopped": result.stopped})


def _as_events(events: Iterator[bytes]) -> StreamingHttpResponse:
    # A proxy must neither buffer the pieces nor compress them.
    headers = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
    content = streams.Stream(events)
    return StreamingHttpResponse(content, content_type="text/event-stream", headers=headers)


def _event(name: str, data: Mapping[str, object]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(data))
