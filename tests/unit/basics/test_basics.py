"""Values that everything stands on: money, numbers, instants, secrets, chance."""

import copy
import json
import pickle
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhanggui.basics.chance import SeededChance, SystemChance
from zhanggui.basics.clock import SystemClock, china_time, format_iso, format_time, instant_of
from zhanggui.basics.errors import (
    Defect,
    Fault,
    LocalProtocolError,
    Misuse,
    ProtocolError,
    RemoteProtocolError,
    ZhangguiError,
)
from zhanggui.basics.money import AMOUNT_FEN_MAX, format_yuan, parse_yuan
from zhanggui.basics.numbers import (
    UnixMs,
    is_digits,
    next_in_six_digits,
    parse_merchant_no,
    parse_operator_no,
    parse_terminal_no,
)
from zhanggui.basics.secret import Pan, Secret, mask_pan

# ---------------------------------------------------------------------------------------------------------------- money


@given(st.integers(0, AMOUNT_FEN_MAX))
def test_an_amount_is_read_as_it_was_written(amount_fen: int) -> None:
    assert parse_yuan(format_yuan(amount_fen)) == amount_fen


@pytest.mark.parametrize(
    ("text", "amount_fen"), [("12", 1200), ("12.5", 1250), ("¥12.50", 1250), ("￥ 0.01", 1), ("1,234.56", 123456)]
)
def test_what_a_person_writes_is_understood(text: str, amount_fen: int) -> None:
    assert parse_yuan(text.replace(" ", "")) == amount_fen


@pytest.mark.parametrize("text", ["", ".", ".5", "5.", "1.234", "-1", "1e3", "１", "²", "1.2.3", "99999999999"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_yuan(text)


def test_a_negative_amount_keeps_its_sign_below_one_yuan() -> None:
    assert [format_yuan(fen) for fen in (-1, -100, -123456)] == ["-0.01", "-1.00", "-1,234.56"]


# -------------------------------------------------------------------------------------------------------------- numbers


def test_a_six_digit_number_wraps_to_one_and_is_never_zero() -> None:
    assert [next_in_six_digits(number) for number in ("000000", "000001", "999998", "999999")] == [
        "000001",
        "000002",
        "999999",
        "000001",
    ]


@pytest.mark.parametrize("text", ["", "1", "001", "A1", "１２", "²²"])
def test_what_is_no_operator_number_is_refused(text: str) -> None:
    assert not is_digits(text, 2)
    with pytest.raises(ValueError, match="two digits"):
        parse_operator_no(text)


def test_terminal_and_merchant_numbers_have_their_width() -> None:
    assert parse_terminal_no("1000000A") == "1000000A"
    assert parse_merchant_no("102100058120001") == "102100058120001"
    for text in ("", "1000000", "100000001", "1000000é", "1000-000"):
        with pytest.raises(ValueError, match="eight"):
            parse_terminal_no(text)
        with pytest.raises(ValueError, match="fifteen"):
            parse_merchant_no(text)


# ------------------------------------------------------------------------------------------------------------- instants


@given(st.integers(0, 4_000_000_000_000))
def test_an_instant_is_the_instant_of_its_time_in_china(instant: int) -> None:
    assert instant_of(china_time(UnixMs(instant))) == instant


def test_an_instant_is_written_in_china_time_with_its_offset() -> None:
    instant = UnixMs(1_795_406_400_000)
    assert format_time(instant) == datetime.fromtimestamp(1_795_406_400 + 8 * 3600, UTC).strftime("%Y-%m-%d %H:%M:%S")
    assert format_iso(instant).endswith("+08:00")


def test_a_time_without_a_zone_is_no_instant() -> None:
    with pytest.raises(ValueError, match="time zone"):
        instant_of(datetime(2026, 11, 23))  # noqa: DTZ001  # what is refused here


def test_the_systems_clocks_go_forward() -> None:
    clock = SystemClock()
    assert clock.now() > 1_700_000_000_000
    assert clock.elapsed_s() <= clock.elapsed_s()


# -------------------------------------------------------------------------------------------------------------- secrets

PAN = "6217000000000000012"


@pytest.mark.parametrize("secret", [Secret("hunter2"), Pan(PAN)])
def test_a_secret_shows_a_mask_wherever_it_is_written(secret: Secret) -> None:
    value = secret.reveal()
    for shown in (str(secret), repr(secret), f"{secret}", f"{secret:>40}", "%s %r" % (secret, secret), f"{[secret]}"):  # noqa: UP031
        assert value not in shown
        assert value[6:-4] == "" or value[6:-4] not in shown


@pytest.mark.parametrize("take_out", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps, msgspec.json.encode, hash])
def test_a_secret_refuses_to_be_taken_out(take_out: object) -> None:
    assert callable(take_out)
    with pytest.raises(TypeError):
        take_out(Secret("hunter2"))


def test_secrets_compare_by_value_and_kind() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret(PAN) != Pan(PAN)
    assert Secret("a") != "a"


@pytest.mark.parametrize(
    "digits", ["", "62170000000", PAN + "0", "6217000000000O12", "６２１７００００００００００１２"]
)
def test_what_is_no_card_number_is_refused_without_its_digits(digits: str) -> None:
    with pytest.raises(ValueError) as caught:
        Pan(digits)
    assert digits == "" or digits not in str(caught.value)


@given(st.text("0123456789", max_size=25))
def test_a_masked_card_number_keeps_its_length_and_ten_digits_at_most(digits: str) -> None:
    masked = mask_pan(digits)
    assert len(masked) == len(digits)
    assert sum(character.isdigit() for character in masked) <= 10


# --------------------------------------------------------------------------------------------------- chance and errors


def test_seeded_chance_repeats_and_the_systems_does_not() -> None:
    assert SeededChance(7).take(16) == SeededChance(7).take(16)
    assert SeededChance(7).take(16) != SeededChance(8).take(16)
    assert SystemChance().take(16) != SystemChance().take(16)
    assert len(SystemChance().take(5)) == 5


def test_the_families_of_errors_never_mix() -> None:
    families = (ProtocolError, Fault, Defect, Misuse)
    assert all(issubclass(family, ZhangguiError) for family in families)
    for error in (LocalProtocolError, RemoteProtocolError, *families[1:]):
        assert sum(issubclass(error, family) for family in families) == 1
