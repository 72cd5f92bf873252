"""Operators, and the agents that they may access."""
