"""The line to the host: bodies in, typed requests out, answers sealed.

Every frame carries a MAC under the zone key, both ways. What is wrong with a frame is answered where its identity can be
read (wrong MAC A0, a field missing 30, a service that the bank does not give 40 or 12) and dropped with a reason where
not.
"""

from typing import TypeAlias

from ..basics.errors import RemoteProtocolError
from ..basics.numbers import Rrn
from ..cup.dialect import INTERBANK
from ..cup.errors import MessageError, UnknownKind
from ..cup.messages.bank_statement import StatementAsked, read_statement_asked
from ..cup.messages.head import CURRENCY_YUAN
from ..cup.messages.interbank import (
    BankAnswer,
    BankPayment,
    read_bank_payment,
    read_bank_reversal,
)
from ..cup.messages.script_notice import read_bank_script_notice
from ..cup.messages.sealing import covered_bytes, seal
from ..cup.transactions import CATALOGUE, REVERSAL_MTI, SCRIPT_MTI, STATEMENT_MTI
from ..iso8583.message import Message
from ..vault.hsm import Hsm
from ..vault.phone_code import phone_of
from .accounts import Payment, identity_of
from .checks import VaultChecks
from .keys import BankKeys
from .kinds import BANK_KINDS
from .ledger import APPROVED, PaymentOrder, Reversal
from .scripts import ScriptTold

ISSUER_NAME = "掌柜银行"
"""Field 44, at most eleven bytes of GB18030."""
ECHO_MTI, ECHO_ANSWER_MTI = CATALOGUE["echo"].mti, CATALOGUE["echo"].answer_mti
_REQUEST_MTIS = frozenset(
    {*(kind.row.mti for kind in BANK_KINDS.values()), REVERSAL_MTI, ECHO_MTI, STATEMENT_MTI, SCRIPT_MTI}
)
_ECHOED = (11, 32, 37, 41, 42, 60)


Request: TypeAlias = PaymentOrder | Reversal | ScriptTold
"""What is decided in batches."""


class Unreadable(RemoteProtocolError):
    """A frame that can't be answered, because nobody can tell what it is about; the text is the reason."""


class Wire:
    """Reads and seals with the zone MAC key."""

    def __init__(self, hsm: Hsm, keys: BankKeys, checks: VaultChecks) -> None:
        self._hsm = hsm
        self._key = keys.zone_mac_key
        self._codec = INTERBANK.codec
        self._card_id = checks.card_id
        self._code_id = checks.code_id

    def read(self, body: bytes) -> tuple[Message, Request | StatementAsked | BankAnswer | None]:
        """Read a frame.

        The second part is the request; or an answer that is due at once, because the frame is refused before anything
        is looked up; or None for an echo. Raises Unreadable, or another RemoteProtocolError, for what can't be answered.
        """
        message = self._codec.decode(body)
        fields = message.fields
        if message.mti[2] not in "02468":
            raise Unreadable("an answer came where a request was expected")
        acquirer_code, rrn = fields.get(32), fields.get(37)
        if message.mti != ECHO_MTI and not (type(acquirer_code) is str and type(rrn) is str):
            raise Unreadable("fields 32 and 37 are missing, so it belongs to no payment")
        acquirer_code, rrn = str(acquirer_code), str(rrn)
        if not self._authentic(message, body):
            return message, _refused(acquirer_code, rrn, "A0")
        if message.mti not in _REQUEST_MTIS:
            return message, _refused(acquirer_code, rrn, "40")
        if message.mti == ECHO_MTI:
            return message, None
        if fields.get(49, CURRENCY_YUAN) != CURRENCY_YUAN:
            return message, _refused(acquirer_code, rrn, "12")
        try:
            if message.mti == STATEMENT_MTI:
                return message, read_statement_asked(message)
            identity = identity_of(acquirer_code, rrn)
            if message.mti == SCRIPT_MTI:
                return message, ScriptTold(identity, read_bank_script_notice(message))
            if message.mti == REVERSAL_MTI:
                return message, Reversal(identity, read_bank_reversal(message))
            return message, self._order(identity, read_bank_payment(message))
        except UnknownKind:
            return message, _refused(acquirer_code, rrn, "12")
        except MessageError:
            return message, _refused(acquirer_code, rrn, "30")

    def _order(self, identity: str, payment: BankPayment) -> PaymentOrder:
        original = identity_of(payment.acquirer_code, payment.original_rrn) if payment.original_rrn else ""
        card_id = self._card_id(payment.pan) if payment.pan is not None else ""
        if payment.code is None:
            return PaymentOrder(identity, card_id, payment, original)
        return PaymentOrder(
            identity, card_id, payment, original, self._code_id(payment.code), phone_of(payment.code.reveal())
        )

    def _authentic(self, message: Message, body: bytes) -> bool:
        try:
            covered, mac = covered_bytes(body, message)
        except MessageError:
            return False
        return self._hsm.verify_mac(self._key, INTERBANK.mac_algorithm, covered, mac)

    def seal(self, answer: Message) -> bytes:
        """Encode an answer with its MAC."""
        return seal(self._codec, answer, self._mac)

    def echo(self, request: Message) -> bytes:
        """The answer to an echo test: the line and the keys are in order."""
        fields = {number: request.fields[number] for number in _ECHOED if number in request.fields}
        return self.seal(Message(ECHO_ANSWER_MTI, {**fields, 39: APPROVED}))

    def _mac(self, covered: bytes) -> bytes:
        return self._hsm.mac(self._key, INTERBANK.mac_algorithm, covered)


def _refused(acquirer_code: str, rrn: str, code: str) -> BankAnswer:
    return BankAnswer(acquirer_code=acquirer_code, rrn=Rrn(rrn), response_code=code)


def answer_to(request: Request, code: str, payment: Payment | None, balance_fen: int | None = None) -> BankAnswer:
    """The answer with this code; a payment's answer carries what is kept with it, and what its kind tells besides."""
    asked = request.request
    if payment is None or type(request) is not PaymentOrder:
        return BankAnswer(acquirer_code=asked.acquirer_code, rrn=asked.rrn, response_code=code)
    return BankAnswer(
        acquirer_code=asked.acquirer_code,
        rrn=asked.rrn,
        response_code=code,
        auth_code=payment.auth_code,
        settlement_date=payment.settlement_date,
        issuer=ISSUER_NAME,
        chip_data=payment.chip_answer,
        balance_fen=balance_fen,
        pay_voucher=payment.pay_voucher if payment.code_id and code == APPROVED else "",
    )
