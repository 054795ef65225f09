"""Clients that load a host, for the benches."""
