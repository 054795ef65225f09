"""Figures by which the flow decides, each with its unit and reason. They grow into policy profiles; the names stay."""

from collections.abc import Mapping
from types import MappingProxyType

from ....basics.numbers import OperatorNo
from ....basics.roles import Role
from .events import CheckItem

CRITICAL_ITEMS: frozenset[CheckItem] = frozenset({"tamper", "keypad", "display", "power"})
"""A failed one of these blocks sign-in: keys are unsafe, or nobody could type, read or finish a payment. All others are
shown, recorded in the sign-in record and allowed (mission A2): the day's list and sign-out work without them."""

BATTERY_WARNED_PERCENT = 15
"""At this charge or below the terminal asks for mains: enough for the sales of the next minutes, and for the way to a socket."""

PAYMENT_CHARGE_MIN_PERCENT = 5
"""Below this charge no payment begins: it must be sent, answered and printed before the machine goes dark."""

SELF_CHECK_SHOWN_S = 2
"""Where somebody switched the terminal on by hand, what was checked stays this long to be read."""

AMOUNT_DIGITS_MAX = 9
"""9,999,999.99 yuan: what a slip of 32 columns and a shop's counter need."""

OPERATOR_DIGITS = 2
"""操作员号 is two digits."""
MANAGERS: Mapping[str, Role] = MappingProxyType({OperatorNo("00"): "supervisor"})
"""Whose number opens a menu and no sign-in: 00 manages and never trades (UnionPay terminal rule). Menus: `management/menus.py`."""
TRACE_DIGITS = 6
"""A voucher number (凭证号)."""

PASSWORD_DIGITS_MIN, PASSWORD_DIGITS_MAX = 4, 12
CARDHOLDER_PIN_DIGITS_MIN, CARDHOLDER_PIN_DIGITS_MAX = 4, 12
"""ISO 9564-1: four to twelve digits; six are usual in China."""

PIN_PAD_TIMEOUT_S = 60
KEYED_TIMEOUT_S = 120
"""Nineteen digits off a card take longer than a PIN that somebody knows."""
EXPIRY_DIGITS = 4
"""YYMM, as field 14 has it."""
PHONE_ASK_S = 2
"""How often the host is asked whether a phone has answered: a person looks from one screen to the other in about that time."""
PHONE_CODE_S_MAX = 300
"""A code is shown no longer, whatever a host says."""
ASK_AGAIN_FROM_S = 20
"""From then on a payment by code may be asked for once more (domain reference, QR, §5.2): till then a wallet has asked its customer."""
SALE_IDLE_S = 60
"""Idle screens of a sale return to standby after this long (domain reference §7.4, operator idle 60 s)."""

FALLBACK_WITHIN_S = 60
"""A stripe is taken for a chip that could not be read (降级) so long after the last try: later, nobody knows that it is the same card."""

SLOW_AFTER_S = 3
"""A wait that lasts this long is said to be slow (look and wording; operators E.1)."""
SLOW_PAYMENTS = 3
"""Payments that are slow one after the other until the terminal says that the host is: one or two may be the card's bank alone."""

PUSH_IS_STRONG_DAYS = 14
"""A factory password that must be changed within so many days is said in strong letters."""
CONFIRM_IDLE_S = 300
"""Half of the time in which a host takes a confirmation: nobody is at the facts any more."""
SIGNED_IN_SHOWN_S = 3
SIGNED_OUT_SHOWN_S = 15
"""Success screens go away by themselves: the first because work waits, the second after the figures were read."""

OWN_CODE_ASKED_S = 5
"""How often the host is asked what came of our code, while the order that says so may be lost or late."""
ARRIVED_SHOWN_S = 3
"""How long the amount that arrived stands before its slips come."""

REVERSAL_TRIES_SHOWN = 3
"""After three tries a reversal needs attention. It is never given up: see REVERSAL_AGAIN_S."""

REVERSAL_AGAIN_S = 60
"""A pending reversal is tried again this often as long as nothing else is going on."""

LATE_MAX = 16
"""So many payments may be late at their wallets; one more keeps others back, as any whose outcome is open."""
LATE_ASKED_S = 600
"""How often one of them is asked for without being told that it is over: the order that says so may be lost."""

HEARTBEAT_S = 30
"""A terminal with an open session tells the host this often how it is: a third of the session's lease (operators C.3)."""

ASKED_LATELY_S = 10
"""Where the host was not heard of for longer, it is asked whether the session still stands as soon as a payment begins: before the
cardholder types a PIN for one that the host would refuse."""

