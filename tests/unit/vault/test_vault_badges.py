"""Badges: the vault's keyed hash of a secret is the same from text and from a block, and of nothing else."""

import pytest
from tests.unit.vault.conftest import Ring

from zhanggui.basics.chance import SeededChance
from zhanggui.basics.secret import Secret
from zhanggui.vault.badge import BADGE_BYTES, badge_number, badge_secret, draw_badge, is_badge
from zhanggui.vault.errors import KeyMisuse
from zhanggui.vault.hsm import FINGERPRINT_BYTES, Hsm, KeySet
from zhanggui.vault.keys import KeyAlgorithm

OWNER, CONTEXT = b"102100058120001", b"10210005812000110000001000001000007"
BADGE = draw_badge(SeededChance(3))


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.TDES, KeyAlgorithm.SM4])
def test_a_block_has_the_mark_of_its_badge_in_its_own_message_and_shop_alone(
    algorithm: KeyAlgorithm, hsm: Hsm, ring: Ring
) -> None:
    pik = hsm.new_working_keys(hsm.new_terminal_master_key(algorithm), KeySet.DOUBLE).pin_key
    kept = hsm.make_badge_mark(ring.fingerprint, BADGE, OWNER)
    block = hsm.encrypt_badge(pik, BADGE, CONTEXT)
    assert (len(kept), len(block)) == (FINGERPRINT_BYTES, BADGE_BYTES)
    assert hsm.badge_mark(block, pik, ring.fingerprint, OWNER, CONTEXT) == kept
    others = [
        hsm.badge_mark(block, pik, ring.fingerprint, OWNER, CONTEXT[:-1] + b"8"),
        hsm.badge_mark(block, pik, ring.fingerprint, b"102100058120002", CONTEXT),
        hsm.badge_mark(block[:-1], pik, ring.fingerprint, OWNER, CONTEXT),
        hsm.badge_mark(b"", pik, ring.fingerprint, OWNER, CONTEXT),
        hsm.badge_mark(bytes(BADGE_BYTES), pik, ring.fingerprint, OWNER, CONTEXT),
        hsm.make_badge_mark(ring.fingerprint, draw_badge(SeededChance(4)), OWNER),
    ]
    assert kept not in others


def test_a_badge_never_leaves_as_itself_nor_twice_alike(hsm: Hsm, ring: Ring) -> None:
    secret = badge_secret(BADGE)
    blocks = {hsm.encrypt_badge(ring.pik, BADGE, CONTEXT + bytes((trace,))) for trace in range(32)}
    assert len(blocks) == 32
    assert all(secret[:8] not in block and secret[8:] not in block for block in blocks)


def test_only_a_pin_key_enciphers_a_badge(hsm: Hsm, ring: Ring) -> None:
    with pytest.raises(KeyMisuse):
        hsm.encrypt_badge(ring.mak, BADGE, CONTEXT)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["", "ZGB1", BADGE.reveal()[:-1], BADGE.reveal() + "A", BADGE.reveal().lower(), "6901234567892"]
)
def test_what_is_no_badge_is_told_without_its_text(text: str) -> None:
    assert not is_badge(text)
    with pytest.raises(ValueError, match=r"^this is no badge$"):
        badge_number(Secret(text))


def test_badges_are_made_by_chance_and_their_number_shows_nothing_of_the_secret() -> None:
    made = [draw_badge(SeededChance(seed)) for seed in range(200)]
    assert len({badge_number(badge) for badge in made}) == len({badge_secret(badge) for badge in made}) == 200
    assert all(badge_number(badge) == badge.reveal()[4:12] for badge in made)
