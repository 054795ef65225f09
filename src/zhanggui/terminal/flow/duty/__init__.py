"""What holds for a session whatever it does: lock, orders, sign-out."""