SCRIPT_AGAIN_S = 60
"""A notice of issuer scripts that the host does not have yet is sent again this often, while nothing else is going on."""
SCRIPT_TRIES_FIRST = 2
"""So often since power-on a notice goes before a payment and makes it wait; after that only while nothing else is going on."""
UNTOLD_SCRIPTS_MAX = 1_000
"""Notices that are remembered as owed at power-on, the oldest first."""

SIGNATURE_AGAIN_S = 60
"""A signature that the host does not have yet is sent again this often, while nothing else is going on."""
UNSENT_SIGNATURES_MAX = 1_000
"""Signatures that are remembered as owed at power-on, the oldest first: more than a till takes in a day."""

KEPT_AMOUNT_S = 300
"""An amount waits so long for the new sign-in: a sign-in takes less than a minute, and after five the customer has gone."""

ORDERS_WAIT_S = 120
"""Orders wait so long for somebody to tear off a slip or load paper; after it nobody is there, and the copy is offered later."""

LINE_LOOK_S, ATTENDED_S = 5, 300
"""Where somebody was in the last five minutes the line is looked at this often while nothing is said over it: with a call that may take
three seconds, a line that died shows within ten. A terminal that nobody uses does not call a host all night."""

LINE_AGAIN_S = 30
"""Without a line the host is tried again this often in the background."""

LOCK_AGAIN_S = 30
"""A lock that the host was not told of is told again this often; the terminal itself is locked at once."""

APPROVAL_IDLE_S = 60
"""A supervisor who was called and does not type is not waited for longer."""

NOTES_IDLE_S = 60
"""An operator who does not answer the questions at sign-out is signed out without notes."""

CODE_DIGITS_MIN, CODE_DIGITS_MAX = 6, 8
"""签到代码 has six digits, or eight (RFC 6238; operators C.3)."""

NEW_PASSWORD_DIGITS_MIN, NEW_PASSWORD_DIGITS_MAX = 4, 12
"""What the PIN pad takes; how long a new password must be is the host's policy, told in its refusal."""

TODAY_LINES_SHOWN = 50
"""Lines of today's list that the screen shows, newest first; the totals count all."""

DAY_LINES_MAX = 5_000
"""Lines that are kept in hand of one day, and of the days before in the same batch, so that a later payment finds what it is about:
a payment every fifteen seconds for twenty hours."""

TRAY_SLIPS_MAX = 4
"""Slips that lie in the tray; older ones are in the archive."""

ADMINISTRATOR = OperatorNo("99")
"""系统管理员: sets the terminal up and never trades (domain reference §7.1)."""

STALE_REASONS = ("broken", "no_power", "forgotten", "other")
"""Why a session is taken over from a terminal that is not heard of any more."""

WELL_ANSWERS = ("smooth", "help", "quick", "calm")
NOT_ANSWERS = ("network", "printer", "cards", "queue")
"""Fixed answers to the two questions at sign-out, beside a line of one's own."""
NOTE_LINE_MAX, NOTE_LINE_NARROW_MAX = 40, 18
"""Characters of that line: what fits a touch screen, and one row of a display of four."""

TRUSTLESS_CODES = frozenset({"A0", "99", "77"})
"""Answers after which the terminal signs in again: wrong MAC, wrong PIN format, sign-in needed (domain reference §6, §7.2)."""

NUMBER_TAKEN = "94"
"""Answer to a payment whose number stands at the host for another one: a copy of this journal went on, or the host knows more than it does."""

NOT_UNDONE = "12"
"""Answer to a reversal that ends it and undid nothing: people look into it."""

PIN_AGAIN_CODES = frozenset({"55"})
"""Refusals after which the same card may try its PIN again at once."""

PAGE_S = 3
"""A display of four lines turns to its next page this often; the up and down keys go faster."""

SETTLEMENT_TRIES = 3
"""A step of a settlement that gets no answer is sent again so often before somebody is asked."""

DETAILS_PAGE = 320
"""Payments that are told between two marks of progress in the journal: less than half a second, and what a power cut tells again."""

DETAIL_TRACES = DETAILS_PAGE // 8
"""Trace numbers that the blocks of one page may use; payments that are told by themselves bear their own."""

SETTLED_SHOWN_S = 30
"""The result of a settlement goes away by itself: the slip says the same."""

SLIP_LINES_MAX = 300
"""Payments listed on a settlement's slip; a batch has seldom more (domain reference §7.4), and the paper is short."""
