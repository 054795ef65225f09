"""The acquirer's records in a database: one face, SQLite and PostgreSQL behind it."""
