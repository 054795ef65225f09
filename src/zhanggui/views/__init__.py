"""What people and programs read: one typed shape a list, with its words."""
