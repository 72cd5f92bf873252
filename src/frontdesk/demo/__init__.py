"""The demo: invented people, recorded through record() like everyone else's.

No one in it exists. The same seed makes the same people, dialogues and message ids, so that a
making that was interrupted is simply begun again.
"""
