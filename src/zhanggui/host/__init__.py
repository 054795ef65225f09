"""The acquirer's host (POSP): listener, engine, handlers, line to the bank."""
