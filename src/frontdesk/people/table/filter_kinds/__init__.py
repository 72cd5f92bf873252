"""The kinds of filters. An entry of `people.table.filters` is one of these."""
