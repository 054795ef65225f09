"""A field table with every encoding that the dialects use, and the strategies that make messages for it.

The real tables stand in `cup`; the codec is tested with one of its own, so that a change there breaks nothing here.
"""

from hypothesis import strategies as st

from zhanggui.iso8583.codec import Codec
from zhanggui.iso8583.fields import Align, Field, Kind, Prefix, Spec
from zhanggui.iso8583.message import Message


def numeric(number: int, length: int, prefix: Prefix = Prefix.FIXED, align: Align = Align.LEFT) -> Field:
    return Field(number, f"n{number}", Kind.NUMERIC, prefix, length, align)


def track(number: int, length: int, prefix: Prefix) -> Field:
    return Field(number, f"z{number}", Kind.TRACK, prefix, length)


def text(number: int, length: int, prefix: Prefix = Prefix.FIXED) -> Field:
    return Field(number, f"an{number}", Kind.TEXT, prefix, length)


def chinese(number: int, length: int, prefix: Prefix = Prefix.FIXED) -> Field:
    return Field(number, f"ans{number}", Kind.TEXT, prefix, length, encoding="gb18030")


def binary(number: int, length: int, prefix: Prefix = Prefix.FIXED) -> Field:
    return Field(number, f"b{number}", Kind.BINARY, prefix, length)


CUP_LIKE = Spec(
    "cup-like",
    (
        numeric(2, 19, Prefix.LL),
        numeric(3, 6),
        numeric(4, 12),
        numeric(11, 6),
        numeric(12, 6),
        numeric(13, 4),
        numeric(14, 4),
        numeric(15, 4),
        numeric(22, 3),
        numeric(23, 3, align=Align.RIGHT),
        numeric(25, 2),
        numeric(26, 2),
        numeric(32, 11, Prefix.LL),
        track(35, 37, Prefix.LL),
        track(36, 104, Prefix.LLL),
        text(37, 12),
        text(38, 6),
        text(39, 2),
        text(41, 8),
        text(42, 15),
        text(44, 25, Prefix.LL),
        numeric(48, 322, Prefix.LLL),
        text(49, 3),
        binary(52, 8),
        numeric(53, 16),
        text(54, 40, Prefix.LLL),
        binary(55, 255, Prefix.LLL),
        numeric(60, 17, Prefix.LLL),
        numeric(61, 29, Prefix.LLL),
        binary(62, 512, Prefix.LLL),
        chinese(63, 163, Prefix.LLL),
        binary(64, 8),
    ),
)

# The same table with the rarer choices: nibble counts, fixed Chinese text, a fixed track, and text after text.
ODD_CHOICES = CUP_LIKE.with_fields(
    "odd choices",
    chinese(43, 20),
    track(45, 7, Prefix.FIXED),
    chinese(46, 30, Prefix.LL),
    text(47, 5, Prefix.LL),
    numeric(50, 5),
    numeric(51, 1, align=Align.RIGHT),
    binary(56, 20, Prefix.LL),
    Field(36, "enciphered", Kind.TRACK, Prefix.LLL, 104, may_be_enciphered=True),
    Field(57, "enciphered, fixed", Kind.TRACK, Prefix.FIXED, 9, may_be_enciphered=True),
    Field(62, "counted in nibbles", Kind.BINARY, Prefix.LLL, 400, prefix_counts_nibbles=True),
)

SALE_NUMBERS = (2, 3, 4, 11, 14, 22, 23, 25, 26, 35, 41, 42, 49, 52, 53, 60, 63, 64)


def sale() -> Message:
    """A 0200 with eighteen fields; the card number is one of the test numbers."""
    return Message(
        "0200",
        {
            2: "6217000000000000012",
            3: "000000",
            4: "000000010000",
            11: "000127",
            14: "2712",
            22: "051",
            23: "001",
            25: "00",
            26: "06",
            35: "6217000000000000012=27121010000000000",
            41: "10000001",
            42: "102100058120001",
            49: "156",
            52: bytes(range(8)),
            53: "2600000000000000",
            60: "2200000100050",
            63: "CUP交易成功",
            64: bytes(range(248, 256)),
        },
    )


def warm_up(codec: Codec, message: Message, times: int = 4) -> bytes:
    """Encode and decode until plans serve this shape; return the bytes."""
    data = b""
    for _ in range(times):
        data = codec.encode(message)
        codec.decode(data)
    return data


def values(field: Field) -> st.SearchStrategy[str | bytes]:
    """Values that fill the field exactly, or any length up to the most for a variable field."""
    least = field.length if field.prefix is Prefix.FIXED else 0
    match field.kind:
        case Kind.NUMERIC:
            return st.text("0123456789", min_size=least, max_size=field.length)
        case Kind.TRACK:
            alphabet = "0123456789ABCEF=" if field.may_be_enciphered else "0123456789="
            return st.text(alphabet, min_size=least, max_size=field.length)
        case Kind.BINARY:
            return st.binary(min_size=least, max_size=field.length)
        case Kind.TEXT:
            if field.encoding == "ascii":
                return st.text(st.characters(max_codepoint=127), min_size=least, max_size=field.length)
            return _chinese_values(field, least)


def _chinese_values(field: Field, least: int) -> st.SearchStrategy[str | bytes]:
    def cut(characters: str) -> str:
        while len(characters.encode("gb18030")) > field.length:
            characters = characters[:-1]
        return characters + " " * (least - len(characters.encode("gb18030")))

    return st.text(st.characters(codec="gb18030"), max_size=field.length).map(cut)


def messages(spec: Spec) -> st.SearchStrategy[Message]:
    """Messages of any of the table's fields."""
    mti = st.text("0123456789", min_size=4, max_size=4)
    fields = {number: values(field) for number, field in spec.table.items()}
    return st.builds(Message, mti, st.fixed_dictionaries({}, optional=fields))
