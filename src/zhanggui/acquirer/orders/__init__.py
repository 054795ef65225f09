"""Orders to terminals: given by somebody with the right, told at a heartbeat, answered once."""
