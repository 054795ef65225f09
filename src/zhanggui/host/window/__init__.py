"""Where an office asks its host."""
