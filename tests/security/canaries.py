"""Secrets that stand out, and a scanner that knows them in every dress: ASCII, UTF-16, packed digits, hexadecimal, base64."""

import base64
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

PASSWORD = "914720683517"
"""The operator's, twelve digits: so long that no random bytes look like it."""
PIN = "802915746389"
PAN = "6217993184027561948"
"""A card number with a right check digit, in the test range of the bank."""
CANARIES: Mapping[str, str] = {"password": PASSWORD, "PIN": PIN, "card number": PAN}
BADGE_SECRET = "QX7M2VK5TLWB3ZNY4HGD6RCJPE"
BADGE = f"ZGB1CANARY77{BADGE_SECRET}"
"""A whole badge: its number may be seen, and the secret behind it stands nowhere."""
BADGE_BYTES = base64.b32decode(BADGE_SECRET + "======")


def dresses(digits: str) -> Iterator[tuple[str, bytes]]:
    """The ways in which digits may stand in bytes, apart from packed ones, which are found nibble by nibble."""
    text = digits.encode()
    yield "ASCII", text
    yield "UTF-16", digits.encode("utf-16-le")
    yield "hexadecimal of ASCII", text.hex().encode()
    yield "reversed", text[::-1]
    for skipped in range(3):
        # The same bytes look different in base64 after 0, 1 or 2 others; the first and last characters depend on neighbours.
        for name, inner in (
            ("ASCII", text),
            ("packed digits", bytes.fromhex(digits.ljust(len(digits) + len(digits) % 2, "0"))),
        ):
            coded = base64.b64encode(bytes(skipped) + inner)
            first = -(-skipped * 8 // 6)
            last = (skipped + len(inner)) * 8 // 6 - (1 if len(digits) % 2 else 0)
            yield f"base64 of {name}", coded[first:last]


def found_in(content: bytes, canaries: Mapping[str, str] = CANARIES) -> list[str]:
    """Which canaries stand in these bytes, and in which dress."""
    nibbles = content.hex()
    found = []
    for name, digits in canaries.items():
        found += [f"{name} as {dress}" for dress, coded in dresses(digits) if coded in content]
        # At any nibble: a PIN block has a length before the digits, a track has them where they fall.
        if digits in nibbles:
            found.append(f"{name} as packed digits")
    found += [f"badge as {dress}" for dress, coded in badge_dresses() if coded in content]
    return found


def badge_dresses() -> Iterator[tuple[str, bytes]]:
    """The ways in which a badge's secret may stand in bytes: as its text, and as what the text stands for."""
    yield "bytes", BADGE_BYTES
    yield from text_dresses(BADGE_SECRET)
    yield from coded_dresses("bytes", BADGE_BYTES)


def text_dresses(text: str) -> Iterator[tuple[str, bytes]]:
    """The ways in which a text that stands out may stand in bytes."""
    yield from coded_dresses("text", text.encode())
    for case in dict.fromkeys((text, text.lower(), text.upper())):
        yield "text", case.encode()
        yield "UTF-16", case.encode("utf-16-le")
    yield "reversed", text[::-1].encode()


def coded_dresses(name: str, secret: bytes) -> Iterator[tuple[str, bytes]]:
    """These bytes in hexadecimal, and in base64 of either alphabet behind 0, 1 or 2 others."""
    yield f"hexadecimal of {name}", secret.hex().encode()
    yield f"capital hexadecimal of {name}", secret.hex().upper().encode()
    for skipped in range(3):
        first, last = -(-skipped * 8 // 6), (skipped + len(secret)) * 8 // 6 - 1
        coded = base64.b64encode(bytes(skipped) + secret)[first:last]
        yield f"base64 of {name}", coded
        if (address := coded.translate(bytes.maketrans(b"+/", b"-_"))) != coded:
            yield f"base64 for addresses of {name}", address


def secrets_in(content: bytes, secrets: Mapping[str, str | bytes]) -> list[str]:
    """Which of these secrets stand in these bytes, and in which dress: texts, and keys as the bytes that they are."""
    found = []
    for name, secret in secrets.items():
        dressed = text_dresses(secret) if isinstance(secret, str) else [("bytes", secret), *coded_dresses("it", secret)]
        found += [f"{name} as {dress}" for dress, coded in dressed if coded in content]
    return found


def scan(files: Iterable[Path], *, allowed: frozenset[Path] = frozenset()) -> dict[Path, list[str]]:
    """What stands in which file; `allowed` are the files that may hold a card number, and nothing else of the canaries."""
    leaks = {}
    for path in files:
        if path.is_file():
            held = found_in(path.read_bytes())
            if path in allowed:
                held = [one for one in held if not one.startswith("card number")]
            if held:
                leaks[path] = held
    return leaks
