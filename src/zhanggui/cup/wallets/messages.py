"""Requests to a wallet and its answers, as JSON: what is asked, and what the answer says about it.

A request names the shop and the order in all cases. Amounts are whole fen. The customer's code stands in the first request of an
order alone, and shows itself to nobody.
"""

from typing import Annotated, Any, Literal

import msgspec

from ...basics.bad_json import BAD_JSON
from ...basics.errors import RemoteProtocolError
from ...basics.money import AMOUNT_FEN_MAX
from ..brands import BrandName
from .codes import Said, wallet_code

Operation = Literal["pay", "offer", "query", "cancel", "refund", "refund_query", "bill"]
"""pay: by the customer's code; offer: make a shop's code for this order; cancel: close it, and give back what was paid."""
GIVING_BACK: frozenset[Operation] = frozenset({"refund", "refund_query"})
ASKS_AGAIN: frozenset[Operation] = GIVING_BACK | {"query", "cancel"}
"""What is asked about an order that the wallet may have done already."""
BODY_BYTES_MAX = 65_536
BILL_PAGE_MAX = 200
LINE_NO_MAX = 2**63 - 1
INSTANT_MAX_MS = 253_402_300_799_999
"""The last instant of the year 9999."""

OrderNo = Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-Za-z]{0,32}\Z")]
"""Empty where the operation is about none."""
Amount = Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_FEN_MAX)]
Instant = Annotated[int, msgspec.Meta(ge=0, le=INSTANT_MAX_MS)]


class WalletRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One request; which fields count is the operation's."""

    merchant_no: Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-Za-z]{15}\Z")]
    order_no: OrderNo = ""
    """The order; of a refund the one that is paid. Empty in a bill."""
    amount_fen: Amount = 0
    code: Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{0,24}\Z")] = ""
    """The customer's code, of `pay` alone."""
    refund_no: OrderNo = ""
    """The refund's own number: the same number gives back once."""
    shop: Annotated[str, msgspec.Meta(max_length=64)] = ""
    """What the customer reads on the phone."""
    from_ms: int = 0
    until_ms: int = 0
    """Of a bill: from the first instant up to, but without, the second."""
    after: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Of a bill: the last number of the page before."""
    notices_to: Annotated[str, msgspec.Meta(pattern=r"\A(http://[!-~]{1,120})?\Z")] = ""
    """Of a bill: where the acquirer hears notices from now on."""

    def __repr__(self) -> str:
        return f"WalletRequest(order_no={self.order_no!r}, amount_fen={self.amount_fen})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("order_no", self.order_no), ("amount_fen", self.amount_fen)]


class BillLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of a bill: money that came, or (below zero) went back."""

    line_no: Annotated[int, msgspec.Meta(gt=0, le=LINE_NO_MAX)]
    order_no: OrderNo
    refund_no: OrderNo = ""
    wallet_no: Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-Za-z]{1,32}\Z")]
    """Up to what a giving back can name; a notice's is shorter, as a terminal takes it."""
    amount_fen: Annotated[int, msgspec.Meta(ge=-AMOUNT_FEN_MAX, le=AMOUNT_FEN_MAX)]
    at_ms: Instant
    counter: Annotated[str, msgspec.Meta(pattern=r"\A([0-9A-Za-z]{8})?\Z")] = ""
    """The terminal on whose counter the code stands that was paid; empty in all that a shop asked for."""


class BrokenLine(msgspec.Struct, frozen=True, kw_only=True):
    """What stands where a line of a bill should, and is none: which one, and of which payment, as far as it says so."""

    line_no: int = 0
    """0 where it has no number."""
    wallet_no: str = ""


class WalletNotice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a wallet tells a shop's acquirer unasked: somebody paid by the code on a counter."""

    merchant_no: Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-Za-z]{15}\Z")]
    counter: Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-Za-z]{8}\Z")]
    """The terminal on whose counter it stands."""
    wallet_no: Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-Za-z]{1,20}\Z")]
    """The wallet's own number, the only one that it has."""
    amount_fen: Annotated[int, msgspec.Meta(gt=0, le=AMOUNT_FEN_MAX)]
    paid_ms: Instant


NoticeHeard = Literal["taken", "refused", "contradicted"]
"""The shop has it; there is no such code, and the money goes back; under that number something else was told before."""


class NoticeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the acquirer makes of a notice."""

    heard: NoticeHeard


class WalletAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One answer. Words of a brand's own: a state of the order, a code within a code, a code; the most exact of them counts."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    sub: Annotated[str, msgspec.Meta(max_length=64)] = ""
    state: Annotated[str, msgspec.Meta(max_length=64)] = ""
    order_no: str = ""
    wallet_no: Annotated[str, msgspec.Meta(max_length=64)] = ""
    amount_fen: Amount = 0
    """The order's amount, where the wallet has the order."""
    returned_fen: Amount = 0
    """What of it has gone back by now."""
    given_back_fen: Amount = 0
    """What this very refund gave back."""
    link: Annotated[str, msgspec.Meta(pattern=r"\A[!-~]{0,256}\Z")] = ""
    """What the shop's code says, of `offer`: it goes on to a terminal in field 59, which is ASCII. A path stands for one at the
    wallet's address."""
    lines: tuple[msgspec.Raw, ...] = ()
    """Of a bill. Each is read by itself (`read_bill_line`): a wrong one takes none of the others with it."""

    @property
    def word(self) -> str:
        """The most exact word that it says."""
        return self.state or self.sub or self.code


_REQUEST = msgspec.json.Decoder(WalletRequest)
_ANSWER = msgspec.json.Decoder(WalletAnswer)
_LINE = msgspec.json.Decoder(BillLine)
_FIELDS = msgspec.json.Decoder(dict[str, Any])
_NOTICE = msgspec.json.Decoder(WalletNotice)
_NOTICE_ANSWER = msgspec.json.Decoder(NoticeAnswer)


def read_notice(body: bytes) -> WalletNotice:
    """RemoteProtocolError names what is wrong, never what stood there."""
    try:
        return _NOTICE.decode(body)
    except BAD_JSON as error:
        raise RemoteProtocolError(f"a wallet's notice: {type(error).__name__}") from None


def read_notice_answer(body: bytes) -> NoticeAnswer:
    """RemoteProtocolError names what is wrong, never what stood there."""
    try:
        return _NOTICE_ANSWER.decode(body)
    except BAD_JSON as error:
        raise RemoteProtocolError(f"an answer to a wallet's notice: {type(error).__name__}") from None


def read_request(body: bytes) -> WalletRequest:
    """RemoteProtocolError names what is wrong, never what stood there."""
    try:
        return _REQUEST.decode(body)
    except BAD_JSON as error:
        raise RemoteProtocolError(f"a request to a wallet: {type(error).__name__}") from None


def read_answer(body: bytes) -> WalletAnswer:
    """RemoteProtocolError names what is wrong, never what stood there."""
    try:
        return _ANSWER.decode(body)
    except BAD_JSON as error:
        raise RemoteProtocolError(f"an answer of a wallet: {type(error).__name__}") from None


def write_bill_line(line: BillLine) -> msgspec.Raw:
    """A line as it stands in an answer."""
    return msgspec.Raw(msgspec.json.encode(line))


def read_bill_line(body: bytes) -> BillLine | BrokenLine:
    """Read one line of a bill, which may be none.

    >>> read_bill_line(b'{"line_no":7,"wallet_no":"W1","amount_fen":"much"}')
    BrokenLine(line_no=7, wallet_no='W1')
    """
    try:
        return _LINE.decode(body)
    except BAD_JSON:
        pass
    try:
        fields = _FIELDS.decode(body)
    except BAD_JSON:
        return BrokenLine()
    number, wallet_no = fields.get("line_no"), fields.get("wallet_no")
    return BrokenLine(
        line_no=number if type(number) is int and 0 < number <= LINE_NO_MAX else 0,
        wallet_no=wallet_no if type(wallet_no) is str else "",
    )


def says_of(brand: BrandName, operation: Operation, answer: WalletAnswer) -> Said:
    """What an answer says about what was asked.

    >>> says_of("wechat", "query", WalletAnswer(code="SUCCESS", state="NOTPAY"))
    'waiting'
    >>> [says_of("wechat", operation, WalletAnswer(code="PARAM_ERROR")) for operation in ("pay", "query", "refund")]
    ['refused', 'unclear', 'unclear']
    >>> says_of("alipay", "cancel", WalletAnswer(code="10000", state="TRADE_CLOSED", amount_fen=100, returned_fen=100))
    'returned'
    """
    row = wallet_code(brand, answer.word)
    says = row.says
    if row.of_call and operation in ASKS_AGAIN:
        # This call was refused. What became of the order, which may be paid, or given back already, is not said.
        return "unclear"
    if operation in GIVING_BACK:
        if answer.given_back_fen:
            return "returned"
        if row.refund_answer:
            return "refused"
        # Of the order something was said, of this refund nothing: all of it went back in another way, or nobody knows.
        return {"paid": "unclear", "waiting": "unclear", "returned": "closed"}.get(says, says)  # type: ignore[return-value]  # words all
    if says == "closed" and answer.returned_fen:
        return "returned"
    if says == "paid" and not answer.state and operation in ("query", "cancel", "offer"):
        # The call went well; of the order nothing was said.
        return "unclear" if operation != "offer" else "waiting"
    return says
