"""What an operator message is compared by when its key (terminal, batch, trace, message) was answered before.

    business fields ── keyed hash, 16 bytes ─┐
    passwords ──────── keyed hash, 16 bytes ─┼─▶ StoredAnswer.fingerprint
    MAC key ────────── its mark, 8 bytes ────┘

A *repeat* says the same with the same passwords, under the same keys or within REPEAT_WITHIN_MS (a power cut, a new 0800, the
message again): the answer is given again. The same with another password is another try, and counts. Something else under the
same keys is refused (94). Whatever comes later under other keys is new: a terminal that was swapped or reset begins again at
trace 000001. Of an answer that was forgotten (`acquirer/proof/retention.py`) the mark of the keys stays: under them it is 94.
Payments have rules of their own (`acquirer/payments/repeats.py`): under other keys they are never repeated.
"""

from typing import Literal

import msgspec

from ...acquirer.payments.repeats import REPEAT_WITHIN_MS
from ...acquirer.rows.records import KEYS_MARK_BYTES, StoredAnswer, mark_of_keys
from ...basics.numbers import UnixMs

HASH_BYTES = 16

Verdict = Literal["repeat", "other_contents", "new"]


class RequestMark(msgspec.Struct, frozen=True, gc=False):
    """One request, as it is compared."""

    business: bytes
    passwords: bytes
    keys: bytes

    @classmethod
    def of(cls, business: bytes, passwords: bytes, mac_key: str) -> "RequestMark":
        """From two hashes and the text of the MAC key that fitted."""
        return cls(business, passwords, mark_of_keys(mac_key))

    @property
    def packed(self) -> bytes:
        """As it is stored."""
        return self.business + self.passwords + self.keys

    def judge(self, stored: StoredAnswer, now: UnixMs) -> Verdict:
        """What this request is, beside the one that was answered under its key."""
        known = stored.fingerprint
        same_keys = known[-KEYS_MARK_BYTES:] == self.keys
        if len(known) <= KEYS_MARK_BYTES:
            # The answer was forgotten. What was answered under these keys is never done again.
            return "other_contents" if same_keys else "new"
        if known[:HASH_BYTES] != self.business:
            return "other_contents" if same_keys else "new"
        if known[HASH_BYTES : 2 * HASH_BYTES] != self.passwords:
            return "new"
        return "repeat" if same_keys or abs(now - stored.made_ms) <= REPEAT_WITHIN_MS else "new"
