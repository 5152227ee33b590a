"""Files that people take away: reports, tables as CSV, a protocol as installed."""
