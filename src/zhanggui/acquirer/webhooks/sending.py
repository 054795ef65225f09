"""When a message is tried again, and what an answer makes of it and of its webhook.

    a status 200 to 299          sent
    410 Gone                     failed, and the webhook is disabled: its receiver says that it is over
    anything else, or nothing    tried again after 5 s, 30 s, 2 min … 12 h; after three days given up, and the webhook is disabled

A webhook that is disabled has a case (服务单) and hears nothing until a person resumes it; what waits for it waits on, and has three days
anew from then. Source: Standard Webhooks 1.0, "Operational considerations" (retries, disabling endpoints, 410).
"""

from msgspec.structs import replace

from ...basics.numbers import MerchantNo, TerminalNo, UnixMs
from ...basics.spans import DAY_MS
from ..rows.cases import open_case
from ..rows.draft import Draft
from ..rows.records import CaseKind, OutboxMessage, Webhook

MS = 1_000
"""Milliseconds of a second."""
GAPS_S = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200)
"""Pauses after the first, second … try; the last one from then on."""
SPREAD = 0.2
"""A pause is longer by up to this share of it, by chance: receivers that come back are not met by all at once."""
TRIED_DAYS = 3
KEPT_DAYS = 30
"""How long a message is kept after it was sent, failed or given up."""
GONE = "410"
REMOVED = "webhook_removed"
DISABLED_CASE: CaseKind = "webhook_disabled"


def gap_ms(tries: int, draw: float) -> int:
    """The pause after this many tries. `draw`: a number by chance, from 0 to 1.

    >>> [gap_ms(tries, 0.0) // 1000 for tries in (1, 2, 10, 99)]
    [5, 30, 43200, 43200]
    >>> gap_ms(1, 0.5)
    5500
    """
    gap = GAPS_S[min(tries, len(GAPS_S)) - 1] * MS
    return gap + int(gap * SPREAD * draw)


def tried_until(message: OutboxMessage, webhook: Webhook) -> UnixMs:
    """From when on a message is given up: three days after it was made, or after its webhook was resumed."""
    return UnixMs(max(message.made_ms, webhook.since_ms) + TRIED_DAYS * DAY_MS)


def is_good(answer: str) -> bool:
    """Whether the receiver took it.

    >>> [is_good(answer) for answer in ("200", "204", "302", "500", "no_reply")]
    [True, True, False, False, False]
    """
    return len(answer) == 3 and answer.startswith("2")


def heard(draft: Draft, message: OutboxMessage, webhook: Webhook, answer: str, now: UnixMs, draw: float) -> None:
    """Put down what came of one try. `answer`: the status of HTTP, or a word where there is none."""
    tried = replace(message, tries=message.tries + 1, answer=answer)
    if is_good(answer):
        draft.update(replace(tried, state="sent", next_ms=None, ended_ms=now))
        if webhook.failing_since_ms is not None:
            draft.update(replace(webhook, failing_since_ms=None, changed_ms=now))
        return
    failing = webhook
    if webhook.failing_since_ms is None:
        failing = draft.update(replace(webhook, failing_since_ms=now, changed_ms=now))
    if answer == GONE:
        draft.update(replace(tried, state="failed", next_ms=None, ended_ms=now))
        _disable(draft, failing, now)
    elif now >= tried_until(message, webhook):
        draft.update(replace(tried, state="given_up", next_ms=None, ended_ms=now))
        _disable(draft, failing, now)
    else:
        draft.update(replace(tried, next_ms=UnixMs(now + gap_ms(tried.tries, draw))))


def _disable(draft: Draft, webhook: Webhook, now: UnixMs) -> None:
    if webhook.state != "active":
        return
    case_no = open_case(draft, DISABLED_CASE, MerchantNo(webhook.merchant_no), TerminalNo(""), "", now)
    draft.update(replace(webhook, state="disabled", case_no=case_no, changed_ms=now))


def let_go(message: OutboxMessage, now: UnixMs) -> OutboxMessage:
    """A message that nobody is to have any more: its webhook was removed."""
    return replace(message, state="failed", answer=REMOVED, next_ms=None, ended_ms=now)
