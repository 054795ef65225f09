"""Setting a bank up: one transaction, keys of its own, the zone keys, and what is refused."""

import sqlite3
import stat
from pathlib import Path

import pytest
from tests.worlds.bank_client import TRANSPORT_KEY, FixedClock, bank_vault, set_up

from zhanggui.bank import queries
from zhanggui.bank.cards import TEST_CARDS
from zhanggui.bank.schema import database_path
from zhanggui.bank.server import Bank
from zhanggui.bank.setup import accept_zone_keys, bank_exists, create_bank, key_path, open_vault, reset_pin_tries
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.errors import Misuse
from zhanggui.basics.secret import Secret
from zhanggui.vault.errors import KeyBlockRejected, WrongPassphrase
from zhanggui.vault.software import SoftwareHsm

MAIN = TEST_CARDS[0].pan


def test_a_new_bank_holds_what_was_paid_in(tmp_path: Path) -> None:
    assert not bank_exists(tmp_path)
    set_up(tmp_path)
    assert bank_exists(tmp_path)
    assert queries.differences(tmp_path) == []
    for card in TEST_CARDS:
        assert queries.balance(tmp_path, bank_vault(), card.pan) == card.balance_fen


def test_no_card_number_pin_or_track_is_in_the_file(tmp_path: Path) -> None:
    set_up(tmp_path)
    content = database_path(tmp_path).read_bytes()
    for card in TEST_CARDS:
        for secret in (card.pan, card.track2, card.pin):
            assert secret.encode() not in content
        assert bytes.fromhex(card.pan + "0") not in content
        assert bytes.fromhex("0" + card.pan) not in content


def test_a_bank_is_never_overwritten(tmp_path: Path) -> None:
    set_up(tmp_path)
    with pytest.raises(Misuse, match="not overwritten"):
        create_bank(tmp_path, bank_vault())


def test_a_set_up_that_was_cut_off_begins_again(tmp_path: Path) -> None:
    (tmp_path / "bank.draft").write_bytes(b"half a file")
    set_up(tmp_path)
    assert queries.balance(tmp_path, bank_vault(), MAIN) == 100_000_00


def test_the_vaults_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    passphrase = Secret("correct horse")
    create_bank(tmp_path, open_vault(tmp_path, passphrase, SeededChance(1)))
    assert stat.S_IMODE(key_path(tmp_path).stat().st_mode) == 0o600
    again = open_vault(tmp_path, passphrase, SeededChance(2))
    assert queries.balance(tmp_path, again, MAIN) == 100_000_00
    with pytest.raises(WrongPassphrase):
        open_vault(tmp_path, Secret("wrong horse"), SeededChance(3))


def test_a_bank_without_zone_keys_does_not_start(tmp_path: Path) -> None:
    create_bank(tmp_path, bank_vault())
    with pytest.raises(Misuse, match="zone"):
        Bank(tmp_path, bank_vault(), FixedClock())


def test_another_vault_is_refused_at_once(tmp_path: Path) -> None:
    set_up(tmp_path)
    with pytest.raises(KeyBlockRejected):
        Bank(tmp_path, SoftwareHsm(bytes(range(1, 33)), SeededChance(1)), FixedClock())


def test_zone_keys_come_as_what_they_are_or_not_at_all(tmp_path: Path) -> None:
    set_up(tmp_path)
    before = database_path(tmp_path).read_bytes()
    host = SoftwareHsm(bytes(range(64, 96)), SeededChance(9))
    pin_text = host.export_block(host.new_zone_pin_key(), TRANSPORT_KEY)
    mac_text = host.export_block(host.new_zone_mac_key(), TRANSPORT_KEY)
    for texts in ((mac_text, pin_text), (pin_text, pin_text), (pin_text, mac_text[:-1] + "0")):
        with pytest.raises(KeyBlockRejected):
            accept_zone_keys(tmp_path, bank_vault(), *texts, TRANSPORT_KEY)
    assert database_path(tmp_path).read_bytes() == before


def test_no_bank_no_answer(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="there is no bank"):
        queries.balance(tmp_path, bank_vault(), MAIN)


def test_a_card_that_the_bank_does_not_have(tmp_path: Path) -> None:
    set_up(tmp_path)
    with pytest.raises(Misuse, match="no card"):
        queries.balance(tmp_path, bank_vault(), "6217000000009999999")
    with pytest.raises(Misuse, match="no card"):
        reset_pin_tries(tmp_path, bank_vault(), "6217000000009999999")


def test_a_file_of_another_version_is_not_touched(tmp_path: Path) -> None:
    set_up(tmp_path)
    with sqlite3.connect(database_path(tmp_path)) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(Misuse, match="version 99"):
        Bank(tmp_path, bank_vault(), FixedClock())


def test_books_that_do_not_agree_are_named(tmp_path: Path) -> None:
    set_up(tmp_path)
    with sqlite3.connect(database_path(tmp_path)) as connection:
        connection.execute("UPDATE accounts SET balance_fen = balance_fen + 1 WHERE account_no = 'card-main'")
        connection.execute("INSERT INTO postings VALUES (1, 'x', 'sale', 'card-slow', 'card-lost', 5, 0)")
    connection.close()
    wrong = queries.differences(tmp_path)
    assert any("card-main" in line for line in wrong)
    assert any("all accounts" in line for line in wrong)
