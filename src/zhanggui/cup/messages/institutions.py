"""Field 44: the names of issuer and acquirer, eleven bytes of GB18030 each."""

from functools import lru_cache

INSTITUTION_BYTES = 11
INSTITUTIONS_KEPT = 1_024
"""Names as field 44 has them: some hundred banks issue cards, and each answer names one of them."""


@lru_cache(maxsize=INSTITUTIONS_KEPT)
def write_institution(name: str) -> str:
    """Half of field 44: eleven bytes, blank padded (a Chinese character takes two)."""
    text = cut_to(name, INSTITUTION_BYTES)
    return text + " " * (INSTITUTION_BYTES - len(text.encode("gb18030")))


def cut_to(text: str, bytes_max: int) -> str:
    """As much of a text as fits, whole characters."""
    if not text:
        return text
    return text.encode("gb18030")[:bytes_max].decode("gb18030", "ignore")


@lru_cache(maxsize=INSTITUTIONS_KEPT)
def read_institutions(field_44: str) -> tuple[str, str]:
    """Issuer and acquirer of field 44."""
    encoded = field_44.encode("gb18030")
    issuer, acquirer = encoded[:INSTITUTION_BYTES], encoded[INSTITUTION_BYTES:]
    return issuer.decode("gb18030", "ignore").strip(), acquirer.decode("gb18030", "ignore").strip()
