"""The catalogue of messages, loaded from `transactions.toml` and checked; and which message of it one is."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

import msgspec

from ..basics.words import Word, load_rows
from ..iso8583.message import Message
from .errors import MessageError
from .values.entry_mode import is_scanned

MacRule = Literal["none", "approved", "always", "ours"]
Total = Literal["", "debit", "credit"]
CardRule = Literal["needed", "may_be", "code", "shown", "paid"]


_PAY_CODE_FIELD = 59


class Transaction(Word, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the catalogue; what its columns mean stands on top of `transactions.toml`."""

    name: str = ""
    mti: str
    processing_code: str = ""
    condition_code: str = ""
    type_code: str = ""
    network_code: str = ""
    required: tuple[int, ...]
    optional: tuple[int, ...] = ()
    answer: tuple[int, ...] = ()
    mac: MacRule
    total: Total = ""
    reversible: bool = False
    card: CardRule = "needed"
    keyed: bool = True
    dated: bool = False
    from_host: bool = False

    @property
    def answer_mti(self) -> str:
        """The answer's message type: request and 10."""
        return f"{int(self.mti) + 10:04d}"

    @property
    def is_payment(self) -> bool:
        """Whether it asks something of a card; all other rows manage terminal and operator."""
        return bool(self.processing_code)

    @property
    def is_by_code(self) -> bool:
        """Whether a payment code stands in the place of the card."""
        return self.card == "code"

    @property
    def shows_code(self) -> bool:
        """Whether the customer shows a code for it; what is about an earlier payment by code needs none."""
        return self.is_by_code and _PAY_CODE_FIELD in self.required

    @property
    def is_our_code(self) -> bool:
        """Whether the shop shows a code, which a customer's phone pays."""
        return self.card == "shown"

    @property
    def is_received(self) -> bool:
        """Whether its customer has paid before any terminal asked for it, by the code that stands on the counter."""
        return self.card == "paid"

    @property
    def is_at_wallet(self) -> bool:
        """Whether a wallet alone has it, whichever brand: no bank ever hears of it."""
        return self.is_our_code or self.is_received

    @property
    def takes_card(self) -> bool:
        """Whether a card is shown for it, or may be."""
        return self.card in ("needed", "may_be")

    @property
    def has_amount(self) -> bool:
        """Whether it is about a sum of money (field 4)."""
        return 4 in self.required

    def carries(self, number: int) -> bool:
        """Whether a request may have this field."""
        return number in self.required or number in self.optional


def _load() -> Mapping[str, Transaction]:
    rows = load_rows(__package__, "transactions.toml", Transaction)
    return MappingProxyType({name: msgspec.structs.replace(row, name=name) for name, row in rows.items()})


CATALOGUE = _load()
PAYMENTS: Mapping[str, Transaction] = MappingProxyType({name: row for name, row in CATALOGUE.items() if row.is_payment})
"""The kinds of payment."""

_BY_NETWORK_CODE = {(row.mti, row.network_code): row for row in CATALOGUE.values() if row.network_code}
_BY_CARD, _BY_PAY_CODE = (
    {
        (row.mti, row.processing_code, row.condition_code, row.type_code): row
        for row in PAYMENTS.values()
        if row.is_by_code == by_code
    }
    for by_code in (False, True)
)
"""Field 22 says which: a payment by code has the other codes of its neighbour with a card."""
_WITHOUT_CONDITION = {(row.mti, row.processing_code, row.type_code): row for row in reversed(tuple(PAYMENTS.values()))}
"""A payment without field 25 is taken for the first of its kind, so that the missing field can be named."""
_ANY_KIND = {(row.processing_code, row.condition_code, row.type_code, row.is_by_code): row for row in PAYMENTS.values()}
_REVERSIBLE = {codes: row for codes, row in _ANY_KIND.items() if row.reversible}
_REVERSAL = CATALOGUE["reversal"]
TEXTS = (37, 38, 39, 41, 42, 49)
"""Fields of ASCII text that a host keeps, compares and shows."""
ASKED_TEXTS = (*TEXTS, 63)
"""The same of a request, whose 63 names an operator; in an answer it is words for people, and money hangs on those being read."""
NO_TRACE = "000000"
"""Never used: a trace number follows 999999 with 000001."""

SIGN_ON_MTI, SIGN_ON_ANSWER_MTI = CATALOGUE["sign_on_track"].mti, CATALOGUE["sign_on_track"].answer_mti
OPERATOR_MTI, OPERATOR_ANSWER_MTI = CATALOGUE["operator_verify"].mti, CATALOGUE["operator_verify"].answer_mti
REVERSAL_MTI, REVERSAL_ANSWER_MTI = _REVERSAL.mti, _REVERSAL.answer_mti
SCRIPT_MTI, SCRIPT_ANSWER_MTI = CATALOGUE["script_notice"].mti, CATALOGUE["script_notice"].answer_mti
PAYMENT_ANSWER_MTIS = frozenset(row.answer_mti for row in PAYMENTS.values())
STATEMENT_MTI, STATEMENT_ANSWER_MTI = "0520", "0530"
"""Of a statement, which stands between host and bank only (`messages/bank_statement.py`) and is no transaction of a terminal."""
SETTLEMENT_MTIS = (CATALOGUE["settlement"].mti, CATALOGUE["settlement"].answer_mti)
DETAILS_MTIS = frozenset({CATALOGUE["upload_stripe"].mti, CATALOGUE["upload_stripe"].answer_mti})
"""Batch upload and its answer: their field 48 holds card numbers."""
_MANAGEMENT_MTIS = frozenset(mti for mti, _ in _BY_NETWORK_CODE)


