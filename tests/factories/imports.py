"""Uploaded files."""

from pathlib import Path

from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM, Actor
from frontdesk.imports import upload_files, uploads
from frontdesk.imports.models import Upload


def make_upload(
    agent: Agent,
    content: bytes = b"{}",
    name: str = "events.jsonl",
    format_: str = "jsonl",
    actor: Actor = SYSTEM,
) -> Upload:
    """A file that waits for its check."""
    with upload_files.new_part() as part:
        part.write(content)
    return uploads.add(actor, agent, Path(part.name), name, len(content), format_)
