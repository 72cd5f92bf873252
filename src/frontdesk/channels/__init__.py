"""Where people talk to agents: the web chat, Telegram, and any other channel.

Each channel receives a message, asks the gate, gets an answer from the backend, and records both.
`base.py` defines a channel, `registry.py` lists them.
"""
