"""Asking what became of a payment that no reversal undoes: again at the counter, and later beside other payments."""
