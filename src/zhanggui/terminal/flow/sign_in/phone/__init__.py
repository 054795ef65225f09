"""Sign-in by phone at the terminal: a code to scan, and how the host is asked after it."""
