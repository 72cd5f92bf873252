"""One user's page: figures, activity, history, and what operators do there."""
