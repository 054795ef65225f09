"""Whatever comes in whatever order, the bank's money neither appears nor disappears."""

from hypothesis import given
from hypothesis import strategies as st
from tests.worlds.bank_books import RIGHT, WRONG, Counter, reversal, sale

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["sale", "reversal", "unknown card"]),
        st.integers(1, 6),
        st.sampled_from([1, 30_00, 30_00, 70_00, 100_01]),
        st.sampled_from([RIGHT, RIGHT, RIGHT, WRONG]),
    ),
    max_size=40,
)


@given(steps=STEPS, behaviour=st.sampled_from(["normal", "silent", "silent_after_posting"]))
def test_balances_and_clearing_always_sum_to_the_opening_total(
    steps: list[tuple[str, int, int, bytes]], behaviour: str
) -> None:
    bank = Counter(balance_fen=100_00, behaviour=behaviour)
    undone: set[str] = set()
    for what, rrn, amount_fen, pin in steps:
        asked = sale(rrn, amount_fen, pin_block=pin, card_id="c1" if what != "unknown card" else "c9")
        reversed_before = asked.identity in undone
        decision = bank.ask(reversal(asked) if what == "reversal" else asked)
        if what == "reversal" and decision.code in ("00", "25"):
            undone.add(asked.identity)
        if what != "reversal" and reversed_before:
            assert decision.code != "00"
        balances = bank.books.balances
        assert sum(balances.values()) == 100_00
        assert all(balance >= 0 for balance in balances.values())
    for identity in {posting.identity for posting in bank.books.postings}:
        kinds = [posting.kind for posting in bank.books.postings if posting.identity == identity]
        assert kinds == ["sale", "reversal"][: len(kinds)]
        assert (len(kinds) == 2) == (identity in undone)
