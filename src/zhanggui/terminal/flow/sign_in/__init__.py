"""From power-on to signed in: self-check, keys, number, password, facts, code, and the ways without a line."""
