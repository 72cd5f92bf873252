"""Analytics of all agents: totals, and the agents side by side.

Users who write to two agents are two users and count twice, as the pages say. Each statement groups
by agent, so that fifty agents take as many statements as one.
"""
