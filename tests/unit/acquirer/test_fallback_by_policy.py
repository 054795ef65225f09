"""降级 at the host: a chip card's stripe from a terminal that reads chips is taken where policy takes it, told or not."""

import pytest
from tests.worlds.acquirer_world import World, code_of, signed_in

from zhanggui.acquirer.rows.records import Merchant, Payment
from zhanggui.basics.secret import Secret
from zhanggui.cup.values.entry_mode import line_mode
from zhanggui.cup.values.fallback import is_fallback, kept_mode

CHIP, STRIPE = Secret("6217000000000000012=49122200000000000"), Secret("6217000000000000012=49121200000000000")


def shop(tries: int) -> World:
    world = signed_in()
    world.change(world.rows(Merchant)[0], policy_overrides=f'{{"fallback_tries": {tries}}}')
    return world


@pytest.mark.parametrize(
    ("entry_mode", "reading", "track2", "is_one"),
    [
        ("021", "52", CHIP, True),
        ("022", "51", CHIP, True),
        ("021", "52", None, True),
        ("021", "50", CHIP, True),
        ("021", "5", CHIP, True),
        ("021", "60", CHIP, True),
        ("021", "62", None, True),
        ("021", "20", CHIP, False),
        ("021", "", CHIP, False),
        ("021", "50", STRIPE, False),
        ("051", "52", CHIP, False),
        ("072", "50", CHIP, True),
        ("912", "52", None, True),
        ("072", "50", STRIPE, False),
    ],
)
def test_a_shop_that_takes_no_fallback_refuses_it_with_its_reason_in_the_list(
    entry_mode: str, reading: str, track2: Secret | None, is_one: bool
) -> None:
    assert is_fallback(entry_mode, reading, track2.reveal() if track2 else "") == is_one
    world = shop(0)
    decision = world.sale(entry_mode=entry_mode, reading=reading, track2=track2)
    if is_one:
        assert (code_of(decision), decision.reason, decision.effects) == ("58", "fallback_refused", ())
    else:
        assert decision.effects
    taken = shop(3)
    assert taken.sale(entry_mode=entry_mode, reading=reading, track2=track2).effects
    for place in (world, taken):
        (row,) = place.rows(Payment)
        assert row.entry_mode == kept_mode(entry_mode, fallback=is_one)
        assert line_mode(row.entry_mode) == entry_mode
        assert row.entry_mode.startswith("80") == (is_one and entry_mode.startswith("02"))
    assert world.rows(Payment)[0].reason == ("fallback_refused" if is_one else None)
