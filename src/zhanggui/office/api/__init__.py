"""The interface for programs: what the office shows and does, as JSON, by tokens."""
