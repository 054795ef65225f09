"""One purpose, one key: every other use is refused, by the type checker and again at run time."""

import copy
import pickle
from collections.abc import Callable
from itertools import permutations

import pytest
from tests.unit.vault.conftest import Ring

from zhanggui.basics.chance import SeededChance
from zhanggui.basics.secret import Pan, Secret
from zhanggui.vault.ciphers import KeyedHash, ecb_encryptor
from zhanggui.vault.contexts import ContextCache
from zhanggui.vault.errors import KeyBlockRejected, KeyMisuse
from zhanggui.vault.hsm import Hsm, KeySet
from zhanggui.vault.keys import (
    PURPOSES,
    KeyAlgorithm,
    KeyBlock,
    MacKeyBlock,
    PinKeyBlock,
    VerifierKeyBlock,
    ZoneMacKeyBlock,
    ZonePinKeyBlock,
)
from zhanggui.vault.local import LocalKeys
from zhanggui.vault.mac import MacAlgorithm
from zhanggui.vault.pinblock import PasswordAccount
from zhanggui.vault.software import SoftwareHsm

MAC_KINDS = {MacKeyBlock, ZoneMacKeyBlock}
"""Both authenticate messages, so one operation takes both; relabelling one as the other is refused."""
PAIRS = [pytest.param(a, b, id=f"{a.__name__}-as-{b.__name__}") for a, b in permutations(PURPOSES, 2)]


def of(ring: Ring, kind: type[KeyBlock]) -> KeyBlock:
    return next(block for block in ring.all() if type(block) is kind)


def uses(
    hsm: Hsm, ring: Ring, pan: Pan, account: PasswordAccount
) -> dict[type[KeyBlock], list[Callable[[KeyBlock], object]]]:
    """Every operation that takes a key, by the purpose it takes."""
    zeros = bytes(8)
    reference = hsm.make_pin_reference(ring.verifier, pan, Secret("123456"))
    ecb = MacAlgorithm.UNIONPAY_ECB
    # The blocks go in untyped on purpose: the type checker would refuse them.
    h: Callable[..., Callable[..., object]] = lambda name: getattr(hsm, name)  # noqa: E731
    by_name: dict[str, list[Callable[[KeyBlock], object]]] = {
        "tmk": [
            lambda key: h("new_working_keys")(key, KeySet.DOUBLE),
            lambda key: h("load_working_keys")(key, bytes(40), KeySet.DOUBLE),
            lambda key: h("working_keys_again")(key, KeySet.DOUBLE, ring.pik, ring.mak, None),
        ],
        "pik": [
            lambda key: h("encrypt_pin")(key, Secret("1234"), pan),
            lambda key: h("translate_pin")(zeros, key, ring.zone_pin),
            lambda key: h("encrypt_password")(key, Secret("0000"), account),
            lambda key: h("verify_password")(zeros, key, ring.verifier, zeros, zeros, account),
            lambda key: h("working_keys_again")(ring.tmk, KeySet.DOUBLE, key, ring.mak, None),
        ],
        "mak": [
            lambda key: h("mac")(key, ecb, b"x"),
            lambda key: h("verify_mac")(key, ecb, b"x", zeros),
        ],
        "tdk": [
            lambda key: h("working_keys_again")(ring.tmk, KeySet.DOUBLE_TRACK, ring.pik, ring.mak, key),
            lambda key: h("encrypt_track")(key, "6217000000000000012D4912"),
            lambda key: h("decrypt_track")(key, "6217000000000000012D4912"),
        ],
        "zone_pin": [
            lambda key: h("translate_pin")(zeros, ring.pik, key),
            lambda key: h("verify_pin")(zeros, key, pan, reference, verifier_key=ring.verifier),
        ],
        "zone_mac": [],
        "verifier": [
            lambda key: h("make_verifier")(key, zeros, account, Secret("0000")),
            lambda key: h("verify_password")(zeros, ring.pik, key, zeros, zeros, account),
            lambda key: h("make_pin_reference")(key, pan, Secret("1234")),
        ],
        "fingerprint": [lambda key: h("fingerprint")(key, b"x")],
        "chip": [
            lambda key: h("issue_card_key")(key, pan, "00"),
            lambda key: h("verify_arqc")(key, pan, "00", 1, b"x", zeros),
            lambda key: h("make_arpc")(key, pan, "00", 1, zeros, "00"),
        ],
        "chip_script": [
            lambda key: h("issue_script_key")(key, pan, "00"),
            lambda key: h("make_script_mac")(key, pan, "00", 1, zeros, bytes.fromhex("841E000004")),
        ],
        "code": [
            lambda key: h("code_secret")(key),
            lambda key: h("check_code")(key, "000000", 0, digits=6, steps_back=1),
        ],
        "wallet": [
            lambda key: h("prove")(key, b"x"),
            lambda key: h("is_proven")(key, b"x", bytes(32)),
        ],
        "signing": [
            lambda key: h("sign")(key, b"x"),
            lambda key: h("public_key")(key),
        ],
    }
    return {type(getattr(ring, name)): taken for name, taken in by_name.items()}


