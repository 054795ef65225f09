"""Which bytes the proof of a request to a wallet covers, and of its answer; and when one counts.

    request    method, path, time, nonce, body            answer    status, the request's nonce, time, body

Each part ends with a line feed but the body, which is last and may hold any byte. Time is in milliseconds since the epoch. A
request whose time is more than CLOCK_WINDOW_S away is refused, and one whose nonce was seen within that window too: so a caught
request can't be sent again. An answer names the nonce that it answers: it fits no other request. The proof itself is HMAC-SHA-256
(`vault`), under a key that host and wallet share and nobody else has; whoever holds that key passes in how to prove, and how to tell.
"""

import re
from collections.abc import Callable, Mapping

TIME_HEADER, NONCE_HEADER, PROOF_HEADER = "zhanggui-time", "zhanggui-nonce", "zhanggui-proof"
CLOCK_WINDOW_S = 300
NONCE_BYTES = 16
Prove = Callable[[bytes], bytes]
"""The 32 bytes that prove these, under the shared key."""
IsProven = Callable[[bytes, bytes], bool]
"""Whether the second bytes prove the first, in constant time."""
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


def request_headers(path: str, now: int, nonce: str, body: bytes, prove: Prove) -> dict[str, str]:
    """The headers of a request (POST, JSON) that proves itself.

    >>> request_headers("/notices/wechat", 1, "0a", b"{}", lambda covered: bytes(2))
    {'content-type': 'application/json', 'zhanggui-nonce': '0a', 'zhanggui-time': '1', 'zhanggui-proof': '0000'}
    """
    proof = prove(request_bytes("POST", path, now, nonce, body))
    return {"content-type": "application/json", **_headers(nonce, now, proof)}


def answer_headers(status: int, now: int, nonce: str, body: bytes, prove: Prove) -> dict[str, str]:
    """The headers of an answer that proves itself. `nonce`: the request's."""
    return _headers(nonce, now, prove(answer_bytes(status, nonce, now, body)))


def why_unproven(path: str, headers: Mapping[str, str], body: bytes, now: int, is_proven: IsProven) -> str:
    """Why a request (POST) proves nothing: `no_proof`, `wrong_proof` or `wrong_time`; empty when it does. Whether its nonce was seen
    before is for whoever keeps them."""
    time_ms, proof = _proof_in(headers)
    nonce = headers.get(NONCE_HEADER, "")
    if time_ms is None or proof is None or not is_nonce(nonce):
        return "no_proof"
    if not is_proven(request_bytes("POST", path, time_ms, nonce, body), proof):
        return "wrong_proof"
    return "" if is_near(time_ms, now) else "wrong_time"


def why_unproven_answer(status: int, headers: Mapping[str, str], nonce: str, body: bytes, is_proven: IsProven) -> str:
    """Why an answer to the request of this nonce proves nothing: `no_proof` or `wrong_proof`; empty when it does."""
    time_ms, proof = _proof_in(headers)
    if time_ms is None or proof is None:
        return "no_proof"
    return "" if is_proven(answer_bytes(status, nonce, time_ms, body), proof) else "wrong_proof"


def _headers(nonce: str, now: int, proof: bytes) -> dict[str, str]:
    return {NONCE_HEADER: nonce, TIME_HEADER: str(now), PROOF_HEADER: proof.hex()}


def _proof_in(headers: Mapping[str, str]) -> tuple[int | None, bytes | None]:
    return read_time(headers.get(TIME_HEADER, "")), read_proof(headers.get(PROOF_HEADER, ""))
