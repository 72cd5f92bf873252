"""Who may touch it: operators and how they sign in."""
