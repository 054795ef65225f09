"""A card as the reader tells it: taken, asked for once more, or, where a chip can't be read, its stripe in the chip's place (降级).

    the slot gets no answer ─▶ once more, as often as policy says ─▶ "swipe it" ─▶ the stripe is taken, as `fallback`
    a chip card is swiped without that ─▶ "insert it"

Stripes are copied and chips are not: so it is the slot's silence that opens this way, counted here, and never the cashier's word.
"""

from msgspec.structs import replace

from ..core.effects import CloseReader
from ..core.events import CardSeen, CardUnreadable
from ..core.payments import Card, Doing
from ..core.policy import FALLBACK_WITHIN_S
from ..core.state import State
from ..core.step import Step, open_reader
from ..words.text import Text, words

TAIL_DIGITS = 4
NO_CODE = "card.not_a_code"
"""Why a scanned text was not taken: nobody's payment codes look like it, and nothing is sent."""


def card_of(state: State, event: CardSeen) -> Card | None:
    """The card to pay with; None for a chip card that was swiped and has to be inserted."""
    swiped_chip = event.way == "swipe" and event.chip
    if swiped_chip and not is_stripe_due(state):
        return None
    way = "fallback" if swiped_chip else event.way
    return Card(way=way, masked_pan=event.masked_pan, expiry_yymm=event.expiry_yymm, label=event.label)


def other_card(doing: Doing, masked_pan: str) -> Text | None:
    """What to say of a card that is not the one of the payment which this is about; None where it may be.

    The host compares the whole numbers and refuses it in any case; whoever hears it here has called no supervisor for nothing.
    """
    original = doing.original
    if original is None or original.masked_pan in ("", masked_pan):
        return None
    return words("card.other", tail=tail_of(masked_pan))


def tail_of(masked_pan: str) -> str:
    """What its holder knows a card by, and a slip shows."""
    return masked_pan[-TAIL_DIGITS:]


def taken(state: State) -> State:
    """A card was read: it is in the hand, and what failed before it counts no more."""
    return replace(state, reader=(), chip_tries=0)


def is_stripe_due(state: State) -> bool:
    """Whether a chip has just failed as often as policy asks for."""
    tries = state.rules.fallback_tries
    return 0 < tries <= tries_now(state)


def tries_now(state: State) -> int:
    """How often the slot has just got no answer; what is long ago was perhaps another card."""
    return state.chip_tries if state.tick - state.chip_tried_at <= FALLBACK_WITHIN_S else 0


def not_read(state: State, event: CardUnreadable) -> tuple[State, Text]:
    """What to say of a card that was not read; a chip that gave no answer is counted."""
    if event.reason == NO_CODE:
        return state, words("card.not_a_code")
    if not event.chip:
        return state, words("card.unreadable")
    tries, tries_max = tries_now(state) + 1, state.rules.fallback_tries
    state = replace(state, chip_tries=tries, chip_tried_at=state.tick)
    if not tries_max:
        return state, words("card.chip_only")
    if is_stripe_due(state):
        return state, words("card.swipe_chip")
    return state, words("card.chip_unread", n=str(tries), of=str(tries_max))


def read_again(state: State) -> Step:
    """Forget what the reader holds and wait again."""
    state, wait = open_reader(state)
    return state, (CloseReader(), *wait)
