"""What tells a repeat of a payment from another one under the same trace number, and what is kept of a clash of two.

    salt of the time ─┐
    MAC key ──────────┼─▶ keyed hash of the whole message as it came ─▶ Payment.fingerprint, with the salt's number before it
    message ──────────┘

So PIN block, cryptogram, all of track 2 and the terminal's sign-on take part, and under new keys nothing is a repeat: a terminal
that signed in anew reverses, it never repeats. The salt is forgotten soon after a repeat could still come (`host/jobs`), and with
it all that the hash could tell of a PIN block or a track. A repeat that comes too late, or under other keys, is another payment
under a number that is taken: 94, a record of the clash, and a finding. Two terminals with one number leave such records.
"""

from msgspec.structs import replace

from ...basics.numbers import UnixMs
from ...basics.spans import MINUTE_MS
from ..rows.cases import need_case, open_case
from ..rows.draft import Draft
from ..rows.records import WHOLE_HOST, Clash, ClashWhat, Payment, PaymentKey, SaltKey
from ..rows.state import Needs

REPEAT_WITHIN_MS = 10 * MINUTE_MS
"""How long a payment may be repeated: longer than any terminal waits and tries again."""
SALT_KIND = "repeat"
SALT_NO_BYTES = 8


def salt_key(number: int) -> SaltKey:
    """The key of the salt of one time, which all hosts of a database share."""
    return (WHOLE_HOST, SALT_KIND, number)  # type: ignore[return-value]  # stands for all merchants


def salt_no_of(payment: Payment) -> int:
    """The number of the salt under which a payment's fingerprint was made; 0 in one that was made without."""
    return int.from_bytes(payment.fingerprint[:SALT_NO_BYTES], "big")


def is_repeat(first: Payment, fingerprint: bytes, kind: str, now: UnixMs) -> bool:
    """Whether a request with the trace number of a payment is that payment once more. Also when the clock was put back a little."""
    return first.fingerprint == fingerprint and first.kind == kind and abs(now - first.created_ms) <= REPEAT_WITHIN_MS


def need_clashes(key: PaymentKey, more: Needs, *claims: ClashWhat) -> None:
    """Ask for what is kept of such claims about a payment, and for the number of a case that one may open."""
    for what in claims:
        more.add(Clash, (*key, what))
    need_case(key[0], more)


def note_clash(draft: Draft, named: Payment, what: ClashWhat, amount_fen: int, now: UnixMs) -> None:
    """Keep that this was claimed of a payment. Where it is about money that somebody may miss, support has a case, once."""
    key = (named.merchant_no, named.terminal_no, named.batch_no, named.trace_no, what)
    known = draft.get(Clash, *key)
    if known is not None:
        draft.update(replace(known, times=known.times + 1, amount_fen=amount_fen, last_ms=now))
        return
    draft.insert(
        Clash(
            merchant_no=named.merchant_no,
            terminal_no=named.terminal_no,
            batch_no=named.batch_no,
            trace_no=named.trace_no,
            what=what,
            amount_fen=amount_fen,
            operator_no=named.operator_no,
            first_ms=now,
            last_ms=now,
            case_no=None
            if what == "other_payment"
            else open_case(draft, what, named.merchant_no, named.terminal_no, named.operator_no, now),
        )
    )
