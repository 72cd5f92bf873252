"""Files from elsewhere, such as exports of chats, JSON lines and CSV."""
