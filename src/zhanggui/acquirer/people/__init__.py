"""People of the office: who may do what, how they sign in, how they are invited, and what two of them decide together."""
