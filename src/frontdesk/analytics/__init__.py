"""The numbers of agents: users, retention, platforms, hours and cost, all read from rollups.

A page costs by the days it shows, never by users or messages.
"""
