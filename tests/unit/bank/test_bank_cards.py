"""The test cards: data that holds together, a page that is current, files for virtual readers."""

import json
import stat
from collections import Counter as Count
from pathlib import Path

import pytest
from tests.worlds.bank_client import bank_vault, set_up

from zhanggui.bank.card_page import reference_page
from zhanggui.bank.cards import TEST_CARDS, card_named
from zhanggui.bank.setup import export_cards
from zhanggui.cup.response_codes import RESPONSE_CODES

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "test-cards.md"


def luhn_fits(pan: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(pan))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def test_the_first_card_is_the_one_that_everybody_knows() -> None:
    card = TEST_CARDS[0]
    assert (card.pan, card.expiry_yymm, card.pin) == ("6217000000000000012", "4912", "123456")
    assert (card.balance_fen, card.chip, card.single_limit_fen) == (100_000_00, True, None)
    assert not card.track_checked


def test_there_is_a_card_for_each_outcome() -> None:
    outcomes = {card.outcome for card in TEST_CARDS}
    assert outcomes == {"00", "41", "43", "51", "54", "57", "61", "62", "75", "slow", "silent", "silent_after_posting"}
    assert {outcome for outcome in outcomes if len(outcome) == 2} <= RESPONSE_CODES.keys()


def test_cards_are_told_apart_and_well_made() -> None:
    for values in ([card.id for card in TEST_CARDS], [card.pan for card in TEST_CARDS]):
        assert Count(values).most_common(1)[0][1] == 1
    for card in TEST_CARDS:
        assert luhn_fits(card.pan), card.id
        assert len(card.pan) == 19
        assert len(card.track2) <= 37
        assert all((card.label_zh, card.label_en, card.hint_zh, card.hint_en))


def test_the_reference_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference_page(), (
        "write zhanggui.bank.card_page.reference_page() to docs/reference/test-cards.md"
    )


@pytest.mark.parametrize("card", TEST_CARDS, ids=lambda card: card.id)
def test_the_representation_of_a_card_shows_no_number(card: object) -> None:
    assert "6217000000000" not in repr(card)


def test_card_files_hold_what_is_on_the_plastic(tmp_path: Path) -> None:
    set_up(tmp_path)
    hsm = bank_vault()
    paths = export_cards(tmp_path, hsm, tmp_path / "cards")
    files = {content["id"]: content for content in (json.loads(path.read_text("utf-8")) for path in paths)}
    assert list(files) == [card.id for card in TEST_CARDS]
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    main, stripe = files["main"], files["stripe"]
    assert main["track2"] == "6217000000000000012=49122200000000000"
    assert len(bytes.fromhex(main["chip"]["key"])) == 16
    assert main["chip"]["atc_start"] == 1
    assert stripe["chip"] is None
    assert stripe["service_code"] == "120"
    assert len({content["chip"]["key"] for content in files.values() if content["chip"]}) == len(files) - 1
    assert export_cards(tmp_path, hsm, tmp_path / "cards") == paths


def test_a_card_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(KeyError):
        card_named("gold")
