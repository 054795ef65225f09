"""The load of `bench sign-in`: terminals that sign their operator in, each by three messages: 0800 keys, 401 verify, 403 confirm."""

from ...basics.errors import Fault
from ...basics.numbers import BatchNo, MerchantNo, OperatorNo, TerminalNo, TraceNo
from ...basics.secret import Secret
from ...cup.dialect import UNIONPAY
from ...cup.envelope import unwrap, wrap
from ...cup.messages.management import SIGN_ON_DOUBLE, SignOnRequest
from ...cup.messages.operator import CONFIRM, VERIFY, OperatorRequest
from ...cup.messages.sealing import covered_bytes, seal
from ...cup.operator_tags import Tag, unpack_tags
from ...cup.transactions import bytes_of, text_of
from ...iso8583.framing import frame
from ...vault.ciphers import ecb_decryptor, ecb_encryptor
from ...vault.field62 import SINGLE_BYTES, split
from ...vault.hsm import KeySet
from ...vault.keys import KeyAlgorithm
from ...vault.mac import MacFunction, mac_function
from ...vault.pinblock import PasswordAccount, clear_block

BATCH = BatchNo("000001")
MESSAGES = 3
"""Of a sign-in, each with a trace number of its own."""
EVIDENCE = "power:ok,network:ok,keypad:ok,display:ok,card_reader:ok,scanner:ok,printer:ok,clock:ok"
GOOD = "00"


class SignInClient:
    """One terminal with its operator. The vault of a true terminal seals its keys; here they are only used, to be cheap."""

    def __init__(
        self, merchant_no: MerchantNo, terminal_no: TerminalNo, operator_no: OperatorNo, password: str, master: bytes
    ) -> None:
        self.merchant_no = merchant_no
        self.terminal_no = terminal_no
        self.operator_no = operator_no
        self._password = password
        self._master = master
        self._mac: MacFunction | None = None
        self._pin_key = b""
        self._record_no = ""
        self.began_s = self.ended_s = 0.0
        """When it arrived and when its last answer came, on the load's clock."""
        self.codes: list[str] = []
        """Response codes of the answers, in order."""
        self.answers: list[bytes] = []
        self._earlier = 0
        """Sign-ins before this one, by `again`."""

    def again(self) -> bytes:
        """The first message of the next sign-in at this terminal, framed."""
        if self.codes:
            self.check()
            self._earlier += 1
            self.codes, self.answers = [], []
        return self.first()

    def first(self) -> bytes:
        """The framed 0800."""
        request = SignOnRequest(
            merchant_no=self.merchant_no,
            terminal_no=self.terminal_no,
            batch_no=BATCH,
            trace_no=self._trace_no(1),
            network_code=SIGN_ON_DOUBLE,
        )
        return frame(wrap(UNIONPAY, UNIONPAY.codec.encode(request.message())))

    def next(self, payload: bytes) -> bytes | None:
        """What follows an answer, framed; None when the sign-in is over, well or not."""
        message = UNIONPAY.codec.decode(unwrap(UNIONPAY, payload).body)
        code = text_of(message, 39)
        self.codes.append(code)
        if code != GOOD:
            return None
        if len(self.codes) == 1:
            self._take_keys(bytes_of(message, 62))
            account = PasswordAccount(self.merchant_no, self.operator_no)
            cipher = ecb_encryptor(KeyAlgorithm.TDES, self._pin_key)
            block = cipher.update(clear_block(Secret(self._password), account.part))
            tags = {Tag.SELF_CHECK: EVIDENCE, Tag.VERSIONS: "bench/1", Tag.METHOD: "password", Tag.ELAPSED_MS: "4200"}
            return self._request(VERIFY, self._trace_no(2), tags, block)
        self.answers.append(payload)
        if len(self.codes) == 2:
            self._record_no = unpack_tags(bytes_of(message, 62))[Tag.RECORD_NO]
            return self._request(CONFIRM, self._trace_no(3), {Tag.RECORD_NO: self._record_no, Tag.VERDICT: "ok"}, None)
        return None

    @property
    def signed_in(self) -> bool:
        """Whether all three answers were good."""
        return self.codes == [GOOD] * 3

    def check(self) -> None:
        """Fault when an answer's MAC is wrong."""
        assert self._mac is not None or not self.answers
        for payload in self.answers:
            body = unwrap(UNIONPAY, payload).body
            covered, mac = covered_bytes(body, UNIONPAY.codec.decode(body))
            if self._mac is None or self._mac(covered) != mac:
                raise Fault("an answer's MAC is wrong")

    def _trace_no(self, message: int) -> TraceNo:
        return TraceNo(f"{self._earlier * MESSAGES + message:06d}")

    def _take_keys(self, field_62: bytes) -> None:
        pin, mac = split(KeySet.DOUBLE, field_62)
        opened = ecb_decryptor(KeyAlgorithm.TDES, self._master)
        self._pin_key = opened.update(pin.sealed)
        mac_key = opened.update(mac.sealed[:SINGLE_BYTES])
        self._mac = mac_function(UNIONPAY.mac_algorithm, KeyAlgorithm.DES, mac_key)

    def _request(self, code: str, trace_no: TraceNo, tags: dict[Tag, str], block: bytes | None) -> bytes:
        assert self._mac is not None
        request = OperatorRequest(
            merchant_no=self.merchant_no,
            terminal_no=self.terminal_no,
            batch_no=BATCH,
            trace_no=trace_no,
            network_code=code,
            operator_no=self.operator_no,
            tags=tags,
            password_block=block,
        )
        return frame(wrap(UNIONPAY, seal(UNIONPAY.codec, request.message(), self._mac)))
