"""Keys and PINs: keys by purpose, key blocks, PIN blocks, MACs, check values, and the port to what holds the keys."""
