"""CSV files, as spreadsheets and other programs write them: messages, and contacts."""
