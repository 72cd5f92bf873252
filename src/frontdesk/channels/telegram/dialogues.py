"""A dialogue is a chat, or one topic of it: the ledger's `chat` of messages from Telegram."""

from typing import NamedTuple


class Dialogue(NamedTuple):
    """As text it is `<chat>`, or `<chat>/<thread>` for a topic. Exports have names as chats too."""

    chat: str
    thread: int | None = None

    def __str__(self) -> str:
        return self.chat if self.thread is None else f"{self.chat}/{self.thread}"

    @classmethod
    def parse(cls, text: str) -> "Dialogue":
        chat, slash, thread = text.rpartition("/")
        return cls(chat, int(thread)) if slash and thread.isdecimal() else cls(text)
