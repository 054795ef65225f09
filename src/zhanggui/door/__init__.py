"""The terminals' door over HTTP."""
