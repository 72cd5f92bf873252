"""Who a visitor of the web chat is.

A visitor is anonymous, or known because the operator's site has signed their identity with the
agent's secret: a JSON text by HMAC-SHA256, or a JWT. In both cases the browser then holds a token
of ours. An identity that a browser claims without a signature or token is ignored.
"""

import hashlib
import hmac
import re
import secrets
import time
from typing import Any
from urllib.parse import urlsplit

import jwt
import msgspec
from django.core import signing
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from frontdesk.channels.web.channel import PLATFORM
from frontdesk.channels.web.models import WebChat
from frontdesk.core.encryption import EncryptionError, decrypt
from frontdesk.ledger import events
from frontdesk.ledger.events import Event, EventError
from frontdesk.ledger.models import EndUser

ANONYMOUS_FOR = 400 * 24 * 3600
"""Seconds that an anonymous token is valid after each visit: the longest that browsers allow."""
KNOWN_FOR = 24 * 3600
MAX_SIGNED = 4_000
"""Characters that a site may sign: they are in the header of every request."""
MAX_PAGE = 500

_LEEWAY = 30  # seconds by which the clocks of two servers may differ
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8}){0,3}")
_CLAIMS = ("name", "email", "plan", "attributes")


class VisitorError(ValueError):
    """An identity that is not proven; the text, for the site's developer, says why."""


