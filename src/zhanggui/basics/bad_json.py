"""What reading somebody else's JSON may raise, in one place: whoever reads it names this, and nothing falls through."""

import msgspec

BAD_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""It is no JSON or not of the shape that is wanted, its bytes are no text, or it is nested deeper than Python goes."""
