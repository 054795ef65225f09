"""Webhooks: what programs of others are told, and how often it is tried."""
