"""Values and ports that every room may use; imports nothing of ours."""
