"""The demo: invented people, whose messages are recorded through record() like all others.

The same seed makes the same people, conversations and message ids, so that creating the demo can
simply be restarted after an interruption.
"""
