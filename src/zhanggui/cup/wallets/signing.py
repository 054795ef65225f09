"""Which bytes the proof of a request to a wallet covers, and of its answer; and when one counts.

    request    method, path, time, nonce, body            answer    status, the request's nonce, time, body

Each part ends with a line feed but the body, which is last and may hold any byte. Time is in milliseconds since the epoch. A
request whose time is more than CLOCK_WINDOW_S away is refused, and one whose nonce was seen within that window too: so a caught
request can't be sent again. An answer names the nonce that it answers: it fits no other request. The proof itself is HMAC-SHA-256
(`vault`), under a key that host and wallet share and nobody else has.
"""

import re

TIME_HEADER, NONCE_HEADER, PROOF_HEADER = "zhanggui-time", "zhanggui-nonce", "zhanggui-proof"
CLOCK_WINDOW_S = 300
NONCE_BYTES = 16
_NONCE = re.compile(r"[0-9a-f]{32}")
_PROOF = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"[0-9]{1,15}")


def request_bytes(method: str, path: str, time_ms: int, nonce: str, body: bytes) -> bytes:
    """What the proof of a request covers.

    >>> request_bytes("POST", "/api/wechat/pay", 1, "0a", b"{}")
    b'POST\\n/api/wechat/pay\\n1\\n0a\\n{}'
    """
    return f"{method}\n{path}\n{time_ms}\n{nonce}\n".encode() + body


def answer_bytes(status: int, nonce: str, time_ms: int, body: bytes) -> bytes:
    """What the proof of an answer covers."""
    return f"{status}\n{nonce}\n{time_ms}\n".encode() + body


def read_time(text: str) -> int | None:
    """The time of a header; None when it is none."""
    return int(text) if _TIME.fullmatch(text) else None


def is_nonce(text: str) -> bool:
    """Whether a header holds a nonce."""
    return _NONCE.fullmatch(text) is not None


def read_proof(text: str) -> bytes | None:
    """The proof of a header; None when it is none."""
    return bytes.fromhex(text) if _PROOF.fullmatch(text) else None


def is_near(time_ms: int, now_ms: int) -> bool:
    """Whether a request's time is within the window.

    >>> is_near(0, 300_000), is_near(0, 300_001), is_near(300_001, 0)
    (True, False, False)
    """
    return abs(now_ms - time_ms) <= CLOCK_WINDOW_S * 1000
