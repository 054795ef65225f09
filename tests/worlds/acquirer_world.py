"""A merchant with terminals and operators as rows, and requests to the rules about them. No keys: verdicts are given."""

from typing import Any, TypeVar

import msgspec
from tests.worlds.memory_store import ahead_of

from zhanggui.acquirer.operators.confirm import decide_confirm
from zhanggui.acquirer.operators.duty import decide_sign_out, decide_status
from zhanggui.acquirer.operators.entry import OperatorAsked
from zhanggui.acquirer.operators.sign_in import decide_verify
from zhanggui.acquirer.payments.originals import payment_key
from zhanggui.acquirer.payments.outcome import decide_bank_answer
from zhanggui.acquirer.payments.payment import PaymentAsked, decide_payment
from zhanggui.acquirer.payments.reversal import ReversalAsked, decide_reversal
from zhanggui.acquirer.rows.decision import Decision, MacVerdict, OperatorReply, PaymentReply, PlainReply, UploadReply
from zhanggui.acquirer.rows.records import (
    Merchant,
    Operator,
    Payment,
    PaymentKey,
    Posting,
    Record,
    Session,
    SignIn,
    Terminal,
    WaitingKeys,
    key_of,
)
from zhanggui.acquirer.rows.state import Change, Delete, State
from zhanggui.acquirer.terminals.gate import Refusal
from zhanggui.acquirer.terminals.leases import Leases, Word
from zhanggui.acquirer.terminals.sign_on import NewKeys, admit_sign_on, decide_sign_off, decide_sign_on, keys_that_wait
from zhanggui.acquirer.terminals.waiting_keys import waiting_keys
from zhanggui.basics.numbers import BatchNo, MerchantNo, OperatorNo, Rrn, TerminalNo, TraceNo, UnixMs
from zhanggui.basics.secret import Pan
from zhanggui.cup.messages.interbank import BankAnswer
from zhanggui.cup.messages.management import SIGN_ON_TRACK, SignOnRequest
from zhanggui.cup.messages.operator_asks import SignOutContents, StatusContents, read_confirm, read_verify
from zhanggui.cup.messages.payment import PaymentRequest, ReversalRequest
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.values.clock import write_clock
from zhanggui.cup.values.undoing import Undoing

MERCHANT = MerchantNo("102100058120001")
OURS, OTHER, FOREIGN = TerminalNo("10000001"), TerminalNo("10000002"), TerminalNo("20000001")
WANG, LI = OperatorNo("01"), OperatorNo("02")
BATCH = BatchNo("000001")
NOON = UnixMs(1_795_406_400_000)
ACQUIRER_CODE = "08888888"
PAN = Pan("6217000000000000012")
C = TypeVar("C")
ALL_WELL = {
    Tag.SELF_CHECK: "power:ok,network:ok,keypad:ok,display:ok,card_reader:ok,printer:ok,clock:ok,tamper:ok",
    Tag.EYES: "stands:ok,cables:ok,counter:ok,light:ok",
}
"""What a terminal says of itself, and its operator of it, when nothing is wrong."""


def code_of(decision: Decision) -> str:
    """The response code that goes out; empty when nothing does yet."""
    match decision.reply:
        case PaymentReply(answer=answer):
            return answer.response_code
        case PlainReply(response_code=code) | OperatorReply(response_code=code) | UploadReply(response_code=code):
            return code
        case _:
            return ""


def moved_by(decision: Decision) -> tuple[Change, ...]:
    """What a decision changes beside the row of the list that a refused payment leaves."""
    return tuple(change for change in decision.changes if not is_refusal(change.record))


def is_refusal(record: Record) -> bool:
    """Whether it is the row of a payment that was refused before the bank was asked: of no money, and with its reason; it
    may name the original that it was about."""
    if not isinstance(record, Payment) or record.state != "declined":
        return False
    assert record.reason
    assert (record.bank_state, record.undone_by_trace_no) == ("", "")
    return True


