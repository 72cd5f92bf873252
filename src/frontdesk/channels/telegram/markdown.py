"""Reads an answer's Markdown so that nothing the agent wrote is lost in Telegram's formats.

HTML is text, as in the web chat, and so is everything else that Telegram cannot show: the addresses
of links that it refuses, images, and definitions that nothing refers to.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pyromark
from telegramify_markdown.converter import STANDARD_OPTIONS, _parse

Event = tuple[Any, dict[str, int]]
"""An event of the parser, and where in the source it is (in bytes)."""

IMAGE = "🖼"
TASK_DONE, TASK_OPEN = "✅", "☐"
MAX_EVENTS = 30_000
"""A hundred pages of Markdown have fewer. Tables could have any number: rows times columns."""
_MAX_LATEX = 200
"""Formulas in brackets; looking for the ends of more would take too long."""

_MAX_LABELS, _LONGEST_LABEL = 100, 200

# A backslash and what it escapes, an address in angle brackets, or a tag's beginning.
_ANGLE = re.compile(r"\\.|<(?=https?://[^\s<>]+>)|(<)", re.DOTALL)
# Two bars hide what is directly between them. Elsewhere they are an operator.
_BARS = re.compile(r"\\.|\|\|(?=[^\s|])(?:(?!\|\|)[^\n])*?(?<=[^\s|\\])\|\||(\|\|)", re.DOTALL)
_DEFINED = re.compile(r"\]:")
_LANGUAGE = re.compile(r"[\w+#.-]*")
_TEXTS = ("Text", "Code", "InlineMath", "DisplayMath", "Html", "InlineHtml")
_SPOILERS = ("<tg-spoiler>", "</tg-spoiler>")


class TooComplexError(Exception):
    """Markup of which most is not text; it would take seconds to convert."""


def parse(markdown: str, *, is_rich: bool) -> tuple[str, tuple[Event, ...]]:
    """The source as parsed and its events, in which nothing is left that would not be shown.

    `is_rich`: for a rich message, whose tables can have links. Raises TooComplexError.
    """
    stand_ins = _StandIns(markdown)
    source = stand_ins.put_in(markdown)
    source = stand_ins.show_definitions(source, _references(source))
    brackets = source.count("\\[") + source.count("\\(")
    text, events = _parse(source, STANDARD_OPTIONS, latex_escape=brackets <= _MAX_LATEX)
    if len(events) > MAX_EVENTS:  # with the spoilers
        raise TooComplexError
    return text, tuple(_Rewriter(text.encode(), stand_ins, is_rich=is_rich).rewritten(events))


def _references(source: str) -> set[str]:
    """The labels of the definitions that links refer to."""
    found: set[str] = set()
    for number, event in enumerate(pyromark.events(source, options=STANDARD_OPTIONS)):
        if number > MAX_EVENTS:
            raise TooComplexError
        start = event.get("Start") if isinstance(event, dict) else None
        if isinstance(start, dict) and ("Link" in start or "Image" in start):
            found.add(_normal(next(iter(start.values()))["id"]))
    return found - {""}


def _normal(label: str) -> str:
    return " ".join(label.casefold().split())


def is_followed(url: str) -> bool:
    """Whether Telegram opens such an address. What is not sure to be is shown as text."""
    if any(c.isspace() or not c.isprintable() for c in url):
        return False
    if url.startswith("mailto:"):
        return "@" in url
    if url.startswith("tg://"):
        return not url.startswith("tg://emoji")
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and "." in (parts.hostname or "").strip(".")
    except ValueError:
        return False


class _StandIns:
    """Characters that stand for those that Markdown would take for markup while it is parsed."""

    def __init__(self, markdown: str) -> None:
        known = set(markdown)
        unused = (chr(n) for n in range(0xE000, 0x110000) if chr(n) not in known)
        self._angle, self._bar, self._colon = (next(unused) for _ in "<|:")
        self._originals = str.maketrans(
            {self._angle: "<", self._bar: "|", self._colon: ":"},
        )

    def put_in(self, markdown: str) -> str:
        text = _ANGLE.sub(lambda m: self._angle if m[1] else m[0], markdown)
        return _BARS.sub(lambda m: 2 * self._bar if m[1] else m[0], text)

    def show_definitions(self, source: str, references: set[str]) -> str:
        """Nothing shows a definition that no link refers to, nor the second one of a label."""
        left = {f"[{label}" for label in references}
        if len(left) > _MAX_LABELS:
            return source

        def define(match: re.Match[str]) -> str:
            before = source[max(0, match.start() - _LONGEST_LABEL) : match.start()]
            used = [label for label in left if _normal(before).endswith(label)]
            left.difference_update(used)
            return match[0] if used else f"]{self._colon}"

        return _DEFINED.sub(define, source)

    def take_out(self, text: str) -> str:
        return text.translate(self._originals)


class _Link:
    """An open link or image: its address, its text, and whether it is a link for Telegram."""

    def __init__(self, url: str, *, is_link: bool) -> None:
        self.url, self.is_link = url, is_link
        self.text = ""

    @property
    def address(self) -> str:
        """The address as text, if it would not be seen otherwise."""
        shown = self.text.strip()
        if not shown:
            return self.url
        if self.is_link or not self.url or self.url in (shown, f"mailto:{shown}"):
            return ""
        return f" ({self.url})"


class _Rewriter:
    """Replaces the events of which something would not be shown."""

    def __init__(self, source: bytes, stand_ins: _StandIns, *, is_rich: bool) -> None:
        self._source, self._stand_ins, self._is_rich = source, stand_ins, is_rich
        self._links: list[_Link] = []
        self._is_in_cell = False
        self._cell_end = 0
        self._code_info: str | None = None
        """Of the code block that has begun, as long as it has no text."""

    def rewritten(self, events: tuple[Event, ...]) -> Iterator[Event]:
        for event, where in events:
            for payload in self._rewrite(event, where):
                yield payload, where

    def _rewrite(self, event: Any, where: dict[str, int]) -> Iterator[Any]:
        if not isinstance(event, dict):
            yield event
        elif "Start" in event:
            yield from self._start(event["Start"])
        elif "End" in event:
            yield from self._end(event["End"], where["end"])
        elif "TaskListMarker" in event and self._is_rich:
            yield {"Text": f"{TASK_DONE if event['TaskListMarker'] else TASK_OPEN} "}
        elif (kind := next(iter(event))) in _TEXTS:
            yield from self._begin_code()
            yield self._text(kind, event[kind], where)
        else:
            yield event

    def _text(self, kind: str, text: str, where: dict[str, int]) -> Any:
        text = self._stand_ins.take_out(text)
        if kind == "InlineHtml" and text in _SPOILERS:
            return {kind: text}
        if self._links:
            self._links[-1].text += text
        if kind in ("Html", "InlineHtml"):
            return {"Text": text}
        if kind in ("InlineMath", "DisplayMath") and not (text and self._is_math(where)):
            return {"Text": f"${text}$" if kind == "InlineMath" else f"$${text}$$"}
        return {kind: text}

    def _is_math(self, where: dict[str, int]) -> bool:
        """Not what stands before a letter, as in $HOME/$PATH, nor in a cell, which has text."""
        following = self._source[where["end"] : where["end"] + 1]
        return not following.isalnum() and (self._is_rich or not self._is_in_cell)

    def _start(self, tag: Any) -> Iterator[Any]:
        if tag == "HtmlBlock":
            tag = "Paragraph"
        elif tag == "TableCell":
            self._is_in_cell = True
        elif isinstance(tag, dict) and ("Link" in tag or "Image" in tag):
            yield from self._start_link(tag)
            return
        elif isinstance(tag, dict) and "CodeBlock" in tag:
            kind = tag["CodeBlock"]
            fenced = kind["Fenced"] if isinstance(kind, dict) else ""
            self._code_info = self._stand_ins.take_out(fenced)
            return
        yield {"Start": tag}

    def _start_link(self, tag: dict[str, Any]) -> Iterator[Any]:
        details = next(iter(tag.values()))
        url = self._stand_ins.take_out(details["dest_url"])
        is_nested = any(link.is_link for link in self._links)
        is_shown = self._is_rich or not self._is_in_cell
        link = _Link(url, is_link=is_followed(url) and is_shown and not is_nested)
        self._links.append(link)
        if "Image" in tag:
            yield {"Text": f"{IMAGE} "}
        if link.is_link:
            yield {"Start": {"Link": {**details, "dest_url": url}}}

    def _begin_code(self) -> Iterator[Any]:
        """The words after a fence are the language if they can be one, else the first line."""
        info, self._code_info = self._code_info, None
        if info is not None:
            is_language = bool(_LANGUAGE.fullmatch(info))
            yield {"Start": {"CodeBlock": {"Fenced": info if is_language else ""}}}
            if not is_language:
                yield {"Text": f"{info}\n"}

    def _end(self, tag: Any, place: int) -> Iterator[Any]:
        if tag == "HtmlBlock":
            tag = "Paragraph"
        elif tag == "TableCell":
            self._is_in_cell, self._cell_end = False, place
        elif tag == "TableRow":
            yield from self._more_cells(place)
        elif tag in ("Link", "Image"):
            yield from self._end_link()
            return
        elif tag == "CodeBlock" and self._code_info is not None:  # it has no text
            yield {"Text": self._code_info}
            self._code_info = None
            return
        yield {"End": tag}

    def _more_cells(self, row_end: int) -> Iterator[Any]:
        """What a row has beyond the cells of the table's head."""
        rest = self._source[self._cell_end : row_end].decode("utf-8", "ignore").strip("| \t\r\n")
        if rest:
            text = self._stand_ins.take_out(rest)
            yield from ({"Start": "TableCell"}, {"Text": text}, {"End": "TableCell"})

    def _end_link(self) -> Iterator[Any]:
        link = self._links.pop()
        if address := link.address:
            yield {"Text": address}
        if self._links:
            self._links[-1].text += link.text + address
        if link.is_link:
            yield {"End": "Link"}
