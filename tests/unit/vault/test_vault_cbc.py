"""CBC on kept contexts says the same as the library's own, whatever went through before."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from zhanggui.vault.ciphers import Cbc

BLOCK = st.binary(min_size=16, max_size=16)
TEXTS = st.lists(
    st.tuples(BLOCK, st.integers(1, 4).flatmap(lambda blocks: st.binary(min_size=16 * blocks, max_size=16 * blocks)))
)


@given(key=st.binary(min_size=32, max_size=32), texts=TEXTS)
def test_each_text_comes_out_as_from_a_fresh_context(key: bytes, texts: list[tuple[bytes, bytes]]) -> None:
    kept = Cbc(algorithms.AES(key))
    for iv, clear in texts:
        fresh = Cipher(algorithms.AES(key), modes.CBC(iv))
        sealed = fresh.encryptor().update(clear)
        assert kept.encrypt(iv, clear) == sealed
        assert kept.decrypt(iv, sealed) == clear
        assert kept.decrypt(iv, clear) == fresh.decryptor().update(clear)


def test_it_does_not_show_its_key() -> None:
    assert repr(Cbc(algorithms.AES(bytes(32)))) == "Cbc(••••)"
