"""The trade's numbers, each a type of its own over the text that stands on the wire.

They stay fixed-width text from the wire to the database: no format call on the hot path, and no leading zero is ever lost.
Widths and alphabets: UnionPay POS messages, fields 11, 37, 41, 42, 60.2 and 63.1 (domain reference, §2.1).
"""

from typing import NewType, TypeAlias

MerchantNo = NewType("MerchantNo", str)
"""商户号, field 42: 15 characters (acquirer 3, area 4, trade 4, serial 4)."""
TerminalNo = NewType("TerminalNo", str)
"""终端号, field 41: 8 characters."""
OperatorNo = NewType("OperatorNo", str)
"""操作员号: two digits; 99 administrator, 00 supervisor (主管), 01–98 cashiers."""
UserName = NewType("UserName", str)
"""用户名: begins with a letter, so that it is never taken for a number."""
Login: TypeAlias = OperatorNo | UserName
"""What people type to say who they are."""
TraceNo = NewType("TraceNo", str)
"""凭证号, field 11: six digits 000001–999999, counted by the terminal for each message."""
BatchNo = NewType("BatchNo", str)
"""批次号, field 60.2: six digits 000001–999999, given by the host."""
Rrn = NewType("Rrn", str)
"""参考号, field 37: twelve characters, given by the host, never repeated in its window."""
SessionNo = NewType("SessionNo", int)
"""Number of an operator's session at one merchant; it only grows."""
RecordNo = NewType("RecordNo", int)
"""Number of a sign-in record at one merchant; it only grows."""
UnixMs = NewType("UnixMs", int)
"""An instant: milliseconds since 1970-01-01T00:00:00Z."""

WRAP_MAX = 999_999
WHOLE_MAX = 2**63 - 1
WHOLE_DIGITS_MAX = len(str(WHOLE_MAX))


def request_of(terminal_no: str, trace_no: str) -> str:
    """What one message of a terminal, and all that follows from it, is called in every log from terminal to bank: by the two numbers
    that the messages of all lines have in common.

    >>> request_of("10000001", "000123")
    '10000001/000123'
    """
    return f"{terminal_no}/{trace_no}"


def next_in_six_digits(number: str) -> str:
    """Follow a trace or batch number; 999999 is followed by 000001, because 000000 is never used.

    >>> next_in_six_digits("000009"), next_in_six_digits("999999")
    ('000010', '000001')
    """
    return f"{int(number) % WRAP_MAX + 1:06d}"


def number_before(number: str) -> str:
    """The trace or batch number that this one follows.

    >>> number_before("000010"), number_before("000001")
    ('000009', '999999')
    """
    return f"{(int(number) - 2) % WRAP_MAX + 1:06d}"


TRACES_AHEAD = WRAP_MAX // 2
"""Half of the circle of trace numbers: what lies within it after a number came later, what lies beyond it before."""


def numbers_ahead(number: str) -> tuple[tuple[str, str], ...]:
    """The trace numbers that count as later than this one, nearest first: ranges without their lower and with their upper end.

    >>> numbers_ahead("000009"), numbers_ahead("999998"), numbers_ahead("999999")
    ((('000009', '500008'),), (('999998', '999999'), ('000000', '499998')), (('000000', '499999'),))
    """
    last = int(number) + TRACES_AHEAD
    if last <= WRAP_MAX:
        return ((number, f"{last:06d}"),)
    if int(number) == WRAP_MAX:
        return (("000000", f"{last - WRAP_MAX:06d}"),)
    return ((number, f"{WRAP_MAX:06d}"), ("000000", f"{last - WRAP_MAX:06d}"))


def is_ahead(number: str, of: str) -> bool:
    """Whether a trace number came later than another one, as long as they are less than half a circle apart.

    >>> is_ahead("000010", "000009"), is_ahead("000001", "999999"), is_ahead("999999", "000001"), is_ahead("000009", "000009")
    (True, True, False, False)
    """
    return 0 < (int(number) - int(of)) % WRAP_MAX <= TRACES_AHEAD


def is_digits(text: str, length: int) -> bool:
    """Tell whether text is exactly `length` ASCII digits."""
    return len(text) == length and text.isascii() and text.isdigit()


def whole_number(text: str) -> int | None:
    """The number that a text of others means, 0 to 2⁶³ - 1 as databases keep them; None for anything else.

    >>> whole_number("0042"), whole_number("٤٢"), whole_number("-1"), whole_number("9" * 5000), whole_number("")
    (42, None, None, None, None)
    """
    if not (text.isascii() and text.isdigit() and len(text) <= WHOLE_DIGITS_MAX):
        return None
    number = int(text)
    return number if number <= WHOLE_MAX else None


def parse_operator_no(text: str) -> OperatorNo:
    """Read a two-digit operator number; ValueError names what is wanted."""
    if not is_digits(text, 2):
        raise ValueError("an operator number is two digits, 00 to 99")
    return OperatorNo(text)


def parse_terminal_no(text: str) -> TerminalNo:
    """Read an eight-character terminal number; ValueError names what is wanted."""
    if len(text) != 8 or not text.isascii() or not text.isalnum():
        raise ValueError("a terminal number is eight letters or digits, like 10000001")
    return TerminalNo(text)


def parse_merchant_no(text: str) -> MerchantNo:
    """Read a fifteen-character merchant number; ValueError names what is wanted."""
    if len(text) != 15 or not text.isascii() or not text.isalnum():
        raise ValueError("a merchant number is fifteen letters or digits, like 102100058120001")
    return MerchantNo(text)
