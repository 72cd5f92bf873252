"""Analytics over all agents: sums, and the agents side by side.

Who writes to two agents is two users, and counts twice: pages say so. Each statement groups by
agent, so that there are as many of them for fifty agents as for one.
"""
