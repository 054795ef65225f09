"""How the tables came to be: one module a version, never changed once released. Loaded by Alembic."""
