"""Findings: what the sign-in records say is wrong, each with its facts, the normal range and what to do."""
