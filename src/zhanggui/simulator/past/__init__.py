"""The past of the demo's shops, lived through the true rules in a few seconds."""
