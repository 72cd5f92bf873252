"""The formats that can be imported, for the command and the console."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from frontdesk.agents.models import Agent
from frontdesk.imports.chatgpt import import_chatgpt
from frontdesk.imports.discord.importing import import_discord
from frontdesk.imports.jsonl import import_jsonl
from frontdesk.imports.openai import import_openai
from frontdesk.imports.options import Options
from frontdesk.imports.report import Report
from frontdesk.imports.tables.contacts import import_contacts
from frontdesk.imports.tables.messages import import_csv
from frontdesk.imports.telegram.importing import import_telegram
from frontdesk.imports.traces.langfuse import import_langfuse
from frontdesk.imports.traces.langsmith import import_langsmith
from frontdesk.imports.whatsapp.importing import import_whatsapp


class Format(NamedTuple):
    """One format. `run` records a file, or standard input for None; it raises ImportFileError.

    `title` is the name that its users know; `options` names the Options that it heeds.
    """

    title: str
    run: Callable[[Agent, Path | None, Report, Options], None]
    options: tuple[str, ...] = ()


_INVENTED = ("user", "time", "platform")

FORMATS = {
    "telegram": Format("Telegram", import_telegram, ("bot", "zone", "replace")),
    "jsonl": Format("JSON lines", import_jsonl),
    "openai": Format("OpenAI messages", import_openai, _INVENTED),
    "whatsapp": Format("WhatsApp", import_whatsapp, ("bot", "zone", "date_order")),
    "chatgpt": Format("ChatGPT", import_chatgpt, _INVENTED),
    "discord": Format("Discord", import_discord, ("bot",)),
    "langfuse": Format("Langfuse", import_langfuse, _INVENTED),
    "langsmith": Format("LangSmith", import_langsmith, _INVENTED),
    "csv": Format("CSV of messages", import_csv, ("platform", "zone", "columns")),
    "contacts": Format("CSV of contacts", import_contacts, ("platform", "zone", "time", "columns")),
}
"""By the name of the command."""
