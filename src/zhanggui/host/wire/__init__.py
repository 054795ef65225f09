"""Requests of terminals: from a frame to work for the engine, and its answer."""