def identify(message: Message) -> Transaction | None:
    """Tell which row of the catalogue a request is; None when it is none of them."""
    fields = message.fields
    mti = message.mti
    if mti == REVERSAL_MTI:
        return _REVERSAL
    field_60 = fields.get(60)
    if type(field_60) is not str:
        return None
    if mti in _MANAGEMENT_MTIS:
        return _BY_NETWORK_CODE.get((mti, field_60[8:11]))
    processing_code, condition = fields.get(3), fields.get(25)
    if type(processing_code) is not str:
        return None
    if type(condition) is not str:
        return _WITHOUT_CONDITION.get((mti, processing_code, field_60[:2]))
    return kind_of(mti, processing_code, condition, field_60[:2], fields.get(22))


def kind_of(
    mti: str, processing_code: str, condition_code: str, type_code: str, entry_mode: str | bytes | None
) -> Transaction | None:
    """The kind of payment that a request with these codes is; None when it is none. A scanned card is one of no such kind."""
    codes = (mti, processing_code, condition_code, type_code)
    by_code = _BY_PAY_CODE.get(codes) if _is_by_code(entry_mode) else None
    return by_code or _BY_CARD.get(codes)


def with_card(kind: str) -> str:
    """The kind with a card whose codes a payment by code has, for what both have in common; itself where it has none.

    >>> with_card("qr_refund"), with_card("refund")
    ('refund', 'refund')
    """
    row = PAYMENTS.get(kind)
    if row is None:
        return kind
    found = _BY_CARD.get((row.mti, row.processing_code, row.condition_code, row.type_code))
    return found.name if found is not None else kind


def taken_and_given(payments: Iterable[tuple[str, int]]) -> tuple[int, int]:
    """What payments (kind, fen) have taken and what they have given back; what only holds money did neither.

    >>> taken_and_given([("sale", 500), ("refund", 200), ("void", 100), ("preauth", 900)])
    (500, 300)
    """
    sums = {"debit": 0, "credit": 0, "": 0}
    for kind, fen in payments:
        sums[PAYMENTS[kind].total if kind in PAYMENTS else ""] += fen
    return sums["debit"], sums["credit"]


def reversed_kind(
    processing_code: str, condition_code: str, type_code: str, entry_mode: str | bytes | None
) -> Transaction | None:
    """The kind of payment that a 0400 undoes: it repeats 3, 22, 25 and 60.1 of its original. None when no such kind is undone."""
    return _undone(_REVERSIBLE, processing_code, condition_code, type_code, entry_mode)


def undone_kind(
    processing_code: str, condition_code: str, type_code: str, entry_mode: str | bytes | None
) -> Transaction | None:
    """The same between host and bank, where any kind is undone whose outcome stayed unknown."""
    return _undone(_ANY_KIND, processing_code, condition_code, type_code, entry_mode)


def _undone(
    rows: Mapping[tuple[str, str, str, bool], Transaction],
    processing_code: str,
    condition_code: str,
    type_code: str,
    entry_mode: str | bytes | None,
) -> Transaction | None:
    by_code = rows.get((processing_code, condition_code, type_code, True)) if _is_by_code(entry_mode) else None
    return by_code or rows.get((processing_code, condition_code, type_code, False))


def _is_by_code(entry_mode: str | bytes | None) -> bool:
    return type(entry_mode) is str and is_scanned(entry_mode)


def check_presence(transaction: Transaction, message: Message) -> None:
    """MessageError for the first required field that the message lacks."""
    fields = message.fields
    for number in transaction.required:
        if number not in fields:
            raise MessageError(number, f"field {number} in {transaction.en}", "nothing")


def check_texts(message: Message, texts: Sequence[int] = TEXTS) -> None:
    """MessageError for text that would steer what shows it, or that one store takes and another does not."""
    get = message.fields.get
    try:
        # All of them in one look: this is done for every message.
        if "".join(filter(None, map(get, texts))).isprintable():  # type: ignore[arg-type]  # bytes are what TypeError is for
            return
    except TypeError:
        pass
    for number in texts:
        value = get(number)
        if value is not None and not (type(value) is str and value.isprintable()):
            raise MessageError(number, "printable characters", "others")


def check_trace(message: Message) -> None:
    """MessageError for the trace number that is never used."""
    if message.fields.get(11) == NO_TRACE:
        raise MessageError(11, "a trace number, 000001 to 999999", NO_TRACE)


def text_of(message: Message, number: int) -> str:
    """A text or digit field; MessageError when it is absent."""
    value = message.fields.get(number)
    if type(value) is not str:
        raise MessageError(number, f"field {number}", "nothing" if value is None else "bytes")
    return value


def bytes_of(message: Message, number: int) -> bytes:
    """A binary field; MessageError when it is absent."""
    value = message.fields.get(number)
    if type(value) is not bytes:
        raise MessageError(number, f"field {number}", "nothing" if value is None else "text")
    return value
