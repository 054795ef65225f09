"""Figures by which the flow decides, each with its unit and reason. They grow into policy profiles; the names stay."""

from .events import CheckItem

CRITICAL_ITEMS: frozenset[CheckItem] = frozenset({"tamper", "keypad", "display", "power"})
"""A failed one of these blocks sign-in: keys are unsafe, or nobody could type, read or finish a payment. All others are
shown, recorded in the sign-in record and allowed (mission A2): the day's list and sign-out work without them."""

NO_PIN_LIMIT_FEN = 100_000
"""免密免签: a tap of at most 1,000.00 yuan needs neither PIN nor signature (UnionPay, since 2018-06-01; domain reference §7.4)."""

AMOUNT_DIGITS_MAX = 9
"""9,999,999.99 yuan: what a slip of 32 columns and a shop's counter need."""

OPERATOR_DIGITS = 2
"""操作员号 is two digits."""

PASSWORD_DIGITS_MIN, PASSWORD_DIGITS_MAX = 4, 12
CARDHOLDER_PIN_DIGITS_MIN, CARDHOLDER_PIN_DIGITS_MAX = 4, 12
"""ISO 9564-1: four to twelve digits; six are usual in China."""

PIN_PAD_TIMEOUT_S = 60
SALE_IDLE_S = 60
"""Idle screens of a sale return to standby after this long (domain reference §7.4, operator idle 60 s)."""

SLOW_AFTER_S = 3
"""A wait that lasts this long is said to be slow (look and wording; operators E.1)."""

SIGNED_IN_SHOWN_S = 3
SIGNED_OUT_SHOWN_S = 15
"""Success screens go away by themselves: the first because work waits, the second after the figures were read."""

DRIFT_SHOWN_S = 30
"""From this difference on, the confirm screen shows the terminal's own clock too (operators C.3)."""

REVERSAL_TRIES_SHOWN = 3
"""After three tries a reversal needs attention. It is never given up: see REVERSAL_AGAIN_S."""

REVERSAL_AGAIN_S = 60
"""A pending reversal is tried again this often as long as nothing else is going on."""

HEARTBEAT_S = 60
"""A terminal in standby tells the host how its devices are."""

TODAY_LINES_MAX = 50
"""Lines of today's list that are kept for the screen; the totals count all."""

TRAY_SLIPS_MAX = 4
"""Slips that lie in the tray; older ones are in the archive."""

TRUSTLESS_CODES = frozenset({"A0", "99", "77"})
"""Answers after which the terminal signs in again: wrong MAC, wrong PIN format, sign-in needed (domain reference §6, §7.2)."""

PIN_AGAIN_CODES = frozenset({"55"})
"""Refusals after which the same card may try its PIN again at once."""

PAGE_S = 3
"""A display of four lines turns to its next page this often; the up and down keys go faster."""
