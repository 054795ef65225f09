"""What goes wrong in a shop in memory while somebody does an errand, as Hypothesis draws it."""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st
from tests.worlds.shop_counter import NoticeFate
from tests.worlds.shop_host import BankFate, How
from tests.worlds.shop_till import Fate
from tests.worlds.shop_wallets import WalletFate

from zhanggui.wallets.books import Behaviour


@dataclass(frozen=True)
class Trouble:
    """What goes wrong while somebody does an errand; one thing at a time, and mostly nothing."""

    line: Sequence[Fate] = ()
    """What becomes of the payments and reversals that leave, in their order."""
    bank: Sequence[BankFate] = ()
    mishap: tuple[How, int, str] | None = None
    """The effect after so many others, of all or of this name, is cut off, or fails."""
    is_down: bool = False
    """Whether nothing leaves the till meanwhile."""
    commit: tuple[How, int] | None = None
    """The host's commit after so many others is cut off, or fails."""
    notice: Sequence[NoticeFate] = ()
    """What becomes of the next notices of wallets."""
    wallet: Sequence[WalletFate] = ()
    """What becomes of the next requests to wallets."""
    phone: Behaviour = "normal"
    """How the customer's wallet behaves."""
    types: bool = False
    """Whether the customer types the password a moment after it is asked for."""


NONE = Trouble()
LINE_FATES: tuple[Fate, ...] = ("answered", "request lost", "answer lost", "request late", "twice", "old answer")
BANK_FATES: tuple[BankFate, ...] = (
    "request lost",
    "answer lost",
    "answer late",
    "twice",
    "host dies",
    "host dies after",
)
WALLET_FATES: tuple[WalletFate, ...] = (
    "request lost",
    "answer lost",
    "request late",
    "twice",
    "host dies",
    "host dies after",
)
BEHAVIOURS: tuple[Behaviour, ...] = (
    "normal",
    "password",
    "password",
    "slow",
    "silent",
    "silent_after",
    "unclear",
    "busy",
    "risk",
    "race",
    "late_payment",
)
at_a_wallet = st.lists(st.sampled_from(WALLET_FATES), max_size=3)
on_the_line = st.lists(st.sampled_from(LINE_FATES), min_size=1, max_size=3)
at_the_bank = st.lists(st.sampled_from(BANK_FATES), min_size=1, max_size=2)
hows: st.SearchStrategy[How] = st.sampled_from(["cut before", "cut after", "fails", "fails"])
EFFECTS = (
    *(
        f"journal:Remember{what}"
        for what in ("Payment", "Approval", "Decline", "Doubt", "Reversed", "Printed", "Trace")
    ),
    *(f"line:{mti}" for mti in ("0100", "0200", "0220", "0400", "0800", "0820")),
    "printer:merchant",
)
AT_THE_END = ("journal:RememberSettlement", "journal:RememberSettled", "line:0500", "line:0320", "printer:settlement")
named_cuts = st.tuples(hows, st.just(0), st.sampled_from(EFFECTS))
any_cuts = st.tuples(hows, st.integers(0, 15), st.just(""))
ends = st.tuples(hows, st.just(0), st.sampled_from(AT_THE_END))
troubles: st.SearchStrategy[Trouble] = st.one_of(
    st.just(NONE),
    st.builds(Trouble, line=on_the_line),
    st.builds(Trouble, bank=at_the_bank),
    st.builds(Trouble, line=on_the_line, bank=at_the_bank),
    st.builds(Trouble, mishap=named_cuts),
    st.builds(Trouble, mishap=named_cuts, line=on_the_line),
    st.builds(Trouble, mishap=any_cuts, bank=at_the_bank),
    st.sampled_from([Trouble(is_down=True), Trouble(commit=("fails", 0))]),
)
wallet_troubles: st.SearchStrategy[Trouble] = st.one_of(
    st.builds(Trouble, wallet=at_a_wallet, phone=st.sampled_from(BEHAVIOURS), types=st.booleans()),
    st.builds(Trouble, wallet=at_a_wallet, phone=st.sampled_from(BEHAVIOURS), types=st.booleans(), line=on_the_line),
    st.builds(Trouble, wallet=at_a_wallet, phone=st.sampled_from(BEHAVIOURS), mishap=named_cuts),
    troubles,
)
NOTICE_FATES: tuple[NoticeFate, ...] = ("told", "lost", "answer lost", "twice", "host dies", "host dies after")
TELLING: tuple[Behaviour, ...] = ("normal", "normal", "slow", "silent_after")
"""How a wallet tells of what was paid by the code on a counter: at once, late, or in its bill alone."""
AT_THE_COUNTER = (
    "journal:RememberNote",
    "journal:RememberPayment",
    "journal:RememberApproval",
    "line:0200",
    "line:0820",
)
told = st.lists(st.sampled_from(NOTICE_FATES), max_size=2)
telling = st.sampled_from(TELLING)
counter_troubles: st.SearchStrategy[Trouble] = st.one_of(
    st.builds(Trouble, notice=told, phone=telling),
    st.builds(Trouble, notice=told, line=on_the_line),
    st.builds(Trouble, phone=telling, mishap=st.tuples(hows, st.integers(0, 1), st.sampled_from(AT_THE_COUNTER))),
    st.builds(Trouble, notice=told, commit=st.tuples(hows, st.integers(0, 4))),
    st.builds(Trouble, notice=told, mishap=any_cuts),
    st.just(Trouble(is_down=True)),
)
