"""The channels' own texts for people, in their languages.

The English is here, the translations are in locale/. The gate's texts (blocked, over a limit, …)
are in `gate.texts`, because operators may change them.

Limits are written as "{used} of {value}", so that no language needs plural forms.
"""

import functools
from collections.abc import Mapping

from frontdesk.core.catalogs import SOURCE_LANGUAGE, languages, translate
from frontdesk.core.languages import base_of

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})

PHRASES = {
    # both channels
    "failed": "Sorry, that did not work. Please try again.",
    "not_sent": "This message could not be sent.",
    "unavailable": "This assistant cannot answer here yet.",
    "new_dialogue": "A new dialogue begins. What came before is no longer taken into account.",
    "usage_title": "What you have used",
    "usage_none": "There is no limit for you.",
    "usage_line": "{limit}: {used} of {value}",
    "usage_line_until": "{limit}: {used} of {value}, again {when}",
    "usage_length": "{limit}: {value} characters",
    "messages_per_minute": "Messages this minute",
    "messages_per_day": "Messages today",
    "messages_per_month": "Messages this month",
    "sessions_per_day": "Dialogues today",
    "cost_per_day": "Cost today",
    "cost_per_month": "Cost this month",
    "longest_message": "Longest message",
    "ai": "AI assistant",
    "ai_of": "AI assistant of {organization}",
    "privacy_kept": (
        "What is kept: your messages and the answers, when they were sent, and what is known of you"
        " here, such as your name and language."
    ),
    "privacy_always": "The texts are kept until they are erased.",
    "privacy_days": "The texts are erased after this number of days: {days}.",
    "privacy_no_texts": "The texts themselves are not kept, only when you wrote and how much.",
    "privacy_passed_on": "Your messages are passed on to {host}, where the answers are written.",
    "privacy_ask": "For a copy of your data, or to have it erased, write to: {contact}",
    "privacy_ask_operator": (
        "For a copy of your data, or to have it erased, ask the operator of this assistant."
    ),
    "privacy_policy": "The privacy policy of this assistant: {url}",
    "linked": "Done: your chats are linked as those of one person.",
    "link_failed": "This link is not valid any more. Ask for a new one.",
    # Telegram
    "help": (
        "Write to me, and I answer. /new begins a new dialogue, /usage shows what you have used."
    ),
    "help_link": "/link connects this chat with the web chat.",
    "unnamed": (
        "I cannot see who you are when you write as the group or as a channel, so I cannot answer."
        " Please write as yourself."
    ),
    "link_here": (
        "Open this link within 24 hours, on the device where you use the web chat."
        " It works once:\n{url}"
    ),
    "link_none": "There is no web chat to link with.",
    "command_start": "Begin",
    "command_new": "New dialogue",
    "command_usage": "What you have used",
    "command_help": "What I can do",
    "command_privacy": "Privacy",
    # the web chat
    "placeholder": "Write a message",
    "send": "Send",
    "stop": "Stop",
    "retry": "Try again",
    "new_button": "New dialogue",
    "usage_button": "Usage",
    "privacy_button": "Privacy",
    "link_button": "Continue in {platform}",
    "link_ask": (
        "Connect this chat with your other one? Do so only if you asked for this link yourself:"
        " you are then taken for one person."
    ),
    "link_yes": "Connect",
    "link_no": "Not now",
    "close": "Close",
    "again_when": "Again {when}",
    "copy": "Copy",
    "copied": "Copied",
    "you": "You",
    "typing": "{name} is writing",
    "offline": "No connection. Trying again …",
    "interrupted": "The answer was interrupted.",
    "earlier": "Earlier messages",
    "new_divider": "New dialogue",
    "jump_down": "To the newest message",
    "open_widget": "Open the chat",
    "close_widget": "Close the chat",
    "too_fast": "Too many messages at once. Please wait a moment.",
    "powered": "Messages are kept by the operator of this assistant.",
    "today": "Today",
    "yesterday": "Yesterday",
    "no_script": "This chat needs JavaScript.",
    "gone": "There is no chat at this address, or it is closed.",
}
"""By key; names in braces are filled in."""


def nearest(*tags: str) -> str:
    """The first of these language tags that has translations, or English: "pt" for "pt-br"."""
    return next((base for tag in tags if (base := base_of(tag)) in languages()), SOURCE_LANGUAGE)


def phrase(key: str, language: str, **values: object) -> str:
    """One phrase in the nearest language with its {values} filled in. KeyError if unknown."""
    text = phrases(language)[key]
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


@functools.cache
def phrases(language: str) -> Mapping[str, str]:
    """All phrases in the nearest language; missing ones are English."""
    near = nearest(language)
    return {key: translate(f"chat.{key}", text, near) for key, text in PHRASES.items()}
