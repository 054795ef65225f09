"""What makes and checks passwords of the office: in the thread that asks, or beside the loop, with one behaviour."""

import asyncio
from collections.abc import Iterator

import pytest

from zhanggui.basics.chance import SeededChance
from zhanggui.basics.errors import Fault
from zhanggui.host import password_pool
from zhanggui.host.password_pool import PasswordHasher, PasswordPool, PlainHasher
from zhanggui.vault.office_password import NOBODY, fits, is_sound

HERE = "203.0.113.7"


@pytest.fixture(params=["plain", "pool"])
def hasher(request: pytest.FixtureRequest) -> Iterator[PasswordHasher]:
    if request.param == "plain":
        yield PlainHasher(SeededChance(3))
        return
    pool = PasswordPool(SeededChance(3))
    yield pool
    pool.close()


async def test_a_password_fits_what_is_kept_of_it_and_nothing_else_does(hasher: PasswordHasher) -> None:
    kept, again = await hasher.derive(b"a long walk home", HERE), await hasher.derive(b"a long walk home", HERE)
    assert kept != again, "each has a salt of its own"
    assert is_sound(kept)
    assert await hasher.fits(b"a long walk home", kept, HERE)
    assert not await hasher.fits(b"a long walk home ", kept, HERE)
    assert not await hasher.fits(b"a long walk home", "", HERE), "nobody's password"


async def test_a_full_pool_says_so_and_goes_on_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_pool, "WAITING_MAX", 2)
    pool = PasswordPool(SeededChance(3))
    try:
        answers = await asyncio.gather(
            *(pool.fits(b"x", "", f"203.0.113.{number}") for number in range(4)), return_exceptions=True
        )
        assert [type(one) for one in answers] == [bool, bool, Fault, Fault]
        assert not await pool.fits(b"x", "", HERE)
    finally:
        pool.close()


async def test_one_address_takes_a_few_places_and_leaves_the_others_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_pool, "FROM_ONE_MAX", 2)
    pool = PasswordPool(SeededChance(3))
    try:
        places = ("2001:db8:1:2::1", "2001:db8:1:2::9", "2001:db8:1:2:3::4", HERE)
        answers = await asyncio.gather(*(pool.fits(b"x", "", place) for place in places), return_exceptions=True)
        assert [type(one) for one in answers] == [bool, bool, Fault, bool], "one subscriber's network is one address"
        assert not await pool.fits(b"x", "", places[0])
    finally:
        pool.close()


@pytest.mark.parametrize(
    "forged",
    [
        NOBODY.replace("m=47104", "m=9999999"),
        NOBODY.replace("t=1", "t=99"),
        NOBODY.replace("p=1", "p=99"),
        NOBODY.replace("argon2id", "argon2i"),
        NOBODY + "A" * 200,
        "$argon2id$",
        "plain",
    ],
)
def test_a_stored_string_that_asks_for_too_much_is_not_worked_with(forged: str) -> None:
    assert not is_sound(forged)
    assert not fits(b"a long walk home", forged)


def test_nobodys_string_fits_no_password() -> None:
    assert is_sound(NOBODY)
    assert not fits(b"", NOBODY)
