"""First passwords are drawn fairly, are never simple, and an authenticator app gets its secret as an address."""

from collections import Counter

import pytest

from zhanggui.basics.chance import SeededChance
from zhanggui.basics.errors import Defect
from zhanggui.basics.secret import Secret
from zhanggui.vault.initial_password import draw_digits, draw_password
from zhanggui.vault.otpauth import otpauth_uri
from zhanggui.vault.password_rules import is_simple


class Always:
    """Chance that gives one byte for ever."""

    def __init__(self, byte: int) -> None:
        self._byte = byte

    def take(self, length: int) -> bytes:
        return bytes([self._byte]) * length

    take_secret = take


class Bytes:
    """Chance that gives these bytes, in order."""

    def __init__(self, *given: bytes) -> None:
        self._given = list(given)

    def take(self, length: int) -> bytes:
        return self._given.pop(0)

    take_secret = take


def test_every_digit_is_as_likely_as_any_other() -> None:
    counts = Counter(draw_digits(SeededChance(1), 40_000))
    assert set(counts) == set("0123456789")
    # Expected 4,000 each, standard deviation 60: six of them on both sides.
    assert all(3_640 < count < 4_360 for count in counts.values())


def test_bytes_that_would_favour_low_digits_are_passed_over() -> None:
    assert draw_digits(Bytes(bytes([250, 255, 249, 12]), bytes([7, 8, 250, 250])), 4) == "9278"


@pytest.mark.parametrize("count", [4, 6, 8, 12])
def test_a_first_password_has_the_digits_asked_for_and_is_not_simple(count: int) -> None:
    chance = SeededChance(count)
    drawn = [draw_password(chance, count, "01").reveal() for _ in range(500)]
    assert {len(password) for password in drawn} == {count}
    assert not any(is_simple(password, "01") for password in drawn)
    assert len(set(drawn)) > 450


def test_chance_that_gives_simple_passwords_only_is_a_defect() -> None:
    with pytest.raises(Defect, match="random source"):
        draw_password(Always(7), 6, "01")


def test_the_address_for_an_authenticator_app_is_escaped_and_is_a_secret() -> None:
    uri = otpauth_uri(Secret("GEZDGNBVGY3TQOJQ"), issuer="掌柜", account="102100058120001-01", code_digits=8)
    assert uri.reveal() == (
        "otpauth://totp/%E6%8E%8C%E6%9F%9C:102100058120001-01?secret=GEZDGNBVGY3TQOJQ"
        "&issuer=%E6%8E%8C%E6%9F%9C&algorithm=SHA1&digits=8&period=30"
    )
    assert "GEZD" not in f"{uri} {uri!r}"
