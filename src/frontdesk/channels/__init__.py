"""Where people talk to agents here: the web chat and Telegram.

Each channel takes a message in, asks the gate, has the backend answer, and records both.
"""
