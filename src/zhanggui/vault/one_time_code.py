"""Time-based one-time codes, RFC 6238 over RFC 4226 (HOTP) with HMAC-SHA-1, as authenticator apps compute them.

Pure. The host's clock decides (OWASP ASVS 5.0, 6.5.8): a code is right for the present step and, by policy, the one before. A wider
search only measures how far the person's clock is off; it never lets anybody in.
"""

import hmac
from dataclasses import dataclass

STEP_S = 30
"""RFC 6238, 5.2."""
SEARCH_STEPS = 10
"""Steps to both sides that are looked at to tell how far a clock is off: five minutes."""


@dataclass(frozen=True, slots=True)
class CodeVerdict:
    """Whether a code is right, the step that it belongs to, and how far the clock that made it is off (None: not found)."""

    right: bool
    step: int | None
    drift_s: int | None


def hotp(key: bytes, counter: int, digits: int) -> str:
    """The code of a counter (RFC 4226, 5.3).

    >>> hotp(b"12345678901234567890", 1, 6)
    '287082'
    """
    mac = hmac.digest(key, (counter % 2**64).to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}d}"


def check_code(key: bytes, code: str, now_s: int, *, digits: int, steps_back: int) -> CodeVerdict:
    """Judge a code at an instant. Every step of the search is computed whatever is found, so the time tells nothing."""
    present = now_s // STEP_S
    # As bytes: a comparison of text refuses what is not ASCII, and full-width digits are a wrong try like any other.
    said = code.encode("utf-8", "surrogatepass")
    found: int | None = None
    for distance in range(-SEARCH_STEPS, SEARCH_STEPS + 1):
        step = present + distance
        fits = hmac.compare_digest(hotp(key, step, digits).encode(), said)
        if fits and (found is None or abs(step - present) < abs(found - present)):
            found = step
    if found is None:
        return CodeVerdict(False, None, None)
    drift_s = (found - present) * STEP_S
    return CodeVerdict(present - steps_back <= found <= present, found, drift_s)
