"""Every known answer that concerns keys, check values, MACs, PIN blocks and tracks."""

import json
import re
from typing import Any

import pytest
from tests.unit.vault.vault_vectors import VECTORS, row_id, rows

from zhanggui.basics.secret import Pan, Secret
from zhanggui.vault.check_value import check_value
from zhanggui.vault.ciphers import ecb_decryptor, ecb_encryptor
from zhanggui.vault.hsm import Hsm, KeySet
from zhanggui.vault.keys import KeyAlgorithm
from zhanggui.vault.mac import MacAlgorithm, mac_function
from zhanggui.vault.pinblock import clear_block, digits_of, pan_part
from zhanggui.vault.track import window_of

KEYS = rows("cup/keys")
SIGN_INS = [row for row in KEYS if {"PIK", "MAK"} <= {key["name"] for key in row["keys"] if key.get("kcv_published")}]
SIGN_INS = [row for row in SIGN_INS if "tmk" in row]


def des_family(key: bytes) -> KeyAlgorithm:
    return KeyAlgorithm.DES if len(key) == 8 else KeyAlgorithm.TDES


def master_keys(row: dict[str, Any]) -> list[bytes]:
    """The master key of a row; one row says that single and doubled are the same."""
    key = bytes.fromhex(re.match(r"[0-9A-F]+", row["tmk"])[0])  # type: ignore[index]
    return [key, key * 2] if len(key) == 8 else [key]


@pytest.mark.parametrize("row", KEYS, ids=row_id)
def test_working_keys_open_and_fit_their_check_values(row: dict[str, Any]) -> None:
    for key in row["keys"]:
        clear = bytes.fromhex(key["clear"])
        for tmk in master_keys(row) if "tmk" in row else []:
            sealed = bytes.fromhex(key["cipher_under_tmk"])
            assert ecb_decryptor(des_family(tmk), tmk).update(sealed) == clear
            assert ecb_encryptor(des_family(tmk), tmk).update(clear) == sealed
        for published in (key.get("kcv_published"), key.get("kcv_computed_8bytes", "")[:8]):
            if published:
                assert check_value(des_family(clear), clear).hex().upper() == published


@pytest.mark.parametrize("row", SIGN_INS, ids=row_id)
def test_a_recorded_field_62_loads(row: dict[str, Any], hsm: Hsm) -> None:
    parts = [
        bytes.fromhex(key["cipher_under_tmk"]).ljust(16, b"\0") + bytes.fromhex(key["kcv_published"])
        for key in row["keys"]
    ]
    key_set = {2: KeySet.DOUBLE, 3: KeySet.DOUBLE_TRACK}[len(parts)]
    tmk = hsm.import_terminal_master_key(master_keys(row)[0], allow_test_keys=True)
    loaded = hsm.load_working_keys(tmk, b"".join(parts), key_set)
    assert hsm.check_value(loaded.pin_key).hex().upper() == row["keys"][0]["kcv_published"]
    assert hsm.check_value(loaded.mac_key).hex().upper() == row["keys"][1]["kcv_published"]
    assert (loaded.track_key is None) == (key_set is KeySet.DOUBLE)


def test_recorded_field_62_rows_are_there() -> None:
    assert [row["id"] for row in SIGN_INS] == ["k-ums", "k-ajsgn2", "k-epoint", "k-wear"]


@pytest.mark.parametrize("row", [row for row in rows("iso8583/kcv") if "TDES" in row["method"]], ids=row_id)
def test_check_values_of_other_makers(row: dict[str, Any]) -> None:
    key = bytes.fromhex(row.get("combined") or row["key"])
    assert check_value(des_family(key), key).hex().upper().startswith(row["kcv"])


@pytest.mark.parametrize("row", rows("cup/mac"), ids=row_id)
def test_recorded_macs(row: dict[str, Any]) -> None:
    key = bytes.fromhex(row.get("mak") or row["key"])
    data = bytes.fromhex(row.get("mab") or row["data"])
    algorithm = MacAlgorithm.UNIONPAY_ECB if "mak" in row else MacAlgorithm.X9_19_HEX
    assert mac_function(algorithm, des_family(key), key)(data).hex().upper() == row["field64_hex"]


MACS = [row for row in rows("iso8583/mac") if not row["op"].startswith("pad")]


def padded(data: bytes, method: int) -> bytes:
    """The paddings of ISO/IEC 9797-1 that our messages do not use, done here before the MAC."""
    if method == 2:
        data += b"\x80"
    zeros = data + bytes(-len(data) % 8)
    return (len(data) * 8).to_bytes(8, "big") + zeros if method == 3 else zeros


@pytest.mark.parametrize("row", MACS, ids=lambda row: f"{row['op']}-{row['padding']}-{row['length']}")
def test_iso_9797_macs(row: dict[str, Any]) -> None:
    if row["op"] == "generate_cbc_mac":
        algorithm, key = MacAlgorithm.X9_9, bytes.fromhex(row["key"])
    else:
        # The two keys of the retail rows are single DES keys; where they are written double, both halves are equal.
        algorithm, key = MacAlgorithm.X9_19, bytes.fromhex(row["key1"])[:8] + bytes.fromhex(row["key2"])[:8]
    mac = mac_function(algorithm, KeyAlgorithm.TDES, key)(padded(bytes.fromhex(row["data"]), row["padding"]))
    assert mac[: row["length"]].hex().upper() == row["result"]


@pytest.mark.parametrize("row", rows("cup/pinblock"), ids=row_id)
def test_published_pin_blocks(row: dict[str, Any]) -> None:
    part = pan_part(Pan(row["pan"])) if row["pan"] else None
    block = clear_block(Secret(row["pin"]), part)
    assert block.hex().upper() == row["clear_block"]
    assert digits_of(block, part) == Secret(row["pin"])


ISO_0 = [row for row in rows("iso8583/pin_blocks") if "iso_0" in row["op"]]


@pytest.mark.parametrize("row", ISO_0, ids=row_id)
def test_iso_format_0_pin_blocks(row: dict[str, Any]) -> None:
    part = pan_part(Pan(row["pan"]))
    if row["op"].startswith("encode"):
        assert clear_block(Secret(row["pin"]), part).hex().upper() == row["result"]
    else:
        assert digits_of(bytes.fromhex(row["pinblock"]), part) == Secret(row["result"])


def test_a_pin_block_of_another_maker_under_a_double_length_key() -> None:
    (row,) = [row for row in rows("iso8583/pin_blocks") if row["op"].startswith("encrypted ISO-0")]
    cipher = ecb_encryptor(KeyAlgorithm.TDES, bytes.fromhex(row["key"]))
    assert cipher.update(clear_block(Secret(row["pin"]), pan_part(Pan(row["pan"])))).hex().upper() == row["result"]


def test_the_published_track_window() -> None:
    held = json.loads((VECTORS / "cup/track_and_esign.json").read_text(encoding="utf-8"))["track"]
    assert held
    for row in held:
        assert row["track2"][window_of(row["track2"])] == row["tdb_published"]
