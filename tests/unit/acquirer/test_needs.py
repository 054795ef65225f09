"""What a batch asks of the store: in the order of asking, each key once."""

from zhanggui.acquirer.rows.records import Counter, Merchant, Payment, Terminal
from zhanggui.acquirer.rows.state import Needs
from zhanggui.basics.numbers import MerchantNo, TerminalNo

SHOP = MerchantNo("898330173720001")
FIRST, SECOND = (SHOP, TerminalNo("10000001")), (SHOP, TerminalNo("10000002"))


def test_keys_stand_in_the_order_of_asking_and_each_once() -> None:
    needs = Needs()
    for key in (SECOND, FIRST, SECOND):
        needs.add(Terminal, key)

    assert list(needs.of(Terminal)) == [SECOND, FIRST]
    assert list(needs.of(Payment)) == []


def test_a_terminal_brings_its_merchant() -> None:
    assert list(Needs({Terminal: [FIRST, SECOND]}).of(Merchant)) == [(SHOP,)]


def test_what_was_asked_for_already_is_not_asked_for_again() -> None:
    asked = Needs({Terminal: [FIRST], Counter: [(SHOP, "session")]}, figures=[FIRST])
    wanted = Needs({Terminal: [FIRST], Counter: [(SHOP, "session"), (SHOP, "case")]}, figures=[FIRST, SECOND])

    left = wanted.beyond(asked)

    assert {kind: list(keys) for kind, keys in left.keys.items()} == {Counter: [(SHOP, "case")]}
    assert list(left.figures) == [SECOND]
    assert not wanted.beyond(wanted)
