"""Reception: a frame becomes work for the engine, or an answer 30, 12 or 40, or the end of its line. Each refusal has its reason in the log."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ...basics.errors import ProtocolError
from ...basics.numbers import UnixMs
from ...cup.dialect import Dialect
from ...cup.envelope import Envelope, unwrap
from ...cup.errors import UnknownKind
from ...cup.messages.head import host_time
from ...cup.transactions import (
    ASKED_TEXTS,
    CATALOGUE,
    DETAILS_MTIS,
    PAYMENTS,
    check_presence,
    check_texts,
    check_trace,
    identify,
)
from ...edges.listener import FrameConnection
from ...iso8583.errors import DecodeError
from ...iso8583.layout import read_what_can_be_read
from ...iso8583.message import Message
from ..work import Arrival, Desk, Work, log
from .management_work import PlainManagementWork, SignOnWork
from .operator_messages import OPERATOR_MESSAGES
from .operator_work import OperatorWork
from .payment_work import PaymentWork, ReversalWork
from .script_work import ScriptWork
from .settlement_work import SettlementWork, UploadWork
from .signature_work import SignatureWork
from .tick_work import TickWork

FORMAT_ERROR = "30"
NOT_SUPPORTED = "40"
IDENTITY_FIELDS = (11, 41, 42)
ECHOED_FIELDS = (3, 4, 11, 25, 41, 42, 49, 60)

WorkMaker = Callable[[Arrival], Work]

WORK_BY_TRANSACTION: Mapping[str, WorkMaker] = MappingProxyType(
    {
        **dict.fromkeys(PAYMENTS, PaymentWork),
        "reversal": ReversalWork,
        "sign_on_single": SignOnWork,
        "sign_on_double": SignOnWork,
        "sign_on_track": SignOnWork,
        "sign_off": PlainManagementWork,
        "echo": PlainManagementWork,
        "settlement": SettlementWork,
        "slip_ticks": TickWork,
        "signature": SignatureWork,
        "signature_part": SignatureWork,
        "script_notice": ScriptWork,
        **dict.fromkeys((name for name, row in CATALOGUE.items() if row.mti in DETAILS_MTIS), UploadWork),
        **dict.fromkeys(OPERATOR_MESSAGES, OperatorWork),
    }
)
"""Every row of the catalogue has its work; a test compares the two."""


class Reception:
    """Reads frames of one dialect."""

    def __init__(self, desk: Desk, dialect: Dialect, submit: Callable[[Work], None], now: Callable[[], UnixMs]) -> None:
        self._desk = desk
        self._dialect = dialect
        self._codec = dialect.codec
        self._submit = submit
        self._now = now

    def on_frame(self, connection: FrameConnection, payload: bytes) -> None:
        """Take one frame's payload."""
        try:
            envelope = unwrap(self._dialect, payload)
        except ProtocolError as error:
            log.warning("frame_refused", peer=connection.peer, reason=str(error))
            connection.end()
            return
        try:
            message = self._codec.decode(envelope.body)
        except DecodeError as error:
            readable = Message(*read_what_can_be_read(self._dialect.spec, envelope.body))
            self._refuse(connection, envelope, readable, FORMAT_ERROR, str(error))
            return
        transaction = identify(message)
        if transaction is None or transaction.from_host:
            self._refuse(connection, envelope, message, NOT_SUPPORTED, "unknown_message")
            return
        try:
            check_presence(transaction, message)
            check_texts(message, ASKED_TEXTS)
            check_trace(message)
            came_ms = self._now() if 61 in message.fields else UnixMs(0)
            arrival = Arrival(connection, self._dialect, envelope, message, transaction, came_ms)
            work = WORK_BY_TRANSACTION[transaction.name](arrival)
        except UnknownKind as error:
            self._refuse(connection, envelope, message, NOT_SUPPORTED, str(error))
            return
        except ProtocolError as error:
            self._refuse(connection, envelope, message, FORMAT_ERROR, str(error))
            return
        self._submit(work)

    def _refuse(
        self, connection: FrameConnection, envelope: Envelope, message: Message, code: str, reason: str
    ) -> None:
        asked = message.fields
        log.warning(
            "refused",
            peer=connection.peer,
            mti=message.mti,
            terminal_no=asked.get(41),
            trace_no=asked.get(11),
            response_code=code,
            reason=reason,
        )
        is_request = message.mti[2:3] in ("0", "2") and message.mti[3:] == "0"
        if not is_request or any(number not in asked for number in IDENTITY_FIELDS):
            # Nobody could tell whose answer it is. A line that ends is heard of at once; one that says nothing, after a minute.
            # Others may share it, and wait for their banks.
            connection.end()
            return
        time = host_time(self._now())
        fields: dict[int, str | bytes] = {number: asked[number] for number in ECHOED_FIELDS if number in asked}
        fields[12] = time.field_12
        fields[13] = time.field_13
        fields[39] = code
        answer = Message(f"{int(message.mti) + 10:04d}", fields)
        connection.send(envelope.answer(self._dialect, self._codec.encode(answer)))