@pytest.mark.parametrize(("held", "wanted"), [pair for pair in PAIRS if set(pair.values) != MAC_KINDS])
def test_a_key_of_one_purpose_does_no_work_of_another(
    held: type[KeyBlock], wanted: type[KeyBlock], hsm: Hsm, ring: Ring, pan: Pan, account: PasswordAccount
) -> None:
    for use in uses(hsm, ring, pan, account)[wanted]:
        with pytest.raises(KeyMisuse, match=held.__name__):
            use(of(ring, held))


@pytest.mark.parametrize(("held", "wanted"), PAIRS)
def test_a_block_relabelled_in_python_is_refused(
    held: type[KeyBlock], wanted: type[KeyBlock], hsm: Hsm, ring: Ring
) -> None:
    with pytest.raises(KeyMisuse, match="another purpose"):
        hsm.check_value(wanted(of(ring, held).text))


@pytest.mark.parametrize(("held", "wanted"), PAIRS)
def test_a_block_relabelled_in_its_header_is_refused(
    held: type[KeyBlock], wanted: type[KeyBlock], hsm: Hsm, ring: Ring
) -> None:
    body = of(ring, held).text[32:]
    head = of(ring, wanted).text[:32]
    forged = head[0] + f"{len(head + body):04d}" + head[5:] + body
    with pytest.raises(KeyBlockRejected, match="MAC does not fit"):
        hsm.check_value(wanted(forged))


def test_the_type_checker_refuses_another_purpose(hsm: Hsm, ring: Ring, pan: Pan) -> None:
    # mypy reports an ignore that is not needed, so these lines prove that it sees the misuse.
    with pytest.raises(KeyMisuse):
        hsm.mac(ring.pik, MacAlgorithm.X9_19, b"")  # type: ignore[arg-type]
    with pytest.raises(KeyMisuse):
        hsm.encrypt_pin(ring.zone_pin, Secret("1234"), pan)  # type: ignore[arg-type]
    with pytest.raises(KeyMisuse):
        hsm.fingerprint(ring.verifier, b"")  # type: ignore[arg-type]


def test_a_block_of_another_vault_is_refused(ring: Ring) -> None:
    stranger = SoftwareHsm(bytes(32), SeededChance(1))
    for block in ring.all():
        with pytest.raises(KeyBlockRejected):
            stranger.check_value(block)


def test_a_block_shows_its_check_value_only(ring: Ring, hsm: Hsm) -> None:
    for block in ring.all():
        shown = f"{type(block).__name__}(check_value={hsm.check_value(block).hex().upper()})"
        assert repr(block) == str(block) == shown
        assert repr(type(block)(block.text)) == f"{type(block).__name__}(check_value=unknown)"


def test_a_block_read_back_from_text_is_the_same_key(ring: Ring) -> None:
    for block in ring.all():
        assert type(block)(block.text) == block
    relabelled: KeyBlock = ZonePinKeyBlock(ring.pik.text)
    assert relabelled != ring.pik


def test_nothing_that_holds_a_key_is_pickled_copied_or_shown(hsm: Hsm, ring: Ring) -> None:
    key = bytes.fromhex("46B0AA84C9AB2CC87FBD7C736E515C06")
    holders = [
        *ring.all(),
        hsm,
        ecb_encryptor(KeyAlgorithm.TDES, key),
        KeyedHash(key),
        LocalKeys(key * 2, SeededChance(1)),
    ]
    for holder in holders:
        with pytest.raises(TypeError):
            pickle.dumps(holder)
        with pytest.raises(TypeError):
            copy.deepcopy(holder)
        assert key.hex() not in repr(holder).lower()


def test_a_block_can_not_be_changed(ring: Ring) -> None:
    with pytest.raises(AttributeError):
        ring.pik.text = ring.mak.text  # type: ignore[misc]


def test_the_context_that_was_made_first_is_dropped_first_and_made_again_when_it_is_used(ring: Ring) -> None:
    opened: list[str] = []

    def open_block(block: KeyBlock) -> tuple[KeyAlgorithm, bytes]:
        opened.append(block.text)
        return KeyAlgorithm.DES, b"12345678"

    cache = ContextCache((PinKeyBlock,), open_block, ecb_encryptor, size_max=2)
    for text in ("a", "b", "a", "c", "b", "a"):
        cache.get(PinKeyBlock(text))
    assert opened == ["a", "b", "c", "a"]
    assert len(cache) == 2


def test_a_keyed_hash_key_enciphers_nothing_and_the_other_way_round() -> None:
    local = LocalKeys(bytes(32), SeededChance(1))
    with pytest.raises(KeyMisuse):
        local.seal(PinKeyBlock, KeyAlgorithm.HMAC, bytes(32))
    with pytest.raises(KeyMisuse):
        local.seal(VerifierKeyBlock, KeyAlgorithm.TDES, bytes(16))
    with pytest.raises(KeyMisuse, match="8 bytes, not 16"):
        local.seal(PinKeyBlock, KeyAlgorithm.DES, bytes(16))
    with pytest.raises(KeyMisuse):
        ecb_encryptor(KeyAlgorithm.HMAC, bytes(32))
