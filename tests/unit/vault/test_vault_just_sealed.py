"""A key that was sealed a moment ago is opened once without a cipher; nothing else about blocks changes."""

import pytest

from zhanggui.basics.chance import SeededChance
from zhanggui.vault.blocks import KeyWrapper
from zhanggui.vault.errors import KeyBlockRejected, KeyMisuse
from zhanggui.vault.keys import KeyAlgorithm, MacKeyBlock, PinKeyBlock
from zhanggui.vault.local import JUST_SEALED_MAX, LocalKeys

KEY = bytes.fromhex("8315C49B25C80DE5E9A1D60B4C7F3219")


@pytest.fixture
def local() -> LocalKeys:
    return LocalKeys(bytes(range(32)), SeededChance(1))


@pytest.fixture
def unwrapped(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The blocks that a cipher opened, in order."""
    texts: list[str] = []
    unwrap = KeyWrapper.unwrap

    def counting(wrapper: KeyWrapper, text: str) -> object:
        texts.append(text)
        return unwrap(wrapper, text)

    monkeypatch.setattr(KeyWrapper, "unwrap", counting)
    return texts


def test_the_first_opening_needs_no_cipher_and_the_second_finds_the_same_key(
    local: LocalKeys, unwrapped: list[str]
) -> None:
    block = local.seal(PinKeyBlock, KeyAlgorithm.TDES, KEY)
    assert local.open(block) == (KeyAlgorithm.TDES, KEY)
    assert unwrapped == []
    assert local.open(block) == (KeyAlgorithm.TDES, KEY)
    assert unwrapped == [block.text], "it was at hand once"


def test_a_key_at_hand_is_held_to_its_purpose_too(local: LocalKeys) -> None:
    block = local.seal(PinKeyBlock, KeyAlgorithm.TDES, KEY)
    with pytest.raises(KeyMisuse):
        local.open(MacKeyBlock(block.text))


def test_an_altered_block_is_not_at_hand(local: LocalKeys) -> None:
    text = local.seal(PinKeyBlock, KeyAlgorithm.TDES, KEY).text
    altered = text[:-1] + ("0" if text[-1] != "0" else "1")
    with pytest.raises(KeyBlockRejected):
        local.open(PinKeyBlock(altered))


def test_keys_at_hand_are_bounded_and_the_oldest_go(local: LocalKeys, unwrapped: list[str]) -> None:
    blocks = [local.seal(PinKeyBlock, KeyAlgorithm.TDES, KEY) for _ in range(JUST_SEALED_MAX + 5)]
    assert len(local._just_sealed) <= JUST_SEALED_MAX
    assert local.open(blocks[0]) == local.open(blocks[-1]) == (KeyAlgorithm.TDES, KEY)
    assert unwrapped == [blocks[0].text]
