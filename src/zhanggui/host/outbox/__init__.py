"""The one way out to programs of others."""
