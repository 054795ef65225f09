"""What every card reader and every printer keeps to. A real make joins by one more entry."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.worlds.running_terminal import write_cards
from tests.worlds.shell_makes import CARD, MASKED, MORNING, slip, slip_words

from zhanggui.basics.errors import Misuse
from zhanggui.basics.numbers import UnixMs
from zhanggui.basics.secret import Pan
from zhanggui.terminal.devices.card_reader import VirtualCardReader
from zhanggui.terminal.devices.chip import virtual_chip
from zhanggui.terminal.devices.ports import CardInHand, CardUnread, Printer
from zhanggui.terminal.devices.printer import ElectronicSlips, SlipArchive, VirtualPrinter

Card = CardInHand | CardUnread

PRINTERS: dict[str, Callable[[Path], Printer]] = {
    "virtual": lambda folder: VirtualPrinter(SlipArchive(folder, slip_words)),
    "electronic": lambda folder: ElectronicSlips(SlipArchive(folder, slip_words)),
}


@pytest.fixture(params=list(PRINTERS))
def printer(request: pytest.FixtureRequest, tmp_path: Path) -> Printer:
    return PRINTERS[request.param](tmp_path)


async def test_a_printed_slip_can_be_found_again_and_again(printer: Printer) -> None:
    await printer.print(slip(), MORNING)

    assert printer.find("000012-merchant") == slip()
    assert printer.signature("000012-merchant") == ()


async def test_of_two_slips_with_one_name_the_newer_is_found(printer: Printer) -> None:
    newer = slip(electronic=True)
    await printer.print(slip(), MORNING)
    await printer.print(newer, UnixMs(MORNING + 1000))

    assert printer.find("000012-merchant") == newer


async def test_a_signature_stays_with_its_slip(printer: Printer) -> None:
    await printer.print(slip(), MORNING, (((1, 2),),))

    assert printer.signature("000012-merchant") == (((1, 2),),)


async def test_slips_survive_a_restart(tmp_path: Path) -> None:
    await PRINTERS["virtual"](tmp_path).print(slip("000012-merchant-again"), MORNING)

    assert PRINTERS["virtual"](tmp_path).find("000012-merchant-again").id == "000012-merchant-again"
    text = (tmp_path / "20261123-085503-000012-merchant-again.txt").read_text()
    assert "POS签购单" in text


@pytest.mark.parametrize("name", ["000099-merchant", "../000012-merchant", "000012", "", "000012-*"])
async def test_a_slip_that_is_not_there_is_told_in_words(printer: Printer, name: str) -> None:
    await printer.print(slip(), MORNING)

    with pytest.raises(Misuse):
        printer.find(name)


# ── reader ───────────────────────────────────────────────────────────────────


@pytest.fixture
def reader(tmp_path: Path) -> VirtualCardReader:
    write_cards(tmp_path)
    return VirtualCardReader(tmp_path, lambda card: virtual_chip(tmp_path, card))


def test_an_open_reader_hands_over_one_card(reader: VirtualCardReader) -> None:
    seen: list[Card] = []
    reader.open(("swipe", "insert", "tap"), seen.append)
    reader.present("chip", "insert")
    reader.present("stripe", "swipe")

    (card,) = seen
    assert isinstance(card, CardInHand)
    assert (card.pan, card.way, card.sequence, card.has_chip) == (Pan(CARD), "insert", "001", True)
    assert card.chip is not None
    assert card.track2 is not None


def test_a_closed_reader_and_an_unwanted_way_notice_nothing(reader: VirtualCardReader) -> None:
    seen: list[Card] = []
    reader.present("chip", "insert")
    reader.open(("tap",), seen.append)
    reader.present("chip", "insert")
    reader.close()
    reader.close()
    reader.present("chip", "tap")

    assert seen == []


def test_opening_again_replaces_what_was_awaited(reader: VirtualCardReader) -> None:
    first: list[Card] = []
    second: list[Card] = []
    reader.open(("tap",), first.append)
    reader.open(("swipe",), second.append)
    reader.present("chip", "swipe")

    assert first == []
    (card,) = second
    assert isinstance(card, CardInHand)
    assert (card.chip, card.sequence, card.has_chip) == (None, "", True), "a swiped chip card shows its stripe alone"


def test_what_can_not_be_read_is_told(reader: VirtualCardReader) -> None:
    seen: list[Card] = []
    reader.open(("insert",), seen.append)
    reader.present("stripe", "insert")
    reader.set_state("fail")
    reader.open(("swipe",), seen.append)
    reader.present("stripe", "swipe")

    assert seen == [CardUnread("card.no_chip"), CardUnread("card.unreadable")]


def test_a_card_in_hand_shows_only_its_mask(reader: VirtualCardReader) -> None:
    seen: list[Card] = []
    reader.open(("insert",), seen.append)
    reader.present("chip", "insert")

    assert CARD not in repr(seen)
    assert MASKED in repr(seen)
    assert CARD not in repr(reader.cards())
    assert [face.masked_pan for face in reader.cards()] == [MASKED, "621700*********0020"]
