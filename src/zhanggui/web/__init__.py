"""Serving pages: the server as a guest of the program's loop, guards, headers, assets, error pages. No page of its own."""
