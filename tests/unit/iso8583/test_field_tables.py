"""A field table refuses choices that contradict each other."""

import pytest
from tests.unit.iso8583.cup_like import CUP_LIKE, numeric, text

from zhanggui.iso8583.fields import Align, Field, Kind, Prefix, Spec

N, Z, AN, B = Kind.NUMERIC, Kind.TRACK, Kind.TEXT, Kind.BINARY
FIXED, LL, LLL = Prefix.FIXED, Prefix.LL, Prefix.LLL


@pytest.mark.parametrize("number", [-1, 0, 1, 65])
def test_a_field_stands_between_2_and_64(number: int) -> None:
    with pytest.raises(ValueError, match="2 to 64"):
        Field(number, "", N, FIXED, 6)


@pytest.mark.parametrize(("prefix", "length"), [(FIXED, 0), (LL, 100), (LLL, 1000), (FIXED, 1000), (LL, -1)])
def test_a_length_fits_its_prefix(prefix: Prefix, length: int) -> None:
    with pytest.raises(ValueError, match="does not fit the prefix"):
        Field(2, "", N, prefix, length)


@pytest.mark.parametrize(("kind", "prefix"), [(N, LL), (Z, LLL), (AN, FIXED), (B, FIXED)])
def test_only_fixed_digits_are_aligned_right(kind: Kind, prefix: Prefix) -> None:
    with pytest.raises(ValueError, match="aligned right"):
        Field(23, "", kind, prefix, 3, Align.RIGHT)


@pytest.mark.parametrize("kind", [N, Z, B])
def test_only_text_has_an_encoding(kind: Kind) -> None:
    with pytest.raises(ValueError, match="only text has an encoding"):
        Field(63, "", kind, LLL, 3, encoding="gb18030")


@pytest.mark.parametrize(("kind", "prefix"), [(N, LLL), (AN, LLL), (B, FIXED)])
def test_only_the_prefix_of_a_variable_binary_field_counts_nibbles(kind: Kind, prefix: Prefix) -> None:
    with pytest.raises(ValueError, match="count nibbles"):
        Field(62, "", kind, prefix, 40, prefix_counts_nibbles=True)


@pytest.mark.parametrize("kind", [N, AN, B])
def test_only_a_track_may_be_enciphered_nibble_by_nibble(kind: Kind) -> None:
    with pytest.raises(ValueError, match="only a track"):
        Field(35, "", kind, LL, 37, may_be_enciphered=True)


def test_a_number_stands_once_in_a_table() -> None:
    with pytest.raises(ValueError, match="stands twice"):
        Spec("twice", (numeric(11, 6), text(11, 6)))


def test_another_dialect_replaces_and_adds_fields_and_leaves_the_first_as_it_was() -> None:
    other = CUP_LIKE.with_fields("other", numeric(27, 1), text(25, 2))
    assert other.name == "other"
    assert set(other.numbers) == {*CUP_LIKE.numbers, 27}
    assert list(other.numbers) == sorted(other.numbers)
    assert other.table[25].kind is AN
    assert CUP_LIKE.table[25].kind is N
    assert other.table[3] == CUP_LIKE.table[3]


@pytest.mark.parametrize(
    ("field", "size"),
    [(numeric(2, 19, LL), 10), (numeric(22, 3), 2), (numeric(3, 6), 3), (text(41, 8), 8)],
    ids=["odd digits", "three digits", "even digits", "text"],
)
def test_digits_take_half_the_bytes_rounded_up(field: Field, size: int) -> None:
    assert field.wire_bytes == size
