"""What is kept of a password of the office: a PHC string of Argon2id (RFC 9106), with its own salt.

One hash is about 0.1 s and 46 MiB on purpose. What a string asks for is looked at before it is worked with: a row that somebody
forged must not take the machine. Parameters: OWASP Password Storage Cheat Sheet (46 MiB, one pass, one lane).

>>> from zhanggui.basics.chance import SeededChance
>>> kept = derive(b"correct horse battery", SeededChance(1))
>>> kept.startswith("$argon2id$v=19$m=47104,t=1,p=1$"), fits(b"correct horse battery", kept), fits(b"wrong", kept)
(True, True, False)
"""

import re

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from zhanggui.basics.chance import Chance

MEMORY_KIB = 47_104
ITERATIONS = 1
LANES = 1
SALT_BYTES = 16
HASH_BYTES = 32
MEMORY_KIB_MAX = 4 * MEMORY_KIB
"""What a stored string may ask for: room for dearer ones later, not for a machine's whole memory."""
ITERATIONS_MAX = 4
LANES_MAX = 4
TEXT_MAX = 200
_PHC = re.compile(
    r"\$argon2id\$v=19\$m=([0-9]{1,7}),t=([0-9]{1,2}),p=([0-9]{1,2})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}"
)
NOBODY = "$argon2id$v=19$m=47104,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
"""Stands for a name that is nobody's: the same work is done, and nothing fits."""


def derive(password: bytes, chance: Chance) -> str:
    """What is kept of a password."""
    salt = chance.take_secret(SALT_BYTES)
    maker = Argon2id(salt=salt, length=HASH_BYTES, iterations=ITERATIONS, lanes=LANES, memory_cost=MEMORY_KIB)
    return maker.derive_phc_encoded(password)


def fits(password: bytes, kept: str) -> bool:
    """Whether this is the password. A string that is none, or asks for too much, costs what `NOBODY` costs and fits nothing."""
    known = is_sound(kept)
    try:
        Argon2id.verify_phc_encoded(password, kept if known else NOBODY)
    except InvalidKey:
        return False
    return known and kept != NOBODY


def is_sound(kept: str) -> bool:
    """Whether a stored string is of the kind that `derive` makes, with parameters within bounds.

    >>> is_sound(NOBODY), is_sound(NOBODY.replace("47104", "4710400")), is_sound("")
    (True, False, False)
    """
    found = _PHC.fullmatch(kept) if len(kept) <= TEXT_MAX else None
    if found is None:
        return False
    memory, iterations, lanes = map(int, found.groups())
    enough_memory = 8 * lanes <= memory <= MEMORY_KIB_MAX
    return enough_memory and 1 <= iterations <= ITERATIONS_MAX and 1 <= lanes <= LANES_MAX
