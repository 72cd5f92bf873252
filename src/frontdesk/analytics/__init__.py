"""Who comes, who stays, where, when, and at what cost: all from the agents' rollups.

A page costs by the days it shows, never by users or messages.
"""
