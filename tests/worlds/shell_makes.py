"""What the tests of the terminal's shell share: a clock that stands still, a journal's records, a master key, a slip."""

from datetime import datetime
from pathlib import Path

from zhanggui.basics.chance import SeededChance
from zhanggui.basics.clock import CHINA, instant_of
from zhanggui.basics.numbers import BatchNo, MerchantNo, OperatorNo, Rrn, TerminalNo, TraceNo, UnixMs
from zhanggui.cup.values.slip import Slip, SlipLine
from zhanggui.terminal.devices.pin_pad import VirtualPinPad
from zhanggui.terminal.flow.core.events import ApprovedPayment, DayLine, PendingReversal
from zhanggui.terminal.flow.core.payments import Attempt, Card, Doing
from zhanggui.vault.hsm import KeySet, WorkingKeys
from zhanggui.vault.keys import TerminalMasterKeyBlock
from zhanggui.vault.software import SoftwareHsm

MERCHANT = MerchantNo("102100058120001")
TERMINAL = TerminalNo("10000001")
OPERATOR = OperatorNo("01")
BATCH = BatchNo("000001")
CARD = "6217000000000000012"
MASKED = "621700*********0012"
MORNING = instant_of(datetime(2026, 11, 23, 8, 55, 3, tzinfo=CHINA))


class StillClock:
    """A clock that only moves when it is told to."""

    def __init__(self, now: UnixMs = MORNING) -> None:
        self.instant = now
        self.elapsed = 0.0

    def now(self) -> UnixMs:
        return self.instant

    def elapsed_s(self) -> float:
        return self.elapsed

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self.elapsed += seconds
        self.instant = UnixMs(self.instant + int(seconds * 1000))


def trace(number: int) -> TraceNo:
    return TraceNo(f"{number:06d}")


def reversal(number: int, attempts: int = 0) -> PendingReversal:
    return PendingReversal(
        trace_no=trace(number), batch_no=BATCH, amount_fen=1250, masked_pan=MASKED, reason="98", attempts=attempts
    )


def line(number: int, state: str = "reversing", code: str = "") -> DayLine:
    return DayLine(
        batch_no=BATCH,
        trace_no=trace(number),
        time="08:55:03",
        masked_pan=MASKED,
        amount_fen=1250,
        state=state,  # type: ignore[arg-type]  # the tests write the words out
        response_code=code,
    )


def attempt(number: int, *, amount_fen: int = 1250, with_pin: bool = False) -> Attempt:
    """A sale with a card in hand."""
    return Attempt(
        doing=Doing(
            kind="sale",
            amount_fen=amount_fen,
            card=Card(way="insert", masked_pan=MASKED, expiry_yymm="4912", label="测试卡"),
            pin="entered" if with_pin else "skipped",
        ),
        trace_no=trace(number),
        batch_no=BATCH,
        operator_no=OPERATOR,
        time="08:55:03",
        reversible=True,
        sign=1,
    )


def approved(number: int) -> ApprovedPayment:
    return ApprovedPayment(
        trace_no=trace(number),
        batch_no=BATCH,
        amount_fen=1250,
        masked_pan=MASKED,
        way="insert",
        expiry_yymm="4912",
        rrn=Rrn("000000000012"),
        auth_code="123456",
        host_time="2026-11-23 08:55:03",
        issuer="招商银行",
        acquirer="掌柜",
        operator_no=OPERATOR,
        merchant_no=MERCHANT,
        with_pin=True,
    )


def slip(slip_id: str = "000012-merchant", *, electronic: bool = False) -> Slip:
    return Slip(
        id=slip_id, copy="merchant", electronic=electronic, lines=(SlipLine("title", "POS签购单"), SlipLine("rule"))
    )


def slip_words(printed: Slip) -> str:
    """Slip to text, as little as tests need."""
    return "".join(f"{row.left}|{row.right}\n" for row in printed.lines)


def new_pin_pad(folder: Path, clock: StillClock | None = None, seed: int = 7) -> VirtualPinPad:
    """The PIN pad of a folder, or one fresh from the maker, without a master key."""
    return VirtualPinPad(folder, clock or StillClock(), SeededChance(seed))


class KeyRoom:
    """The host's side of a terminal's keys."""

    def __init__(self) -> None:
        self.hsm = SoftwareHsm(bytes(range(32)), SeededChance(11))
        self.master: TerminalMasterKeyBlock = self.hsm.new_terminal_master_key()
        self.keys: WorkingKeys | None = None

    def enrol(self, pin_pad: VirtualPinPad) -> None:
        """Load the master key."""
        pin_pad.inject_master_key(self.hsm.export_block(self.master, pin_pad.transport_key()))

    def working_keys(self, key_set: KeySet = KeySet.DOUBLE_TRACK) -> WorkingKeys:
        """Fresh keys of a sign-in."""
        self.keys = self.hsm.new_working_keys(self.master, key_set)
        return self.keys

    def sign_on(self, pin_pad: VirtualPinPad) -> WorkingKeys:
        """Enrol and load working keys."""
        self.enrol(pin_pad)
        keys = self.working_keys()
        pin_pad.load_working_keys(keys.field_62, KeySet.DOUBLE_TRACK)
        return keys


def type_digits(pin_pad: VirtualPinPad, digits: str, purpose: str = "cardholder") -> None:
    """Type digits and press enter."""
    pin_pad.begin(
        purpose,  # type: ignore[arg-type]  # one of two words
        min_digits=4,
        max_digits=12,
        may_skip=False,
        timeout_s=60,
    )
    for digit in digits:
        pin_pad.press(digit)  # type: ignore[arg-type]  # a digit key
    pin_pad.press("enter")
