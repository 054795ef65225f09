"""One terminal of ours on the wire, for tests: it knows its keys, counts traces, builds requests and reads answers.

It shares with the host what a true terminal shares: the message catalogue and the vault, nothing of the host's rooms. It does
no input or output itself; `Counter` sends what it builds over a blocking socket, and other shells may do it otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.worlds.foreign_terminal import Line

from zhanggui.basics.numbers import BatchNo, MerchantNo, OperatorNo, TerminalNo, TraceNo, UnixMs
from zhanggui.basics.secret import Pan, PayCode, Secret
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.envelope import unwrap, wrap
from zhanggui.cup.messages.management import SIGN_ON_DOUBLE, SignOnRequest
from zhanggui.cup.messages.operator import OperatorRequest
from zhanggui.cup.messages.payment import SECURITY_PIN_WITH_PAN, Original, PaymentRequest, ReversalRequest
from zhanggui.cup.messages.sealing import covered_bytes, seal
from zhanggui.cup.operator_tags import Tag, unpack_tags
from zhanggui.cup.transactions import bytes_of, text_of
from zhanggui.cup.values.badge import BY_BADGE, ShownBadge, badge_context
from zhanggui.cup.values.clock import write_clock
from zhanggui.cup.values.user_name import fold_user_name
from zhanggui.iso8583.message import Message
from zhanggui.vault.badge import badge_number
from zhanggui.vault.hsm import KeySet, WorkingKeys
from zhanggui.vault.keys import TerminalMasterKeyBlock
from zhanggui.vault.pinblock import PasswordAccount
from zhanggui.vault.software import SoftwareHsm

VERIFY, SIGN_OUT, CONFIRM, LOCK, PHONE = "401", "402", "403", "404", "409"
CHANGE, APPROVE, OFFLINE, STATUS, MANAGE = "405", "406", "407", "362", "408"
BATCH = BatchNo("000001")
TEST_CARD = "6217000000000000012"
AMOUNT_FEN = 12850
Tags = dict[Tag, str]
ALL_WELL: Tags = {
    Tag.SELF_CHECK: "power:ok,network:ok,keypad:ok,display:ok,card_reader:ok,printer:ok,clock:ok,tamper:ok",
    Tag.EYES: "stands:ok,cables:ok,counter:ok,light:ok",
}


class WrongMac(AssertionError):
    """An answer's MAC does not fit the terminal's key."""


@dataclass(frozen=True)
class Answer:
    """What came back: response code, tags of field 62 (operator messages), and whether a right MAC was on it."""

    code: str
    tags: Tags
    sealed: bool
    message: Message
    payload: bytes

    def __getitem__(self, tag: Tag) -> str:
        return self.tags.get(tag, "")


class OurTerminal:
    """A terminal whose operators the host checks."""

    def __init__(
        self, hsm: SoftwareHsm, master: TerminalMasterKeyBlock, merchant_no: MerchantNo, terminal_no: TerminalNo
    ) -> None:
        self.hsm = hsm
        self.master = master
        self.merchant_no = merchant_no
        self.terminal_no = terminal_no
        self.keys: WorkingKeys | None = None
        self.trace = 0

    # Requests, as payloads.

    def sign_on(self) -> bytes:
        """0800 with a blank 63.1: asks for fresh keys."""
        request = SignOnRequest(
            merchant_no=self.merchant_no,
            terminal_no=self.terminal_no,
            batch_no=BATCH,
            trace_no=self._next_trace(),
            network_code=SIGN_ON_DOUBLE,
        )
        return wrap(UNIONPAY, UNIONPAY.codec.encode(request.message()))

    def take_keys(self, payload: bytes) -> None:
        """Take the working keys out of a 0810 that must be good."""
        message = UNIONPAY.codec.decode(unwrap(UNIONPAY, payload).body)
        assert text_of(message, 39) == "00", f"no keys: {message.fields[39]!r}"
        self.keys = self.hsm.load_working_keys(self.master, bytes_of(message, 62), KeySet.DOUBLE)

    def operator(
        self,
        code: str,
        operator_no: str | None,
        tags: Tags | None = None,
        password: str | None = None,
        badge: Secret | None = None,
        phone: str = "",
    ) -> bytes:
        """Any operator message (60.3 = code), with a password block when a password is given. What is longer than a number is a
        user name; a badge, or the code that a phone answered, stands in the place of either."""
        is_name = len(operator_no or "") > 2
        trace_no = self._next_trace()
        request = OperatorRequest(
            merchant_no=self.merchant_no,
            terminal_no=self.terminal_no,
            batch_no=BATCH,
            trace_no=trace_no,
            network_code=code,
            operator_no=OperatorNo(operator_no) if operator_no is not None and not is_name else None,
            user_name=operator_no or "" if is_name else "",
            tags=tags or {},
            password_block=self.password_block(operator_no or "", password) if password is not None else None,
            badge=self.shown(badge, trace_no) if badge is not None else None,
            phone=phone,
        )
        message = request.message()
        message.fields.setdefault(63, "   ")
        return self._sealed(message)

    def password_block(self, operator_no: str, password: str) -> bytes:
        """Field 52."""
        assert self.keys is not None
        is_name = len(operator_no) > 2
        account = PasswordAccount(
            self.merchant_no, OperatorNo("" if is_name else operator_no), fold_user_name(operator_no) if is_name else ""
        )
        return self.hsm.encrypt_password(self.keys.pin_key, Secret(password), account)

    def shown(self, badge: Secret, trace_no: TraceNo) -> ShownBadge:
        """Tag BADGE of one message."""
        assert self.keys is not None
        context = badge_context(self.merchant_no, self.terminal_no, BATCH, trace_no)
        return ShownBadge(badge_number(badge), self.hsm.encrypt_badge(self.keys.pin_key, badge, context))

    def sale(self, operator_no: str, amount_fen: int = AMOUNT_FEN) -> bytes:
        """0200 for a swiped card with its PIN."""
        return self.payment("sale", operator_no, amount_fen)

    def payment(
        self,
        kind: str,
        operator_no: str,
        amount_fen: int = AMOUNT_FEN,
        *,
        original: Original | None = None,
        approval_no: int | None = None,
    ) -> bytes:
        """A payment of any kind for a swiped card with its PIN."""
        assert self.keys is not None
        card = Pan(TEST_CARD)
        request = PaymentRequest(
            kind=kind,
            merchant_no=self.merchant_no,
            terminal_no=self.terminal_no,
            batch_no=BATCH,
            trace_no=self._next_trace(),
            amount_fen=amount_fen,
            entry_mode="021",
            operator_no=OperatorNo(operator_no),
            pan=card,
            track2=Secret(f"{TEST_CARD}=4912"),
            pin_block=self.hsm.encrypt_pin(self.keys.pin_key, Secret("123456"), card),
            security_control=SECURITY_PIN_WITH_PAN,
            original=original,
            approval_no=approval_no,
        )
        return self._sealed(request.message())

    def by_code(
        self,
        kind: str,
        operator_no: str,
        amount_fen: int = AMOUNT_FEN,
        *,
        code: str = "",
        brand: str = "",
        original: Original | None = None,
        approval_no: int | None = None,
    ) -> bytes:
        """A payment in which a customer's payment code stands in the card's place, or (`brand`) a phone is to read ours."""
        request = PaymentRequest(
            kind=kind,
            merchant_no=self.merchant_no,
            terminal_no=self.terminal_no,
            batch_no=BATCH,
            trace_no=self._next_trace(),
            amount_fen=amount_fen,
            entry_mode="032",
            operator_no=OperatorNo(operator_no),
            pan=None,
            code=PayCode(code) if code else None,
            brand=brand,
            original=original,
            approval_no=approval_no,
        )
        return self._sealed(request.message())

    def reversal(
        self, trace: int, amount_fen: int = AMOUNT_FEN, *, kind: str = "sale", entry_mode: str = "021"
    ) -> bytes:
        """0400 for the payment of this trace number."""
        request = ReversalRequest(
            kind=kind,
            merchant_no=self.merchant_no,
            terminal_no=self.terminal_no,
            batch_no=BATCH,
            trace_no=TraceNo(f"{trace:06d}"),
            amount_fen=amount_fen,
            entry_mode=entry_mode,
            reason="98",
        )
        return self._sealed(request.message())

    # Answers.

    def read(self, payload: bytes) -> Answer:
        """Take an answer apart; WrongMac when it carries a MAC that does not fit."""
        body = unwrap(UNIONPAY, payload).body
        message = UNIONPAY.codec.decode(body)
        sealed = 64 in message.fields
        if sealed:
            assert self.keys is not None
            covered, mac = covered_bytes(body, message)
            if not self.hsm.verify_mac(self.keys.mac_key, UNIONPAY.mac_algorithm, covered, mac):
                raise WrongMac(f"{message.mti} {text_of(message, 39)}")
        is_operator = message.mti == "0830" and 62 in message.fields
        tags = unpack_tags(bytes_of(message, 62)) if is_operator else {}
        return Answer(text_of(message, 39), tags, sealed, message, payload)

    def _sealed(self, message: Message) -> bytes:
        keys = self.keys
        assert keys is not None, "the terminal has no keys yet"
        algorithm = UNIONPAY.mac_algorithm
        return wrap(
            UNIONPAY, seal(UNIONPAY.codec, message, lambda covered: self.hsm.mac(keys.mac_key, algorithm, covered))
        )

    def _next_trace(self) -> TraceNo:
        self.trace = self.trace % 999_999 + 1
        return TraceNo(f"{self.trace:06d}")


class Counter(OurTerminal):
    """The terminal with its line to the host: one call, one exchange. Every operator answer must carry a right MAC."""

    def __init__(
        self,
        hsm: SoftwareHsm,
        master: TerminalMasterKeyBlock,
        merchant_no: MerchantNo,
        terminal_no: TerminalNo,
        port: int,
    ) -> None:
        super().__init__(hsm, master, merchant_no, terminal_no)
        self.port = port
        self.line: Line | None = None
        self.clock: Callable[[], UnixMs] | None = None
        """The terminal's own clock, where it has one."""

    def ask(self, payload: bytes) -> Answer:
        """Send a payload as it is and read the answer."""
        if self.line is None:
            self.line = Line("127.0.0.1", self.port)
        return self.read(self.line.ask(payload))

    def hang_up(self) -> None:
        """Close the line; the next exchange opens a new one."""
        if self.line is not None:
            self.line.socket.close()
            self.line = None

    def get_keys(self) -> None:
        """0800."""
        if self.line is None:
            self.line = Line("127.0.0.1", self.port)
        self.take_keys(self.line.ask(self.sign_on()))

    def exchange(
        self, code: str, operator_no: str | None, tags: Tags | None = None, password: str | None = None
    ) -> Answer:
        """One operator message; the MAC of its answer must be there and right, whatever the answer says."""
        if self.keys is None:
            self.get_keys()
        answer = self.ask(self.operator(code, operator_no, tags, password))
        assert answer.sealed, f"{code} was answered {answer.code} without a MAC"
        return answer

    def verify(self, operator_no: str, password: str, tags: Tags | None = None) -> Answer:
        """401, with a self-check and eyes that found nothing; `tags` says otherwise."""
        return self.exchange(VERIFY, operator_no, {**ALL_WELL, **self.time(), **(tags or {})}, password)

    def verify_badge(self, badge: Secret, password: str | None = None, tags: Tags | None = None) -> Answer:
        """401 of whoever shows a badge, with a password or alone."""
        if self.keys is None:
            self.get_keys()
        said = {**ALL_WELL, **self.time(), Tag.METHOD: "badge", **(tags or {})}
        login = BY_BADGE if password is not None else None
        answer = self.ask(self.operator(VERIFY, login, said, password, badge))
        assert answer.sealed, f"a badge was answered {answer.code} without a MAC"
        return answer

    def phone(self, verdict: str, name: str = "") -> Answer:
        """409: `open`, `ask` or `leave`."""
        return self.exchange(PHONE, None, {Tag.VERDICT: verdict, Tag.PHONE: name})

    def verify_phone(self, name: str, tags: Tags | None = None) -> Answer:
        """401 of whom a phone has proven."""
        if self.keys is None:
            self.get_keys()
        said = {**ALL_WELL, **self.time(), Tag.METHOD: "phone", **(tags or {})}
        answer = self.ask(self.operator(VERIFY, None, said, phone=name))
        assert answer.sealed, f"a phone's code was answered {answer.code} without a MAC"
        return answer

    def time(self) -> Tags:
        """What its clock says."""
        return {Tag.TERMINAL_CLOCK: write_clock(self.clock())} if self.clock is not None else {}

    def confirm(self, operator_no: str, record_no: str, tags: Tags | None = None) -> Answer:
        """403."""
        said = {Tag.RECORD_NO: record_no, Tag.VERDICT: "ok", **(tags or {})}
        return self.exchange(CONFIRM, operator_no, said)

    def sign_in(self, operator_no: str, password: str, tags: Tags | None = None) -> Answer:
        """401 and, when that is good, 403; the last answer."""
        verified = self.verify(operator_no, password)
        return verified if verified.code != "00" else self.confirm(operator_no, verified[Tag.RECORD_NO], tags)

    def sign_out(self, operator_no: str, notes: str = "") -> Answer:
        """402."""
        return self.exchange(SIGN_OUT, operator_no, {Tag.REASON: "asked", Tag.NOTES: notes})

    def lock(self, operator_no: str) -> Answer:
        """404 lock."""
        return self.exchange(LOCK, operator_no, {Tag.VERDICT: "lock"})

    def unlock(self, operator_no: str, password: str) -> Answer:
        """404 unlock."""
        return self.exchange(LOCK, operator_no, {Tag.VERDICT: "unlock"}, password)

    def change_password(self, operator_no: str, old: str, new: str, record_no: str = "") -> Answer:
        """405, for a sign-in that asked for it or by itself."""
        if self.keys is None:
            self.get_keys()
        new_block = self.password_block(operator_no, new).hex()
        return self.exchange(CHANGE, operator_no, {Tag.NEW_BLOCK: new_block, Tag.RECORD_NO: record_no}, old)

    def approve(self, supervisor_no: str, password: str, action: str, tags: Tags | None = None) -> Answer:
        """406."""
        return self.exchange(APPROVE, supervisor_no, {Tag.ACTION: action, **(tags or {})}, password)

    def manage(self, manager_no: str, password: str, action: str, about_no: str = "", first: str = "") -> Answer:
        """408; `first` is the first password beside a reset."""
        if self.keys is None:
            self.get_keys()
        block = self.password_block(about_no, first).hex() if first else ""
        tags = {Tag.ACTION: action, Tag.ABOUT_NO: about_no, Tag.NEW_BLOCK: block}
        return self.exchange(MANAGE, manager_no, tags, password)

    def offline(self, operator_no: str, record_no: str, uses: int, since: UnixMs) -> Answer:
        """407."""
        tags = {Tag.OFFLINE: f"{record_no},{uses},{since}", **self.time()}
        return self.exchange(OFFLINE, operator_no, tags)

    def heartbeat(self, operator_no: str | None) -> Answer:
        """362."""
        return self.exchange(STATUS, operator_no, {Tag.HEALTH: "printer:ok"})

    def sell(self, operator_no: str, amount_fen: int = AMOUNT_FEN) -> Answer:
        """0200."""
        if self.keys is None:
            self.get_keys()
        return self.ask(self.sale(operator_no, amount_fen))

    def pay(
        self,
        kind: str,
        operator_no: str,
        amount_fen: int = AMOUNT_FEN,
        *,
        original: Original | None = None,
        approval_no: int | None = None,
    ) -> Answer:
        """0200 of any kind."""
        if self.keys is None:
            self.get_keys()
        return self.ask(self.payment(kind, operator_no, amount_fen, original=original, approval_no=approval_no))
