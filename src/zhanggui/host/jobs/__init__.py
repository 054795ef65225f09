"""What a host does by itself now and again."""
