"""Payment codes of customers and shops, and field 59."""
