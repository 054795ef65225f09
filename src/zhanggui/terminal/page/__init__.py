"""The touch page: each terminal of this process as a page in the browser."""
