"""WhatsApp's exports of a chat as text (`_chat.txt`), from iPhones and Android."""
