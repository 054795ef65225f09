"""Card files, the virtual chip, field 55, and what is kept of a card for its reversal."""

import json
from pathlib import Path

import pytest
from tests.worlds.running_terminal import CHIP_KEY, write_cards
from tests.worlds.shell_makes import CARD, MORNING, TERMINAL, new_pin_pad

from zhanggui.basics.chance import SeededChance
from zhanggui.basics.errors import Fault, Misuse
from zhanggui.basics.secret import Pan, Secret
from zhanggui.iso8583.tlv import decode_tlv, encode_tlv
from zhanggui.terminal.devices.cards import CardFile, read_cards
from zhanggui.terminal.devices.chip import CardCounter, VirtualChip, virtual_chip
from zhanggui.terminal.devices.ports import CardInHand
from zhanggui.terminal.link.card_data import PreparedCard, keep_card, kept_pan, read_kept_card
from zhanggui.terminal.link.chip_data import prepare_card
from zhanggui.vault.cryptogram import COUNTER_MAX, arqc_data, make_arpc, verify_arqc

KEY = bytes.fromhex(CHIP_KEY)


@pytest.fixture
def chip(tmp_path: Path) -> VirtualChip:
    write_cards(tmp_path)
    return virtual_chip(tmp_path, read_cards(tmp_path)["chip"])


def inserted(chip: VirtualChip | None) -> CardInHand:
    return CardInHand(Pan(CARD), "4912", Secret(f"{CARD}=4912220"), "001", "insert", "测试卡", "Test card", True, chip)


def prepared(chip: VirtualChip | None, *, with_pin: bool = True) -> PreparedCard:
    return prepare_card(
        inserted(chip),
        "insert",
        amount_fen=1250,
        trade_type="00",
        with_pin=with_pin,
        terminal_no=TERMINAL,
        now=MORNING,
        chance=SeededChance(1),
    )


def test_field_55_holds_all_that_the_issuer_needs(chip: VirtualChip) -> None:
    sale = prepared(chip)

    assert sale.chip_data is not None
    assert len(sale.chip_data) <= 255
    values = dict(decode_tlv(sale.chip_data))
    wanted = (0x9F26, 0x9F27, 0x9F10, 0x9F37, 0x9F36, 0x95, 0x9A, 0x9C, 0x9F02, 0x5F2A, 0x82, 0x9F1A, 0x9F03, 0x9F33)
    assert set(wanted) <= set(values)
    assert verify_arqc(KEY, 1, arqc_data(values), values[0x9F26])
    assert values[0x9A].hex() == "261123"
    assert sale.entry_mode == "051"
    assert sale.slip_lines[0] == "AID: A000000333010101"


def test_a_card_without_a_chip_has_no_field_55() -> None:
    assert prepared(None, with_pin=False) == PreparedCard("052")


def test_the_counter_of_a_card_grows_whoever_counts(tmp_path: Path) -> None:
    counts = [CardCounter(tmp_path / "one.counter").next() for _ in range(3)]

    assert counts == [1, 2, 3]
    assert CardCounter(tmp_path / "two.counter", 7).next() == 7


def test_a_used_up_card_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="used up"):
        CardCounter(tmp_path / "old.counter", COUNTER_MAX + 1).next()


def issuer_answer(arqc: bytes, code: str = "00") -> bytes:
    return encode_tlv([(0x91, make_arpc(KEY, 1, arqc, code) + code.encode())])


def test_the_chip_knows_its_own_issuer(chip: VirtualChip) -> None:
    sale = prepared(chip)
    assert sale.chip_data is not None
    arqc = dict(decode_tlv(sale.chip_data))[0x9F26]

    assert chip.accept_answer(issuer_answer(arqc))
    assert chip.accept_answer(b"")
    assert not chip.accept_answer(issuer_answer(bytes(8)))
    assert not chip.accept_answer(issuer_answer(arqc, "51"))
    assert not chip.accept_answer(b"\x91\x0a\x00")
    assert not virtual_chip_again(chip).accept_answer(issuer_answer(arqc)), "it was not asked"


def virtual_chip_again(chip: VirtualChip) -> VirtualChip:
    return VirtualChip(chip._chip, chip._counter, chip._memory)


def test_the_reversal_keeps_the_card_number_sealed_and_a_subset_of_field_55(tmp_path: Path, chip: VirtualChip) -> None:
    pin_pad = new_pin_pad(tmp_path)

    content = keep_card(inserted(chip), prepared(chip), pin_pad)

    assert CARD.encode() not in content
    kept = read_kept_card(content)
    assert kept_pan(kept, pin_pad) == Pan(CARD)
    assert (kept.entry_mode, kept.card_sequence) == ("051", "001")
    assert kept.chip_data is not None
    assert [tag for tag, _ in decode_tlv(kept.chip_data)] == [0x9F10, 0x95, 0x9F1E]
    with pytest.raises(Fault, match="card data"):
        read_kept_card(b"{}")


@pytest.mark.parametrize(
    "change",
    [
        {"pan": "123"},
        {"id": "../up"},
        {"label_zh": None},
    ],
)
def test_a_file_that_is_no_card_is_named_and_its_contents_are_not(tmp_path: Path, change: dict[str, object]) -> None:
    write_cards(tmp_path)
    path = tmp_path / "01-chip.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))

    with pytest.raises(Misuse, match=r"01-chip\.json") as caught:
        read_cards(tmp_path)

    assert CARD not in str(caught.value)


def test_a_chip_that_is_not_described_is_told_in_words(tmp_path: Path) -> None:
    write_cards(tmp_path)
    path = tmp_path / "01-chip.json"
    card = json.loads(path.read_text())
    card["chip"]["key"] = card["chip"]["key"][:-2]
    path.write_text(json.dumps(card))

    with pytest.raises(Misuse, match="chip") as caught:
        virtual_chip(tmp_path, read_cards(tmp_path)["chip"])

    assert card["chip"]["key"] not in str(caught.value)


def test_a_card_file_shows_its_mask_and_no_key(tmp_path: Path, chip: VirtualChip) -> None:
    write_cards(tmp_path)
    card: CardFile = read_cards(tmp_path)["chip"]

    for shown in (repr(card), repr(chip), repr(chip._chip), repr(list(card.__rich_repr__()))):
        assert CARD not in shown
        assert CHIP_KEY not in shown


def test_no_folder_is_no_cards(tmp_path: Path) -> None:
    assert read_cards(tmp_path / "nowhere") == {}