class Visitor(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """The contents of a token. `expires` is in seconds since 1970; `mark` identifies the secret.

    `page` is the page with the widget, without its query.
    """

    external_id: str
    expires: int
    verified: bool = False
    mark: str = ""
    name: str | None = None
    email: str | None = None
    plan: str | None = None
    attributes: dict[str, Any] | None = None
    language: str = ""
    page: str = ""

    def event(self, **message: Any) -> Event:
        """A message of this visitor at this moment. Raises EventError."""
        attributes = {**(self.attributes or {}), **({"page": self.page} if self.page else {})}
        profile = {name: getattr(self, name) for name in _CLAIMS[:3]}
        fields: dict[str, Any] = {
            "platform": PLATFORM,
            "external_id": self.external_id,
            "role": "user",
            "time": timezone.now(),
            "attributes": attributes or None,
            **profile,
            **message,
        }
        return events.parse({name: value for name, value in fields.items() if value is not None})


class _Claims(msgspec.Struct, forbid_unknown_fields=True):
    """What a site says about a visitor; `expires` is in seconds since 1970."""

    id: str
    name: str | None = None
    email: str | None = None
    plan: str | None = None
    attributes: dict[str, Any] | None = None
    expires: float | None = None


def make_anonymous() -> Visitor:
    """A new, unverified visitor."""
    return Visitor(f"visitor-{secrets.token_urlsafe(16)}", _now() + ANONYMOUS_FOR)


def renew(visitor: Visitor) -> Visitor:
    """The same visitor with a new expiry time; a known visitor's stays as it is."""
    if visitor.verified:
        return visitor
    return msgspec.structs.replace(visitor, expires=_now() + ANONYMOUS_FOR)


def with_browser_details(visitor: Visitor, language: str, page: str) -> Visitor:
    """The visitor with the language and page that the browser reports; bad ones are ignored."""
    return msgspec.structs.replace(
        visitor, language=clean_language(language), page=clean_page(page) or visitor.page
    )


def known_by_signature(chat: WebChat, text: str, signature: str) -> Visitor:
    """The visitor of a signed JSON text. Raises VisitorError."""
    _check_length("user", text)
    secret = _secret(chat)
    expected = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    if not constant_time_compare(expected, signature.strip().lower()):
        raise VisitorError(
            "signature: it is not the hexadecimal HMAC-SHA256 of exactly this text with the"
            " agent's secret"
        )
    try:
        claims = msgspec.json.decode(text, type=_Claims)
    except (msgspec.DecodeError, RecursionError) as error:
        raise VisitorError(f"user: {error}") from None
    if claims.expires is not None and claims.expires < _now() - _LEEWAY:
        raise VisitorError("user: it has expired")
    return _known(chat, claims)


def known_by_jwt(chat: WebChat, token: str) -> Visitor:
    """The visitor of a JWT (HS256, with `sub` and `exp`). Raises VisitorError."""
    _check_length("jwt", token)
    secret = _secret(chat)
    # The secret is this agent's own, so the audience adds nothing.
    options: Any = {"require": ["exp", "sub"], "verify_aud": False}
    try:
        payload = jwt.decode(token, secret, algorithms=["HS256"], leeway=_LEEWAY, options=options)
        fields = {name: payload[name] for name in _CLAIMS if payload.get(name) is not None}
        claims = msgspec.convert({"id": payload["sub"], **fields}, _Claims)
    except jwt.PyJWTError as error:
        raise VisitorError(f"jwt: {error}") from None
    except (ValueError, OverflowError, TypeError, RecursionError):
        raise VisitorError("jwt: its claims have the wrong types") from None
    return _known(chat, claims)


def token_of(chat: WebChat, visitor: Visitor) -> str:
    """The token that the browser stores and sends as its bearer token."""
    return signing.dumps(msgspec.to_builtins(visitor), salt=_salt(chat), compress=True)


def read_token(chat: WebChat, token: str) -> Visitor | None:
    """The visitor of a token; None if it is not ours, not this agent's, or too old.

    A new secret ends the tokens of all known visitors.
    """
    try:
        payload = signing.loads(token, salt=_salt(chat))
        visitor = msgspec.convert(payload, Visitor)
    except (signing.BadSignature, msgspec.ValidationError, ValueError):
        return None
    if visitor.expires < _now() or (visitor.verified and visitor.mark != _mark(chat)):
        return None
    return visitor


def user_of(chat: WebChat, visitor: Visitor) -> EndUser:
    """The visitor as an end user, unsaved if they have not written yet."""
    id_ = events.user_id(chat.agent_id, PLATFORM, visitor.external_id)
    found = EndUser.objects.filter(id=id_).first()
    return found or EndUser(
        id=id_, agent_id=chat.agent_id, platform=PLATFORM, external_id=visitor.external_id
    )


def clean_language(tag: str) -> str:
    """A language tag as the ledger accepts it, or ""."""
    tag = tag.strip().lower().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else ""


def clean_page(url: str) -> str:
    """The page without query and fragment, which may contain private data; or ""."""
    try:
        parts = urlsplit(url)
        host = parts.hostname and parts.netloc.rpartition("@")[2]
    except ValueError:
        return ""
    page = f"{parts.scheme}://{host}{parts.path}"
    usable = parts.scheme in ("http", "https") and host and page.isprintable()
    return page if usable and len(page) <= MAX_PAGE else ""


def _known(chat: WebChat, claims: _Claims) -> Visitor:
    fields = {name: getattr(claims, name) for name in _CLAIMS}
    visitor = Visitor(
        claims.id, _now() + KNOWN_FOR, verified=True, mark=_mark(chat), language="", **fields
    )
    try:  # so that the site's developer sees the error now, not the visitor with a message
        event = visitor.event(message_id="-")
        events.check(event, timezone.now())
    except EventError as error:
        reason = error.reason.replace("externalId", "id")
        raise VisitorError(f"user: {reason}") from None
    cleaned = {name: getattr(event, name) for name in _CLAIMS}
    return msgspec.structs.replace(visitor, **cleaned)


def _check_length(field: str, text: str) -> None:
    if len(text) > MAX_SIGNED:
        raise VisitorError(f"{field}: it is longer than {MAX_SIGNED:,} characters")


def _secret(chat: WebChat) -> str:
    if not chat.secret:
        raise VisitorError(
            "this agent has no secret to sign visitors with; make one in its settings, Channels"
        )
    try:
        return decrypt(chat.secret)
    except EncryptionError as error:
        raise VisitorError(f"the agent's secret cannot be used: {error}") from None


def _mark(chat: WebChat) -> str:
    return hashlib.sha256(chat.secret.encode()).hexdigest()[:12]


def _salt(chat: WebChat) -> str:
    return f"frontdesk.web.visitor:{chat.agent_id}"


def _now() -> int:
    return int(time.time())
