"""A PIN that was passed is taken unless policy asks for it; a small tap has none either way."""

import pytest
from tests.worlds.acquirer_world import World, code_of, signed_in

from zhanggui.acquirer.rows.records import Merchant

CHIP_DATA = bytes.fromhex("9F260800112233445566779F3602000A")
ASKS = '{"pin_bypass": false, "no_pin_limit_fen": 30000}'


def strict() -> World:
    world = signed_in()
    world.change(world.rows(Merchant)[0], policy_overrides=ASKS)
    return world


@pytest.mark.parametrize(
    ("entry_mode", "amount_fen", "with_pin", "code"),
    [
        ("051", 12850, True, None),
        ("052", 12850, False, "55"),
        ("022", 1, False, "55"),
        ("072", 30000, False, None),
        ("072", 30001, False, "55"),
        ("071", 30001, True, None),
        ("912", 30000, False, None),
        ("982", 30000, False, None),
        ("912", 30001, False, "55"),
    ],
)
def test_policy_asks_for_the_pin_beyond_a_small_tap(
    entry_mode: str, amount_fen: int, with_pin: bool, code: str | None
) -> None:
    pin_block = bytes(8) if with_pin else None
    chip_data = b"" if entry_mode.startswith("02") else CHIP_DATA
    decision = strict().sale(
        entry_mode=entry_mode, amount_fen=amount_fen, pin_block=pin_block, chip_data=chip_data or None
    )
    if code is None:
        assert decision.effects
    else:
        assert (code_of(decision), decision.reason) == (code, "pin_was_passed")
        assert decision.effects == ()


@pytest.mark.parametrize("entry_mode", ["072", "912", "982"])
def test_a_tap_without_a_word_of_the_chip_is_none(entry_mode: str) -> None:
    decision = strict().sale(entry_mode=entry_mode, amount_fen=1, pin_block=None)
    assert (code_of(decision), decision.reason) == ("55", "pin_was_passed")


def test_without_the_rule_the_bank_decides() -> None:
    assert signed_in().sale(entry_mode="052", pin_block=None).effects