def tags_of(decision: Decision) -> dict[Tag, str]:
    """What the answer says, as the terminal gets it: empty texts do not go out."""
    assert isinstance(decision.reply, OperatorReply)
    return {tag: text for tag, text in decision.reply.said.tags().items() if text}


class World:
    """Rows, and a clock that tests move; time passes as it says."""

    def __init__(self) -> None:
        self.state = State()
        self.filed: dict[tuple[object, ...], Record] = {}
        self.now = NOON
        self.leases = Leases(lambda: self.now / 1000)
        self.keys_given = 0
        self.words_said = 0
        self.rrns_given = 0
        self.put(Merchant(merchant_no=MERCHANT, name="掌柜示范店", created_ms=NOON))
        for number, place in ((OURS, "前台"), (OTHER, "二号收银台")):
            self.put(self.new_terminal(number, place, "host"))
        self.put(self.new_terminal(FOREIGN, "测试台", "terminal"))
        for operator_no, name, role in (
            (WANG, "王芳", "cashier"),
            (LI, "李强", "cashier"),
            ("00", "陈店长", "supervisor"),
        ):
            self.put(
                Operator(
                    merchant_no=MERCHANT,
                    operator_no=OperatorNo(operator_no),
                    name=name,
                    role=role,  # type: ignore[arg-type]  # known roles
                    salt=bytes(16),
                    verifier=bytes(32),
                    password_set_ms=NOON,
                )
            )

    @staticmethod
    def new_terminal(number: TerminalNo, place: str, check: str) -> Terminal:
        return Terminal(
            merchant_no=MERCHANT,
            terminal_no=number,
            model="smart",
            place=place,
            dialect="unionpay",
            operator_check=check,  # type: ignore[arg-type]  # host or terminal
            master_key="TMK",
            created_ms=NOON,
        )

    def put(self, record: Record) -> None:
        self.state.put(record)
        self.filed[(type(record), *key_of(record))] = record

    def change(self, record: Record, **fields: Any) -> None:
        self.put(msgspec.structs.replace(record, **fields))

    def forget(self, kind: type[Record]) -> None:
        """All rows but those of one kind."""
        kept = [row for row in self.filed.values() if type(row) is not kind]
        self.state, self.filed = State(), {}
        for row in kept:
            self.put(row)

    def took(self, decision: Decision) -> Decision:
        """Take a decision's changes over, as a commit does."""
        self.state.apply(decision.changes)
        for change in decision.changes:
            if isinstance(change, Delete):
                self.filed.pop((type(change.record), *key_of(change.record)))
                continue
            self.filed[(type(change.record), *key_of(change.record))] = change.record
        return decision

    def terminal(self, number: TerminalNo = OURS) -> Terminal:
        found = self.state.get(Terminal, MERCHANT, number)
        assert found is not None
        return found

    def operator(self, number: OperatorNo = WANG) -> Operator:
        found = self.state.get(Operator, MERCHANT, number)
        assert found is not None
        return found

    def payment(self, trace: str, number: TerminalNo = OURS) -> Payment | None:
        return self.state.get(Payment, *self.key(trace, number))

    @staticmethod
    def key(trace: str, number: TerminalNo = OURS) -> PaymentKey:
        return (MERCHANT, number, BATCH, TraceNo(trace))

    def rows(self, kind: type[Record]) -> list[Any]:
        return [row for row in self.filed.values() if type(row) is kind]

    def record(self, record_no: int) -> SignIn:
        found = self.state.get(SignIn, MERCHANT, record_no)
        assert found is not None
        return found

    def live(self, number: TerminalNo = OURS) -> tuple[Session, ...]:
        return self.state.live_sessions_on(MERCHANT, number)

    def postings(self, trace: str, kind: str, number: TerminalNo = OURS) -> list[Posting]:
        return [row for row in self.rows(Posting) if (row.terminal_no, row.trace_no, row.kind) == (number, trace, kind)]

    # --------------------------------------------------------------------------------------------------- requests

    def waiting(self, number: TerminalNo = OURS) -> list[WaitingKeys]:
        """The keys that wait on a terminal, the youngest first."""
        return list(waiting_keys(self.state, self.terminal(number)))

    def fitting(self, number: TerminalNo, mac: MacVerdict) -> WaitingKeys | None:
        """The keys under which a MAC is right, where the verdict says so: the youngest that wait."""
        if mac != "next" or self.state.get(Terminal, MERCHANT, number) is None:
            return None
        return next(iter(self.waiting(number)), None)

    def sign_on(
        self, number: TerminalNo = OURS, operator_no: OperatorNo | None = None, kind: str = SIGN_ON_TRACK
    ) -> Decision:
        """0800; new keys have a new name."""
        request = SignOnRequest(
            merchant_no=MERCHANT,
            terminal_no=number,
            batch_no=BATCH,
            trace_no=TraceNo("000001"),
            network_code=kind,
            operator_no=operator_no,
        )
        admitted = admit_sign_on(self.state, request)
        if isinstance(admitted, Refusal):
            return Decision(reply=PlainReply(admitted.response_code), reason=admitted.reason)
        keys = keys_that_wait(self.state, admitted, request, self.now)
        if keys is None:
            self.keys_given += 1
            name = str(self.keys_given)
            keys = NewKeys(pin_key="PIK" + name, mac_key="MAK" + name, track_key="TDK" + name)
        return self.took(decide_sign_on(self.state, admitted, request, keys, self.now))

    def sign_off(self, number: TerminalNo = OURS) -> Decision:
        return self.took(decide_sign_off(self.state, self.terminal(number), self.now))

    def asked(
        self,
        contents: C,
        operator_no: OperatorNo | None = WANG,
        number: TerminalNo = OURS,
        mac: MacVerdict = "current",
        right: bool = False,
    ) -> OperatorAsked[C]:
        """An operator message, as it comes to the rules."""
        self.words_said += 1
        return OperatorAsked(
            merchant_no=MERCHANT,
            terminal_no=number,
            operator_no=operator_no or OperatorNo(""),
            contents=contents,
            mac=mac,
            fitting=self.fitting(number, mac),
            leases=self.leases,
            word=Word("", "MAK", TraceNo(f"{self.words_said:06d}")),
            password_right=right,
        )

    def verify(
        self,
        operator_no: OperatorNo | None = WANG,
        number: TerminalNo = OURS,
        *,
        right: bool = True,
        mac: MacVerdict = "current",
        tags: dict[Tag, str] | None = None,
    ) -> Decision:
        said = {**ALL_WELL, Tag.TERMINAL_CLOCK: write_clock(self.now), **(tags or {})}
        asked = self.asked(read_verify(said), operator_no, number, mac, right)
        return self.took(decide_verify(self.state, asked, self.now))

    def confirm(
        self,
        record_no: str,
        operator_no: OperatorNo = WANG,
        number: TerminalNo = OURS,
        *,
        wrong: str = "",
        mac: MacVerdict = "current",
    ) -> Decision:
        tags = {Tag.RECORD_NO: record_no, Tag.VERDICT: "wrong" if wrong else "ok", Tag.WRONG_ITEM: wrong}
        asked = self.asked(read_confirm(tags), operator_no, number, mac)
        return self.took(decide_confirm(self.state, asked, self.now))

    def sign_in(self, operator_no: OperatorNo = WANG, number: TerminalNo = OURS) -> Decision:
        """Verify and confirm; the first sign-in on a terminal signs the terminal on before."""
        mac: MacVerdict = "current"
        if not self.terminal(number).mac_key:
            self.sign_on(number)
            mac = "next"
        verified = self.verify(operator_no, number, mac=mac)
        if code_of(verified) != "00":
            return verified
        return self.confirm(tags_of(verified)[Tag.RECORD_NO], operator_no, number)

    def sign_out(
        self, operator_no: OperatorNo = WANG, number: TerminalNo = OURS, *, mac: MacVerdict = "current"
    ) -> Decision:
        asked = self.asked(SignOutContents(reason="asked"), operator_no, number, mac)
        return self.took(decide_sign_out(self.state, asked, self.now))

    def status(
        self,
        operator_no: OperatorNo | None = WANG,
        number: TerminalNo = OURS,
        *,
        mac: MacVerdict = "current",
        undoing: Undoing | None = None,
    ) -> Decision:
        asked = self.asked(StatusContents(undoing=undoing), operator_no, number, mac)
        return self.took(decide_status(self.state, asked, self.now))

    def sale(
        self,
        trace: str = "000007",
        *,
        number: TerminalNo = OURS,
        operator_no: OperatorNo | None = WANG,
        amount_fen: int = 12850,
        mac: MacVerdict = "current",
        batch: str = BATCH,
        merchant_no: MerchantNo = MERCHANT,
        epoch: str = "",
        entry_mode: str = "051",
        pin_block: bytes | None = None,
        **more: object,
    ) -> Decision:
        request = PaymentRequest(
            kind="sale",
            merchant_no=merchant_no,
            terminal_no=number,
            batch_no=BatchNo(batch),
            trace_no=TraceNo(trace),
            amount_fen=amount_fen,
            entry_mode=entry_mode,
            operator_no=operator_no,
            pan=PAN,
            pin_block=pin_block,
            epoch=epoch,
            **more,  # type: ignore[arg-type]
        )
        asked = PaymentAsked(
            request=request,
            mac=mac,
            fitting=self.fitting(number, mac),
            fingerprint=f"{amount_fen} {operator_no}{epoch}".encode(),
            card_hash=b"card",
            rrn=self.rrn(),
            acquirer_code=ACQUIRER_CODE,
        )
        return self.took(decide_payment(self.state, asked, self.now))

    def rrn(self) -> Rrn:
        self.rrns_given += 1
        return Rrn(f"{self.rrns_given:012d}")

    def bank(self, code: str | None, trace: str = "000007", number: TerminalNo = OURS) -> Decision:
        """The bank's answer with this code; None: it did not answer in time."""
        payment = self.payment(trace, number)
        answer = None
        if code is not None and payment is not None:
            answer = BankAnswer(
                acquirer_code=ACQUIRER_CODE,
                rrn=payment.rrn,
                response_code=code,
                auth_code="123456" if code == "00" else "",
                settlement_date="1124",
                issuer="模拟银行",
            )
        decision = decide_bank_answer(self.state, self.key(trace, number), answer, ACQUIRER_CODE, "掌柜收单", self.now)
        return self.took(decision)

    def reverse(
        self,
        trace: str = "000007",
        *,
        number: TerminalNo = OURS,
        amount_fen: int = 12850,
        mac: MacVerdict = "current",
        reason: str = "98",
        entry_mode: str = "051",
        card_hash: bytes = b"card",
        epoch: str = "",
    ) -> Decision:
        request = ReversalRequest(
            kind="sale",
            merchant_no=MERCHANT,
            terminal_no=number,
            batch_no=BATCH,
            trace_no=TraceNo(trace),
            amount_fen=amount_fen,
            entry_mode=entry_mode,
            reason=reason,
            epoch=epoch,
        )
        asked = ReversalAsked(
            request=request,
            mac=mac,
            fitting=self.fitting(number, mac),
            rrn=self.rrn(),
            acquirer_code=ACQUIRER_CODE,
            card_hash=card_hash,
        )
        key = payment_key(request)
        self.state.ahead[key] = ahead_of(key, self.rows(Payment))
        return self.took(decide_reversal(self.state, asked, self.now))


def signed_in() -> World:
    """A world where operator 01 has signed in at our terminal."""
    world = World()
    assert code_of(world.sign_in()) == "00"
    return world
