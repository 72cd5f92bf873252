"""A message as text: its own, or what WhatsApp wrote in its place."""

from typing import NamedTuple

from frontdesk.channels.telegram.media import bracketed
from frontdesk.imports.errors import Skipped
from frontdesk.imports.whatsapp.headers import MARKS
from frontdesk.imports.whatsapp.words import (
    ATTACHED,
    ATTACHMENT,
    DELETED,
    EDITED,
    KINDS,
    OMITTED,
)

_OWN = "\u200e"
_INVISIBLE = str.maketrans("", "", MARKS + "\u2068\u2069")
MEDIA = "\0media"


class Content(NamedTuple):
    """The text, and what the message is known by.

    That is the same in an export with and without its media.
    """

    text: str
    known_by: str


def content_of(raw: str) -> Content:
    """Raises Skipped for a text that is WhatsApp's and not the sender's."""
    is_own = raw.startswith(_OWN)
    raw = EDITED.sub("", raw)
    plain = raw.translate(_INVISIBLE).strip("\r\n ")
    if plain.casefold().rstrip(".") in DELETED:
        raise Skipped("a message that was deleted")
    first, _, rest = raw.lstrip().partition("\n")
    label, beside = _media(first)
    if label:
        caption = "\n".join(filter(None, (beside, rest.translate(_INVISIBLE).strip())))
        return Content(f"{label} {caption}".rstrip(), f"{MEDIA}{caption}")
    if not plain:
        raise Skipped("an empty message")
    if is_own and "://" not in plain and "\n" not in plain:
        raise Skipped("a notice of WhatsApp")
    return Content(plain, plain)


def _media(line: str) -> tuple[str, str]:
    """The label of media that the message's first line has, such as [photo], and its caption."""
    before, mark, own = line.rpartition(_OWN)
    before, own = before.translate(_INVISIBLE).strip(), own.translate(_INVISIBLE).strip()
    if found := ATTACHED.fullmatch(own) or ATTACHMENT.fullmatch(own):
        return bracketed("file", found[1]), before
    found = OMITTED.fullmatch(own)
    if found is None or not (mark or own.startswith("<")):
        return "", ""
    name, dot, _ = before.partition(" •")
    if dot:  # of a document: report.pdf • 2 pages document omitted
        return bracketed("file", name), ""
    words = found[1].casefold().split()
    return bracketed(next((KINDS[word] for word in words if word in KINDS), "media")), before
