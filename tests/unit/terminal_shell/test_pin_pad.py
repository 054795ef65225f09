"""The PIN pad: digits and keys go in, only dots, enciphered blocks and MACs come out; opening the machine erases all."""

import copy
import io
import json
import pickle
import stat
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import structlog
from rich.console import Console
from rich.traceback import Traceback
from tests.worlds.shell_makes import (
    CARD,
    MERCHANT,
    OPERATOR,
    KeyRoom,
    StillClock,
    new_pin_pad,
    type_digits,
)

from zhanggui.basics.errors import Defect, Fault, Misuse
from zhanggui.basics.secret import Pan, Secret
from zhanggui.terminal.devices.pin_pad import HOLD_S, VirtualPinPad, VirtualTamperSwitch
from zhanggui.terminal.devices.pin_pad_file import forget_opening
from zhanggui.terminal.devices.ports import EntryStep
from zhanggui.vault.errors import KeyBlockRejected, KeyCheckFailed, WorkingKeysRejected
from zhanggui.vault.hsm import KeySet
from zhanggui.vault.mac import MacAlgorithm
from zhanggui.vault.pinblock import PasswordAccount

PIN = "739164"
PAN = Pan(CARD)


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def room() -> KeyRoom:
    return KeyRoom()


@pytest.fixture
def pin_pad(tmp_path: Path, clock: StillClock, room: KeyRoom) -> VirtualPinPad:
    made = new_pin_pad(tmp_path, clock)
    room.sign_on(made)
    return made


def password_is(room: KeyRoom, block: bytes, password: str) -> bool:
    """Whether the host finds this password in the block."""
    assert room.keys is not None
    account = PasswordAccount(MERCHANT, OPERATOR)
    key = room.hsm.new_verifier_key()
    verifier = room.hsm.make_verifier(key, bytes(16), account, Secret(password))
    return room.hsm.verify_password(block, room.keys.pin_key, key, bytes(16), verifier, account)


def test_the_host_finds_the_typed_password_in_the_block(pin_pad: VirtualPinPad, room: KeyRoom) -> None:
    type_digits(pin_pad, "0000", "password")
    block = pin_pad.take_password_block(MERCHANT, OPERATOR)

    assert password_is(room, block, "0000")
    assert not password_is(room, block, "0001")


def test_the_bank_finds_the_typed_pin_in_the_block(pin_pad: VirtualPinPad, room: KeyRoom) -> None:
    type_digits(pin_pad, PIN)
    block = pin_pad.take_pin_block(PAN)

    assert room.keys is not None
    zone = room.hsm.new_zone_pin_key()
    verifier_key = room.hsm.new_verifier_key()
    reference = room.hsm.make_pin_reference(verifier_key, PAN, Secret(PIN))
    translated = room.hsm.translate_pin(block, room.keys.pin_key, zone)
    assert room.hsm.verify_pin(translated, zone, PAN, reference, verifier_key=verifier_key)


def test_clear_takes_back_one_digit_and_enter_waits_for_enough(pin_pad: VirtualPinPad) -> None:
    pin_pad.begin("password", min_digits=4, max_digits=6, may_skip=False, timeout_s=60)

    assert [pin_pad.press(key) for key in ("1", "2", "clear")] == [EntryStep(1), EntryStep(2), EntryStep(1)]
    assert pin_pad.press("enter") == EntryStep(1)
    for digit in "234567":
        last = pin_pad.press(digit)  # type: ignore[arg-type]  # a digit key
    assert last == EntryStep(6)
    assert pin_pad.press("enter") == EntryStep(6, "entered")
    assert not pin_pad.collecting


def test_an_empty_entry_may_be_skipped_only_where_it_was_allowed(pin_pad: VirtualPinPad) -> None:
    pin_pad.begin("cardholder", min_digits=4, max_digits=12, may_skip=False, timeout_s=60)
    assert pin_pad.press("enter") == EntryStep(0)

    pin_pad.begin("cardholder", min_digits=4, max_digits=12, may_skip=True, timeout_s=60)
    assert pin_pad.press("enter") == EntryStep(0, "skipped")
    with pytest.raises(Fault, match="no digits"):
        pin_pad.take_pin_block(PAN)


@pytest.mark.parametrize("key", ["cancel", "enter"])
def test_what_was_cancelled_or_timed_out_is_gone(pin_pad: VirtualPinPad, clock: StillClock, key: str) -> None:
    pin_pad.begin("cardholder", min_digits=4, max_digits=12, may_skip=False, timeout_s=60)
    for digit in PIN:
        pin_pad.press(digit)  # type: ignore[arg-type]  # a digit key
    if key == "cancel":
        assert pin_pad.press("cancel") == EntryStep(0, "cancelled")
    else:
        clock.pass_s(59)
        assert pin_pad.tick() is None
        clock.pass_s(1)
        assert pin_pad.tick() == EntryStep(0, "timed_out")

    assert not pin_pad.collecting
    with pytest.raises(Fault, match="no digits"):
        pin_pad.take_pin_block(PAN)


