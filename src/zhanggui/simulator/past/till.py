"""A till of the past: its keys and numbers, and the messages that it sends and hears. What people do at it is told in `counter.py`.

It builds and reads each message as a terminal of ours does, with the same words of `cup`, and believes no answer whose MAC is wrong.
"""

from ...basics.errors import Fault
from ...basics.numbers import BatchNo, MerchantNo, OperatorNo, TerminalNo, TraceNo, next_in_six_digits
from ...basics.secret import Secret
from ...cup.dialect import UNIONPAY
from ...cup.envelope import unwrap, wrap
from ...cup.field60 import parse_field_60
from ...cup.messages.management import SIGN_ON_DOUBLE, SignOnRequest
from ...cup.messages.operator import OperatorRequest
from ...cup.messages.operator_asks import OperatorContents
from ...cup.messages.sealing import covered_bytes, seal
from ...cup.operator_tags import Tags, unpack_tags
from ...cup.transactions import OPERATOR_ANSWER_MTI, bytes_of, text_of
from ...iso8583.message import Message
from ...terminal.link.host_answers import beginning
from ...vault.hsm import Hsm, KeySet, WorkingKeys
from ...vault.keys import TerminalMasterKeyBlock
from ...vault.pinblock import PasswordAccount
from .floor import Floor, TillLine

OK = "00"


class Answer:
    """What a till was answered: code, tags where it is an operator message, and the message itself."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.code = text_of(message, 39)
        is_operator = message.mti == OPERATOR_ANSWER_MTI and isinstance(message.fields.get(62), bytes)
        self.tags: Tags = unpack_tags(bytes_of(message, 62)) if is_operator else {}

    @property
    def is_good(self) -> bool:
        """Whether what was asked for is done."""
        return self.code == OK

    def text(self, field: int) -> str:
        """A field as text; empty where it is not there."""
        return str(self.message.fields.get(field, ""))


class Till:
    """One terminal. `hsm` is its own vault, in which its master key lies."""

    def __init__(
        self,
        floor: Floor,
        hsm: Hsm,
        master: TerminalMasterKeyBlock,
        merchant_no: MerchantNo,
        terminal_no: TerminalNo,
    ) -> None:
        self.floor = floor
        self.hsm, self._master = hsm, master
        self.merchant_no, self.terminal_no = merchant_no, terminal_no
        self.batch_no = BatchNo("000001")
        self.epoch = ""
        self.line = TillLine()
        self._trace_no = TraceNo("000000")
        self._keys: WorkingKeys | None = None

    @property
    def keys(self) -> WorkingKeys:
        """The working keys. Fault before the first sign-on."""
        if self._keys is None:
            raise Fault(f"till {self.terminal_no} has no keys yet")
        return self._keys

    def next_trace(self) -> TraceNo:
        """The next voucher number."""
        self._trace_no = TraceNo(next_in_six_digits(self._trace_no))
        return self._trace_no

    async def sign_on(self) -> None:
        """0800: fresh keys, the batch, the epoch. Fault when the host gives none."""
        request = SignOnRequest(
            merchant_no=self.merchant_no,
            terminal_no=self.terminal_no,
            batch_no=self.batch_no,
            trace_no=self.next_trace(),
            network_code=SIGN_ON_DOUBLE,
        )
        payload = await self.floor.ask(self.line, wrap(UNIONPAY, UNIONPAY.codec.encode(request.message())))
        message = UNIONPAY.codec.decode(unwrap(UNIONPAY, _there(payload)).body)
        if text_of(message, 39) != OK:
            raise Fault(f"till {self.terminal_no} got no keys: {text_of(message, 39)}")
        self._keys = self.hsm.load_working_keys(self._master, bytes_of(message, 62), KeySet.DOUBLE)
        self.batch_no = BatchNo(parse_field_60(text_of(message, 60)).batch_no)
        begins = beginning(message)
        self.epoch = begins.epoch if begins is not None else ""
        if begins is not None and begins.known_trace is not None:
            self._trace_no = begins.known_trace

    async def tell(self, message: Message) -> Answer:
        """Send a message with its MAC; the answer. Fault when none comes, or its MAC is wrong."""
        return self.read(_there(await self.ask(message)))

    async def ask(self, message: Message) -> bytes | None:
        """Send a message with its MAC; the answer as it came, None where the host still waits for others."""
        return await self.floor.ask(self.line, self.sealed(message))

    def sealed(self, message: Message) -> bytes:
        """A message as it goes out."""
        key, algorithm = self.keys.mac_key, UNIONPAY.mac_algorithm
        return wrap(UNIONPAY, seal(UNIONPAY.codec, message, lambda covered: self.hsm.mac(key, algorithm, covered)))

    def read(self, payload: bytes) -> Answer:
        """Take an answer apart. Fault when its MAC is wrong, or is not there."""
        body = unwrap(UNIONPAY, payload).body
        message = UNIONPAY.codec.decode(body)
        covered, mac = covered_bytes(body, message)
        if not self.hsm.verify_mac(self.keys.mac_key, UNIONPAY.mac_algorithm, covered, mac):
            raise Fault(f"till {self.terminal_no} got an answer to {message.mti} with a wrong MAC")
        return Answer(message)

    async def operator(
        self,
        code: str,
        operator_no: OperatorNo | None,
        contents: OperatorContents,
        password: str | None = None,
    ) -> Answer:
        """Any operator message (60.3 = `code`), with a password block where a password is given."""
        request = OperatorRequest(
            merchant_no=self.merchant_no,
            terminal_no=self.terminal_no,
            batch_no=self.batch_no,
            trace_no=self.next_trace(),
            network_code=code,
            operator_no=operator_no,
            tags=contents.tags(),
            password_block=self.password_block(operator_no, password) if password and operator_no else None,
        )
        return await self.tell(request.message())

    def password_block(self, operator_no: OperatorNo, password: str) -> bytes:
        """Field 52."""
        account = PasswordAccount(self.merchant_no, operator_no)
        return self.hsm.encrypt_password(self.keys.pin_key, Secret(password), account)


def _there(payload: bytes | None) -> bytes:
    if payload is None:
        raise Fault("a till of the past got no answer")
    return payload
