"""The Users table: search, filters, sort, columns, saved views, pages of rows."""