def test_digits_that_nobody_takes_are_forgotten(pin_pad: VirtualPinPad, clock: StillClock) -> None:
    type_digits(pin_pad, PIN)
    clock.pass_s(HOLD_S)

    assert pin_pad.tick() is None
    with pytest.raises(Fault, match="no digits"):
        pin_pad.take_pin_block(PAN)


def test_a_block_is_given_once(pin_pad: VirtualPinPad) -> None:
    type_digits(pin_pad, PIN)
    pin_pad.take_pin_block(PAN)

    with pytest.raises(Fault, match="no digits"):
        pin_pad.take_pin_block(PAN)


def test_a_password_never_becomes_a_pin_block(pin_pad: VirtualPinPad) -> None:
    type_digits(pin_pad, "0000", "password")

    with pytest.raises(Defect):
        pin_pad.take_pin_block(PAN)


def test_a_key_outside_an_entry_is_refused(pin_pad: VirtualPinPad) -> None:
    with pytest.raises(Misuse, match="not collecting"):
        pin_pad.press("1")


def representations(pin_pad: VirtualPinPad) -> str:
    """Everything a careless program could print of it: text forms, logs, and a traceback with local values."""
    console = Console(file=io.StringIO(), width=200)
    try:
        pin_pad.inject_master_key("no block")
    except KeyBlockRejected:
        console.print(Traceback(show_locals=True))
    console.print(pin_pad)
    with structlog.testing.capture_logs() as logs:
        structlog.get_logger().error("here", pin_pad=pin_pad)
    output = console.file
    assert isinstance(output, io.StringIO)
    return f"{pin_pad!r} {pin_pad!s} {pin_pad} {json.dumps(logs, default=repr)} {output.getvalue()}"


def test_digits_are_in_no_representation(pin_pad: VirtualPinPad) -> None:
    type_digits(pin_pad, PIN)

    seen = representations(pin_pad)

    assert PIN not in seen
    assert PIN.encode().hex() not in seen


def refuse_to_copy(value: object) -> list[Callable[[], object]]:
    return [
        lambda: pickle.dumps(value),
        lambda: copy.copy(value),
        lambda: copy.deepcopy(value),
        lambda: msgspec.json.encode(value),
        lambda: json.dumps(value),
    ]


@pytest.mark.parametrize("way", range(5))
def test_a_pin_pad_is_not_pickled_copied_or_written_as_json(pin_pad: VirtualPinPad, way: int) -> None:
    type_digits(pin_pad, PIN)

    with pytest.raises(TypeError):
        refuse_to_copy(pin_pad)[way]()


def test_digits_and_clear_keys_are_in_no_file(pin_pad: VirtualPinPad, tmp_path: Path) -> None:
    type_digits(pin_pad, PIN)

    for path in tmp_path.rglob("*"):
        assert PIN.encode() not in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


# ── keys ─────────────────────────────────────────────────────────────────────


def test_the_check_value_is_the_one_of_the_key_room(tmp_path: Path, room: KeyRoom) -> None:
    pin_pad = new_pin_pad(tmp_path)
    assert pin_pad.master_key_check_value() == ""
    assert pin_pad.check().reason == "check.keypad.no_master_key"

    room.enrol(pin_pad)

    assert pin_pad.master_key_check_value() == room.hsm.check_value(room.master).hex().upper()
    assert pin_pad.check().state == "ok"


def test_the_last_working_keys_are_there_after_a_power_cut(
    pin_pad: VirtualPinPad, tmp_path: Path, room: KeyRoom
) -> None:
    again = new_pin_pad(tmp_path)

    assert again.has_working_keys
    mac = again.mac(b"a reversal")
    assert mac == pin_pad.mac(b"a reversal")
    assert room.keys is not None
    assert room.hsm.verify_mac(room.keys.mac_key, MacAlgorithm.UNIONPAY_ECB, b"a reversal", mac)
    assert again.verify_mac(b"a reversal", mac)
    assert not again.verify_mac(b"a reversal!", mac)


def test_keys_with_a_wrong_check_value_are_refused_and_the_old_ones_stay(pin_pad: VirtualPinPad, room: KeyRoom) -> None:
    before = pin_pad.mac(b"data")
    damaged = bytearray(room.working_keys().field_62)
    damaged[0] ^= 0x10

    with pytest.raises(KeyCheckFailed):
        pin_pad.load_working_keys(bytes(damaged), KeySet.DOUBLE_TRACK)
    with pytest.raises(WorkingKeysRejected):
        pin_pad.load_working_keys(bytes(damaged[:-1]), KeySet.DOUBLE_TRACK)

    assert pin_pad.mac(b"data") == before


def test_a_new_master_key_ends_the_working_keys(pin_pad: VirtualPinPad, room: KeyRoom) -> None:
    room.enrol(pin_pad)

    assert not pin_pad.has_working_keys
    assert not pin_pad.verify_mac(b"data", bytes(8))
    with pytest.raises(Fault, match="working keys"):
        pin_pad.mac(b"data")


