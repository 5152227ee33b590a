"""The database: tables, sessions, queries and migrations; SQLite by default, PostgreSQL by one URL."""
