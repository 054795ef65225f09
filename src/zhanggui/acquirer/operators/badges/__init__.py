"""Badges: who gets one, and what one that is shown is worth."""
