"""The acquirer's rules, pure: what is decided about sign-ins, payments and money, given the rows and the time."""
