"""The pages of the office, a subject a file: each has its routes in `ROUTES`, and the table in `table.py` joins them."""
