"""Typed contents of field 62: what terminal and host write into tags and read from them, one format a file."""
