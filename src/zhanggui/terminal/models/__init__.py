"""Terminal models as data."""
