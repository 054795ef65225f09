"""TR-31 blocks, version D, against published blocks and against psec."""

from typing import Any

import psec
import pytest
from tests.unit.vault.vault_vectors import rows

from zhanggui.basics.chance import SeededChance
from zhanggui.vault.blocks import TEXT_CHARACTERS_MAX, BlockHeader, KeyWrapper
from zhanggui.vault.errors import KeyBlockRejected

KEY = bytes(range(100, 132))
PIK = BlockHeader("P0", "T", "B", "N", (("LB", "PIK"),))
SYMMETRIC_D = [row for row in rows("iso8583/tr31") if row["key_block"][0] == "D" and row["key_block"][7] in "AT"]


def wrapped(key: bytes = bytes(range(16)), header: BlockHeader = PIK) -> str:
    return KeyWrapper(KEY).wrap(header, key, SeededChance(7))


def test_the_published_blocks_are_there() -> None:
    assert len(SYMMETRIC_D) >= 6


@pytest.mark.parametrize("row", SYMMETRIC_D, ids=lambda row: row["key_block"][:16])
def test_a_published_block_opens(row: dict[str, Any]) -> None:
    header, key = KeyWrapper(bytes.fromhex(row["kbpk"])).unwrap(row["key_block"])
    assert key.hex().upper() == row["key"]
    assert header.usage == row["key_block"][5:7]


@pytest.mark.parametrize("protection", [16, 24, 32])
@pytest.mark.parametrize("length", [8, 16, 24])
def test_psec_opens_our_blocks(protection: int, length: int) -> None:
    key = bytes(range(50, 50 + length))
    text = KeyWrapper(KEY[:protection]).wrap(PIK, key, SeededChance(length))
    header, found = psec.tr31.unwrap(KEY[:protection], text)
    assert found == key
    assert (header.key_usage, header.algorithm, header.mode_of_use, header.exportability) == ("P0", "T", "B", "N")
    assert header.blocks["LB"] == "PIK"


@pytest.mark.parametrize("header", ["D0000P0TB00N0000", "D0000V0HC00N0000", "D0000K04B00E0000", "D0000M3TC12S0000"])
@pytest.mark.parametrize("length", [8, 16, 24])
def test_we_open_the_blocks_of_psec(header: str, length: int) -> None:
    key = bytes(range(50, 50 + length))
    found, opened = KeyWrapper(KEY).unwrap(psec.tr31.wrap(KEY, header, key))
    assert opened == key
    assert f"{found.usage}{found.algorithm}{found.mode}{found.version_number}{found.exportability}" == header[5:12]
    assert found.optional == ()
    assert found.label is None


def test_optional_blocks_of_other_makers_are_read() -> None:
    header = psec.tr31.Header("D", "P0", "T", "E", "00", "N")
    header.blocks["KS"] = "00604B120F9292800000"
    header.blocks["LB"] = "till"
    found, _ = KeyWrapper(KEY).unwrap(psec.tr31.KeyBlock(KEY, header).wrap(bytes(16)))
    assert found.optional == (("KS", "00604B120F9292800000"), ("LB", "till"))
    assert found.label == "till"


def test_the_block_does_not_tell_how_long_the_key_is() -> None:
    assert len({len(wrapped(bytes(length))) for length in (8, 16, 24)}) == 1


def test_the_same_key_is_sealed_differently_each_time() -> None:
    chance = SeededChance(1)
    assert KeyWrapper(KEY).wrap(PIK, bytes(16), chance) != KeyWrapper(KEY).wrap(PIK, bytes(16), chance)


def test_every_altered_character_is_noticed() -> None:
    text = wrapped()
    for at, character in enumerate(text):
        other = "1" if character != "1" else "0"
        with pytest.raises(KeyBlockRejected):
            KeyWrapper(KEY).unwrap(text[:at] + other + text[at + 1 :])


def test_a_block_under_another_key_is_refused() -> None:
    with pytest.raises(KeyBlockRejected, match="MAC does not fit"):
        KeyWrapper(bytes(32)).unwrap(wrapped())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "0 characters"),
        ("D0016P0TB00N0000", "position 16"),
        ("D" * (TEXT_CHARACTERS_MAX + 1), "4097 characters"),
        ("D0128ｐ" + "0" * 122, "ASCII"),
        ("A" + wrapped()[1:], "version is not D"),
        (wrapped()[:-2], "length it states"),
        (wrapped()[:12] + "XX" + wrapped()[14:], "positions 5 to 15"),
        (wrapped()[:5] + "p0" + wrapped()[7:], "positions 5 to 15"),
        (wrapped()[:12] + "99" + wrapped()[14:], "optional block"),
        (wrapped()[:18] + "00" + wrapped()[20:], "impossible or extended"),
        (wrapped()[:18] + "ZZ" + wrapped()[20:], "two hexadecimal digits"),
        (wrapped()[:23] + "LB" + wrapped()[25:], "stands in it twice"),
        (wrapped()[:40] + wrapped()[40:].lower(), "upper-case hexadecimal"),
    ],
)
def test_a_malformed_block_is_refused_with_the_place(text: str, why: str) -> None:
    with pytest.raises(KeyBlockRejected, match=why):
        KeyWrapper(KEY).unwrap(text)


def test_a_rejection_does_not_quote_the_block() -> None:
    text = wrapped()
    with pytest.raises(KeyBlockRejected) as caught:
        KeyWrapper(KEY).unwrap(text[:-1] + ("0" if text[-1] != "0" else "1"))
    assert text[40:60] not in str(caught.value)


def test_keys_of_impossible_length_are_not_wrapped() -> None:
    for key in (b"", bytes(25)):
        with pytest.raises(ValueError, match="1 to 24 bytes"):
            wrapped(key)
    with pytest.raises(ValueError, match="16, 24 or 32"):
        KeyWrapper(bytes(20))
