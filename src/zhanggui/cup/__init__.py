"""The dialect of Chinese card terminals: all that terminal, host and bank share in meaning."""
