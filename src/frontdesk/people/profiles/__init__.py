"""The data of a user's profile: figures, activity, history, sessions, message search."""
