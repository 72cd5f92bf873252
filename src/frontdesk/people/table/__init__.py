"""The Users table: search, filters, sort, columns, saved views, one page of rows."""
