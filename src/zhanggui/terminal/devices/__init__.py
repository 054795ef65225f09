"""A terminal's devices: ports, and virtual makes that need no hardware. `ports.py` is the place to start."""
