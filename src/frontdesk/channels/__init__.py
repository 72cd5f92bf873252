"""Where people talk to agents here: the web chat, Telegram, and any other channel.

Each channel takes a message in, asks the gate, has the backend answer, and records both. `base.py`
says what a channel is, `registry.py` knows which there are.
"""
