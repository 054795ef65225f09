"""Lengths of time in milliseconds, the unit of every instant here (`UnixMs`)."""

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
"""A day of the calendar: China has no summer time, so each one is as long."""
