"""The Users section: query, search, table, profile."""