def test_without_a_master_key_no_working_keys_are_taken(tmp_path: Path, room: KeyRoom) -> None:
    with pytest.raises(Fault, match="master key"):
        new_pin_pad(tmp_path).load_working_keys(room.working_keys().field_62, KeySet.DOUBLE_TRACK)


def test_a_master_key_for_another_pin_pad_is_refused(tmp_path: Path, room: KeyRoom) -> None:
    foreign = room.hsm.export_block(room.master, bytes(32))

    with pytest.raises(KeyBlockRejected):
        new_pin_pad(tmp_path).inject_master_key(foreign)


def test_card_data_come_back_from_rest_only_in_the_same_machine(pin_pad: VirtualPinPad, tmp_path: Path) -> None:
    sealed = pin_pad.protect(CARD.encode())

    assert CARD.encode() not in sealed
    assert CARD.encode().hex().encode() not in sealed.lower()
    assert new_pin_pad(tmp_path).unprotect(sealed) == CARD.encode()
    with pytest.raises(Fault, match="another PIN pad"):
        new_pin_pad(tmp_path / "other", seed=8).unprotect(sealed)
    with pytest.raises(Fault, match="altered"):
        pin_pad.unprotect(sealed[:-1] + (b"0" if sealed[-1:] != b"0" else b"1"))


# ── tamper and files ─────────────────────────────────────────────────────────


def test_opening_the_machine_erases_every_key_and_digit(pin_pad: VirtualPinPad, tmp_path: Path, room: KeyRoom) -> None:
    switch = VirtualTamperSwitch(pin_pad)
    sealed = pin_pad.protect(b"card")
    device_key = pin_pad.transport_key()
    type_digits(pin_pad, PIN)

    switch.set_state("opened")

    for refused in (
        lambda: pin_pad.take_pin_block(PAN),
        lambda: pin_pad.mac(b"data"),
        lambda: pin_pad.unprotect(sealed),
        lambda: pin_pad.load_working_keys(room.working_keys().field_62, KeySet.DOUBLE_TRACK),
        pin_pad.transport_key,
    ):
        with pytest.raises(Fault):
            refused()
    assert not pin_pad.has_working_keys
    assert not pin_pad.verify_mac(b"data", bytes(8))
    assert not (tmp_path / "device.key").exists()
    for path in tmp_path.rglob("*"):
        assert device_key not in path.read_bytes()
        blocks = path.read_bytes().replace(pin_pad._file.kept.last_word_key.encode(), b"")
        assert b"D0" not in blocks, "no key block is left but that of the last word"


def test_closing_the_lid_or_a_restart_does_not_bring_keys_back(pin_pad: VirtualPinPad, tmp_path: Path) -> None:
    switch = VirtualTamperSwitch(pin_pad)
    switch.set_state("opened")
    switch.set_state("ok")
    assert switch.check().reason == "check.tamper.opened"

    again = new_pin_pad(tmp_path)

    assert again.tampered
    assert VirtualTamperSwitch(again).check().state == "fail"
    with pytest.raises(Fault, match="opened"):
        again.mac(b"data")


def test_an_opened_machine_still_signs_word_of_it_and_nothing_else(pin_pad: VirtualPinPad, tmp_path: Path) -> None:
    word = bytes.fromhex("0820") + b"status"
    signed = pin_pad.mac(word)
    pin_pad.tamper()
    for pad in (pin_pad, new_pin_pad(tmp_path)):
        assert pad.mac(word) == signed
        for other in ("0200", "0400", "0800", "08"):
            with pytest.raises(Fault, match="opened"):
                pad.mac(bytes.fromhex(other) + b"data")
        assert not pad.verify_mac(word, signed)
    pin_pad.tamper()
    assert new_pin_pad(tmp_path).mac(word) == signed, "opened twice it still says so"


def test_the_key_room_makes_an_opened_machine_new(pin_pad: VirtualPinPad, tmp_path: Path) -> None:
    pin_pad.tamper()
    forget_opening(tmp_path)
    again = new_pin_pad(tmp_path)
    assert not again.tampered
    assert again.check().reason == "check.keypad.no_master_key"


def test_a_key_file_that_others_may_read_is_refused(pin_pad: VirtualPinPad, tmp_path: Path) -> None:
    (tmp_path / "device.key").chmod(0o644)

    with pytest.raises(Misuse, match="chmod 600"):
        new_pin_pad(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"version":1,"data_key":"no block"}', b"\x00\xff"])
def test_a_damaged_file_is_told_in_words(pin_pad: VirtualPinPad, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pin_pad.json").write_bytes(content)

    with pytest.raises(Fault, match="damaged"):
        new_pin_pad(tmp_path)


def test_a_lost_device_key_is_told_in_words(pin_pad: VirtualPinPad, tmp_path: Path) -> None:
    (tmp_path / "device.key").unlink()

    with pytest.raises(Fault, match=r"device\.key"):
        new_pin_pad(tmp_path)


def test_a_machine_whose_making_was_cut_short_is_made_to_its_end(tmp_path: Path) -> None:
    first = new_pin_pad(tmp_path).transport_key()
    (tmp_path / "pin_pad.json").unlink()

    assert new_pin_pad(tmp_path).transport_key() == first
