"""What every PIN pad keeps to. A real make joins by one more entry in MAKES."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.terminal_shell.shell_makes import CARD, MERCHANT, OPERATOR, KeyRoom, StillClock, new_pin_pad

from zhanggui.basics.errors import Fault, Misuse
from zhanggui.basics.secret import Pan
from zhanggui.terminal.devices.ports import PROTECTED_BYTES_MAX, EntryStep, PinPad
from zhanggui.vault.hsm import KeySet


def virtual(folder: Path, clock: StillClock, room: KeyRoom) -> PinPad:
    made = new_pin_pad(folder, clock)
    room.sign_on(made)
    return made


MAKES: dict[str, Callable[[Path, StillClock, KeyRoom], PinPad]] = {"virtual": virtual}
"""Each makes a PIN pad with a master key and the working keys of one sign-in."""


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture(params=list(MAKES))
def pin_pad(request: pytest.FixtureRequest, tmp_path: Path, clock: StillClock) -> PinPad:
    return MAKES[request.param](tmp_path, clock, KeyRoom())


def begin(pin_pad: PinPad, purpose: str = "cardholder", *, may_skip: bool = False) -> None:
    pin_pad.begin(
        purpose,  # type: ignore[arg-type]  # one of two words
        min_digits=4,
        max_digits=6,
        may_skip=may_skip,
        timeout_s=30,
    )


def is_collecting(pin_pad: PinPad) -> bool:
    return pin_pad.collecting


def press(pin_pad: PinPad, keys: str) -> list[EntryStep]:
    return [pin_pad.press(key) for key in keys]  # type: ignore[arg-type]  # digit keys


def test_it_collects_only_between_begin_and_its_end(pin_pad: PinPad) -> None:
    assert not is_collecting(pin_pad)
    with pytest.raises(Misuse):
        pin_pad.press("1")
    begin(pin_pad)
    assert is_collecting(pin_pad)
    press(pin_pad, "1234")
    assert pin_pad.press("enter") == EntryStep(4, "entered")
    assert not is_collecting(pin_pad)


def test_it_shows_how_many_digits_it_holds_and_no_more_than_allowed(pin_pad: PinPad) -> None:
    begin(pin_pad)

    assert [step.count for step in press(pin_pad, "12345678")] == [1, 2, 3, 4, 5, 6, 6, 6]


def test_a_new_entry_begins_empty(pin_pad: PinPad) -> None:
    begin(pin_pad)
    press(pin_pad, "123456")
    begin(pin_pad)

    assert pin_pad.press("1") == EntryStep(1)


def test_forgetting_ends_the_entry(pin_pad: PinPad) -> None:
    begin(pin_pad)
    press(pin_pad, "123456")
    pin_pad.forget()

    assert not pin_pad.collecting
    with pytest.raises(Fault):
        pin_pad.take_pin_block(Pan(CARD))


def test_an_entry_times_out_once(pin_pad: PinPad, clock: StillClock) -> None:
    begin(pin_pad)
    press(pin_pad, "12")
    clock.pass_s(30)

    assert pin_pad.tick() == EntryStep(0, "timed_out")
    assert pin_pad.tick() is None


def test_blocks_have_eight_bytes_and_differ_by_whose_they_are(pin_pad: PinPad) -> None:
    blocks = set()
    for pan in (CARD, "6217000000000000020"):
        begin(pin_pad)
        press(pin_pad, "123456")
        pin_pad.press("enter")
        blocks.add(pin_pad.take_pin_block(Pan(pan)))
    begin(pin_pad, "password")
    press(pin_pad, "123456")
    pin_pad.press("enter")
    blocks.add(pin_pad.take_password_block(MERCHANT, OPERATOR))

    assert len(blocks) == 3
    assert {len(block) for block in blocks} == {8}


def test_its_own_mac_is_right_and_any_other_is_not(pin_pad: PinPad) -> None:
    mac = pin_pad.mac(b"0200 and so on")

    assert len(mac) == 8
    assert pin_pad.verify_mac(b"0200 and so on", mac)
    assert not pin_pad.verify_mac(b"0200 and so on!", mac)
    assert not pin_pad.verify_mac(b"0200 and so on", bytes(8))
    assert not pin_pad.verify_mac(b"0200 and so on", mac[:7])


@pytest.mark.parametrize("length", [1, 19, PROTECTED_BYTES_MAX])
def test_what_it_protects_comes_back(pin_pad: PinPad, length: int) -> None:
    content = bytes(range(length))
    sealed = pin_pad.protect(content)

    assert content not in sealed or length == 1
    assert pin_pad.unprotect(sealed) == content
    assert pin_pad.protect(content) != sealed, "the same card looks different each time"


def test_it_protects_no_more_than_its_bound(pin_pad: PinPad) -> None:
    for content in (b"", bytes(PROTECTED_BYTES_MAX + 1)):
        with pytest.raises(ValueError, match="1 to 32"):
            pin_pad.protect(content)


def test_opened_it_has_nothing_left(pin_pad: PinPad) -> None:
    sealed = pin_pad.protect(b"card")
    before = (pin_pad.has_working_keys, pin_pad.tampered)

    pin_pad.tamper()

    assert before == (True, False)
    assert pin_pad.tampered
    assert not pin_pad.has_working_keys
    assert not pin_pad.verify_mac(b"data", bytes(8))
    with pytest.raises(Fault):
        pin_pad.unprotect(sealed)
    with pytest.raises(Fault):
        pin_pad.load_working_keys(bytes(60), KeySet.DOUBLE_TRACK)
