"""What a person or a program asks of a list: filters, cursor, totals."""
