"""Chip cryptograms: known answers, and what the vault does with them for the issuer."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.vault.vault_vectors import rows

from zhanggui.basics.secret import Pan
from zhanggui.vault import cryptogram
from zhanggui.vault.errors import CryptogramDataMissing, KeyMisuse
from zhanggui.vault.hsm import Hsm
from zhanggui.vault.keys import ChipMasterKeyBlock

EMV = rows("iso8583/emv")
PAN = "6217000000000000012"


def digits(text: str | None) -> str:
    """Some rows hold digits as hex of ASCII."""
    if text is None:
        return ""
    as_ascii = len(text) > 19 or (len(text) == 4 and text.startswith("3"))
    return bytes.fromhex(text).decode() if as_ascii else text


def of(row: dict[str, Any], name: str) -> bytes:
    return bytes.fromhex(row[name])


COMPUTE: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "derive_icc_mk_a": lambda row: cryptogram.derive_card_key(
        of(row, "iss_mk"), digits(row["pan"]), digits(row["psn"])
    ),
    "derive_common_sk": lambda row: cryptogram.derive_session_key(of(row, "icc_mk"), of(row, "r")),
    "generate_ac": lambda row: cryptogram.application_cryptogram(of(row, "sk_ac"), of(row, "data")),
    "generate_arpc_1": lambda row: cryptogram.response_cryptogram(
        of(row, "sk_ac"), of(row, "arqc"), of(row, "arpc_rc")
    ),
    "ARQC EMV CSKD pad80": lambda row: cryptogram.make_arqc(
        cryptogram.derive_card_key(of(row, "imk"), row["pan"], row["psn"]), int(row["atc"], 16), of(row, "txn_data")
    ),
    "ARPC M1 EMV CSKD": lambda row: cryptogram.response_cryptogram(
        cryptogram.session_key_of(
            cryptogram.derive_card_key(of(row, "imk"), row["pan"], row["psn"]), int(row["atc"], 16)
        ),
        of(row, "arqc"),
        of(row, "arc"),
    ),
}


@pytest.mark.parametrize("row", EMV, ids=lambda row: f"{row['row']}-{row['op']}")
def test_a_known_answer_holds(row: dict[str, Any]) -> None:
    assert COMPUTE[row["op"]](row).hex().upper() == row["result"]


@pytest.fixture
def chip_key(hsm: Hsm) -> ChipMasterKeyBlock:
    return hsm.new_chip_master_key()


@given(data=st.binary(min_size=1, max_size=60), counter=st.integers(0, cryptogram.COUNTER_MAX))
def test_what_a_card_asks_its_issuer_recognises_and_the_other_way_round(data: bytes, counter: int) -> None:
    card_key = cryptogram.derive_card_key(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"), PAN, "001")
    arqc = cryptogram.make_arqc(card_key, counter, data)
    assert cryptogram.verify_arqc(card_key, counter, data, arqc)
    assert not cryptogram.verify_arqc(card_key, counter, data + b"\0", arqc)
    assert not cryptogram.verify_arqc(card_key, counter ^ 1, data, arqc)
    arpc = cryptogram.make_arpc(card_key, counter, arqc, "00")
    assert cryptogram.verify_arpc(card_key, counter, arqc, "00", arpc)
    assert not cryptogram.verify_arpc(card_key, counter, arqc, "05", arpc)


def test_the_vault_recognises_its_own_cards_only(hsm: Hsm, chip_key: ChipMasterKeyBlock) -> None:
    card_key = hsm.issue_card_key(chip_key, Pan(PAN), "001")
    arqc = cryptogram.make_arqc(card_key, 7, b"data")
    assert hsm.verify_arqc(chip_key, Pan(PAN), "001", 7, b"data", arqc)
    assert not hsm.verify_arqc(chip_key, Pan(PAN), "002", 7, b"data", arqc)
    assert not hsm.verify_arqc(hsm.new_chip_master_key(), Pan(PAN), "001", 7, b"data", arqc)
    assert not hsm.verify_arqc(chip_key, Pan(PAN), "001", 7, b"data", b"")


def test_the_vaults_answer_convinces_the_card(hsm: Hsm, chip_key: ChipMasterKeyBlock) -> None:
    card_key = hsm.issue_card_key(chip_key, Pan(PAN), "001")
    arqc = cryptogram.make_arqc(card_key, 7, b"data")
    arpc = hsm.make_arpc(chip_key, Pan(PAN), "001", 7, arqc, "00")
    assert cryptogram.verify_arpc(card_key, 7, arqc, "00", arpc)


def test_the_issuers_key_never_leaves_and_serves_nothing_else(hsm: Hsm, chip_key: ChipMasterKeyBlock) -> None:
    with pytest.raises(KeyMisuse):
        hsm.export_block(chip_key, bytes(range(32)))
    with pytest.raises(KeyMisuse):
        hsm.issue_card_key(hsm.new_zone_pin_key(), Pan(PAN), "001")  # type: ignore[arg-type]


def test_missing_chip_data_is_named_by_its_tag() -> None:
    values = dict.fromkeys(cryptogram.ARQC_TAGS, b"\x01")
    assert cryptogram.arqc_data(values) == bytes.fromhex("01" * len(cryptogram.ARQC_TAGS))
    del values[0x9F37]
    with pytest.raises(CryptogramDataMissing, match="9F37"):
        cryptogram.arqc_data(values)


@pytest.mark.parametrize(
    ("pan", "sequence", "left"),
    [
        ("6217000000000000012", "001", "0000000000001201"),
        ("12345678901234", "", "1234567890123400"),
        ("123456789012", "7", "0012345678901207"),
    ],
)
def test_a_card_is_told_apart_by_the_last_sixteen_digits(pan: str, sequence: str, left: str) -> None:
    both = cryptogram.diversification(pan, sequence)
    assert both[:8].hex() == left
    assert all(a ^ b == 0xFF for a, b in zip(both[:8], both[8:], strict=True))
