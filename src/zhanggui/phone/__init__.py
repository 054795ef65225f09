"""The page that a phone opens by a terminal's code: which terminal it is, and number and password in answer."""
