"""The text of a message as chat APIs and their libraries write it."""

from collections.abc import Iterator
from typing import Any

MAX_DEPTH = 8
"""How deep contents may be inside of contents."""

_FILES = {
    "image_url": "image",
    "input_image": "image",
    "image_asset_pointer": "image",
    "input_audio": "audio",
    "audio_asset_pointer": "audio",
    "real_time_user_audio_video_asset_pointer": "audio",
    "file": "file",
}
_THOUGHTS = ("thinking", "redacted_thinking", "reasoning")
_TEXTS = ("text", "refusal", "input_text", "output_text")


def text_of(message: dict[str, Any]) -> str:
    """The text of a message; files and calls of tools are named in brackets.

    The content is a text or a list of parts. Gemini calls it `parts`.
    """
    content = message.get("content")
    parts = _parts(message.get("parts") if content is None else content, MAX_DEPTH)
    return "\n".join([text for part in parts if (text := _part(part))] + _calls(message))


def _parts(content: object, depth: int) -> Iterator[object]:
    """The parts of a content, and those of parts that have a content themselves."""
    for part in content if isinstance(content, list) else [content]:
        inner = part.get("content") if isinstance(part, dict) else None
        if isinstance(inner, str | list) and depth:
            yield from _parts(inner, depth - 1)
        else:
            yield part


def _part(part: object) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return ""
    kind = part.get("type", part.get("content_type"))
    if kind in _THOUGHTS:
        return ""
    for name in _TEXTS:
        if isinstance(part.get(name), str):
            return str(part[name])
    if kind == "tool_use":
        return _call(part.get("name"))
    return f"[{_FILES.get(kind, kind)}]" if isinstance(kind, str) else ""


def _calls(message: dict[str, Any]) -> list[str]:
    calls = message.get("tool_calls")
    texts = []
    for call in calls if isinstance(calls, list) else []:
        function = call.get("function", call) if isinstance(call, dict) else None
        texts.append(_call(function.get("name") if isinstance(function, dict) else None))
    return texts


def _call(name: object) -> str:
    return f"[calls {name}]" if isinstance(name, str) else "[calls a tool]"
