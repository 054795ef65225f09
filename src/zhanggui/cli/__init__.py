"""The commands. They wire everything; nobody imports them."""
