"""What people do at a till: sign in and out, take money, give it back, settle. Each is a message or a few, and time that goes by.

A payment that is not answered is reversed, as a terminal does: nobody here knows more than the till would.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from msgspec.structs import replace

from ...acquirer.payments.kinds import KINDS
from ...basics.errors import Fault
from ...basics.numbers import BatchNo, OperatorNo, RecordNo, UnixMs, next_in_six_digits
from ...basics.secret import PayCode, Secret
from ...cup.messages.operator_asks import (
    ApproveContents,
    ConfirmContents,
    LockContents,
    ManageContents,
    Measured,
    NewPasswordContents,
    OfflineContents,
    SignOutContents,
    StatusContents,
    VerifyContents,
)
from ...cup.messages.original import Original
from ...cup.messages.payment import SECURITY_PIN_WITH_PAN, PaymentRequest, ReversalRequest
from ...cup.messages.settlement import (
    AGREED,
    SettlementRequest,
    read_settlement_answer,
)
from ...cup.operator_tags import Tag
from ...cup.transactions import PAYMENTS
from ...cup.values.offline import OfflineUse, read_terms
from ...cup.values.order import OrderAnswer
from ...cup.values.self_check import CHECK_ITEMS, MODEL_LACKS, CheckedItem, write_self_check
from ...cup.values.shift import Notes, write_notes
from ...cup.values.take_over import TakeOver
from ...terminal.flow.core.kept import EntryWay
from ...terminal.link.card_data import BY_CODE, PreparedCard
from ...terminal.link.chip_data import prepare_card
from ..fleets.dice import Dice
from .batch import Paid, original_of, sums_of, tell_again
from .cards import PIN, HeldCard
from .floor import Floor
from .till import Answer, Till

VERIFY, SIGN_OUT, CONFIRM, LOCK, NEW_PASSWORD = "401", "402", "403", "404", "405"
APPROVE, OFFLINE, MANAGE, STATUS = "406", "407", "408", "362"
BANK_WAIT_S, TILL_WAIT_S = 46.0, 60.0
"""How long a host waits for the bank, and a terminal for its host."""
NO_ANSWER = "98"
"""Reason of a reversal whose payment was not answered."""
VERSION = "zhanggui/1.6.0"
TEMPO_DEVIATION = 0.25


@dataclass(slots=True)
class Person:
    """Somebody who works in a shop: number, password, habits of hand and of hour."""

    operator_no: OperatorNo
    name: str
    password: str
    tempo_ms: float = 6_000.0
    typo: float = 0.02


@dataclass(slots=True)
class Counter:
    """One till with its place on the counter, and whoever stands there."""

    floor: Floor
    till: Till
    model: str
    dice: Dice
    supervisor: Person
    not_ok: dict[str, CheckedItem] = field(default_factory=dict)
    """Parts that are not well now."""
    drift_s: float = 0.0
    """How far its clock is off."""
    on_duty: Person | None = None
    is_locked: bool = False
    paid: list[Paid] = field(default_factory=list)
    """Of this batch, what stands and was not given back."""
    counted: list[Paid] = field(default_factory=list)
    """Of this batch, what its totals are made of."""
    envelope: tuple[OperatorNo, RecordNo] | None = None
    """Whose sign-in left an envelope for one without network."""

    # ── sign-in ──────────────────────────────────────────────────────────────

    async def sign_in(self, person: Person, *, wrong: int = 0) -> Answer:
        """Keys, then number and password, and the confirmation; `wrong` passwords first. The last answer is what it came to."""
        await self.till.sign_on()
        for _ in range(wrong):
            await self.try_password(person, wrong_password(person.password, self.dice))
            self.pass_s(6, 18)
        answer = await self.try_password(person, person.password)
        if answer.is_good:
            answer = await self.confirm(person, answer)
        return answer

    async def try_password(self, person: Person, password: str) -> Answer:
        """401."""
        elapsed_ms = round(self.dice.log_normal(person.tempo_ms, TEMPO_DEVIATION))
        self.floor.clock.pass_ms(elapsed_ms)
        typed_ms = round(elapsed_ms * 0.4)
        measured = Measured(
            self_check=write_self_check(self.checks()),
            elapsed_ms=elapsed_ms,
            steps=(("number", typed_ms), ("password", elapsed_ms - typed_ms)),
            versions=VERSION,
            terminal_clock=self.clock(),
        )
        return await self.till.operator(VERIFY, person.operator_no, VerifyContents(measured=measured), password)

    async def confirm(self, person: Person, verified: Answer, take_over: TakeOver | None = None) -> Answer:
        """403, after a new password where the host asks for one."""
        record_no = RecordNo(int(verified.tags[Tag.RECORD_NO]))
        if "new_password" in verified.tags.get(Tag.NEEDS, ""):
            await self.change_password(person, new_password(self.dice), record_no)
        facts_ms = self.pass_s(2, 5)
        contents = ConfirmContents(record_no=record_no, take_over=take_over, steps=(("facts", facts_ms),))
        answer = await self.till.operator(CONFIRM, person.operator_no, contents)
        if answer.is_good:
            self.on_duty, self.is_locked = person, False
            terms = read_terms(answer.tags.get(Tag.OFFLINE, ""))
            self.envelope = (person.operator_no, terms.record_no) if terms is not None else None
        return answer

    async def report_wrong(self, person: Person, item: str) -> Answer:
        """Sign in, and say that something on the confirmation is wrong: a case for support, and no session."""
        await self.till.sign_on()
        verified = await self.try_password(person, person.password)
        self.pass_s(3, 8)
        record_no = RecordNo(int(verified.tags[Tag.RECORD_NO]))
        return await self.till.operator(
            CONFIRM, person.operator_no, ConfirmContents(record_no=record_no, wrong_item=item)
        )

    async def change_password(self, person: Person, new: str, record_no: RecordNo | None = None) -> Answer:
        """405: a password of one's own."""
        self.pass_s(8, 20)
        contents = NewPasswordContents(new_block=self.till.password_block(person.operator_no, new), record_no=record_no)
        answer = await self.till.operator(NEW_PASSWORD, person.operator_no, contents, person.password)
        if answer.is_good:
            person.password = new
        return answer

    async def sign_in_without_network(self, person: Person, used_at_ms: UnixMs) -> Answer:
        """407: the line is back, and the till tells of the sign-in that its PIN pad took meanwhile."""
        if self.envelope is None or self.envelope[0] != person.operator_no:
            raise Fault("there is no envelope for this person")
        await self.till.sign_on()
        use = OfflineUse(record_no=self.envelope[1], use=1, used_at_ms=used_at_ms)
        contents = OfflineContents(use=use, versions=VERSION, terminal_clock=self.clock())
        answer = await self.till.operator(OFFLINE, person.operator_no, contents)
        if answer.is_good:
            self.on_duty = person
        return answer

    async def sign_out(self, notes: Notes | None = None, reason: str = "asked") -> Answer:
        """402 of whoever is on duty."""
        person = self.somebody
        contents = SignOutContents(reason=reason, notes=write_notes(notes) if notes is not None else "")
        answer = await self.till.operator(SIGN_OUT, person.operator_no, contents)
        self.on_duty = None
        return answer

    async def lock(self) -> None:
        """404: a break of whoever is on duty."""
        if self.on_duty is not None:
            await self.till.operator(LOCK, self.on_duty.operator_no, LockContents(verdict="lock"))
            self.is_locked = True

    async def unlock(self) -> None:
        """404: back again."""
        if self.on_duty is not None and self.is_locked:
            contents = LockContents(verdict="unlock", measured=Measured(terminal_clock=self.clock()))
            person = self.on_duty
            answer = await self.till.operator(LOCK, person.operator_no, contents, person.password)
            self.is_locked = not answer.is_good

    async def heartbeat(self, answers: Sequence[OrderAnswer] = ()) -> Answer:
        """362: how its parts are."""
        contents = StatusContents(
            health=write_self_check(self.checks()), terminal_clock=self.clock(), order_answers=tuple(answers)
        )
        return await self.till.operator(STATUS, self.on_duty.operator_no if self.on_duty else None, contents)

    # ── the supervisor ───────────────────────────────────────────────────────

    async def manage(self, action: str, about_no: OperatorNo | str = "", first_password: str = "") -> Answer:
        """408: the supervisor comes, and does something about an operator or this terminal."""
        self.pass_s(30, 90)
        about = OperatorNo(about_no)
        contents = ManageContents(
            action=action,
            about_no=about,
            new_block=self.till.password_block(about, first_password) if first_password else None,
        )
        return await self.till.operator(MANAGE, self.supervisor.operator_no, contents, self.supervisor.password)

    async def approve(
        self, action: str, amount_fen: int = 0, original: Original | None = None, record_no: RecordNo | None = None
    ) -> int:
        """406: the number of the supervisor's approval. Fault when none is given."""
        self.pass_s(8, 25)
        contents = ApproveContents(
            action=action,
            amount_fen=amount_fen,
            record_no=record_no,
            original=original.named if original is not None else "",
        )
        answer = await self.till.operator(APPROVE, self.supervisor.operator_no, contents, self.supervisor.password)
        if not answer.is_good:
            raise Fault(f"the supervisor could not approve {action}: {answer.code}")
        return int(answer.tags[Tag.APPROVAL_NO])

    # ── payments ─────────────────────────────────────────────────────────────

    async def pay_by_card(
        self,
        kind: str,
        amount_fen: int,
        card: HeldCard,
        way: EntryWay,
        *,
        pin: str = PIN,
        about: Paid | None = None,
        approval_no: int | None = None,
        lost: bool = False,
    ) -> Paid | None:
        """A payment with a card; None when it does not stand."""
        row = PAYMENTS[kind]
        is_free_tap = way == "tap" and amount_fen <= card.card.contactless_free_fen
        with_pin = about is None and not is_free_tap
        prepared = prepare_card(
            card.shown(way),
            way,
            amount_fen=amount_fen,
            trade_type=row.processing_code[:2],
            with_pin=with_pin,
            terminal_no=self.till.terminal_no,
            now=self.floor.clock.now(),
            chance=self.floor.chance,
        )
        pin_block = self.till.hsm.encrypt_pin(self.till.keys.pin_key, Secret(pin), card.pan) if with_pin else None
        request = replace(
            self.request(kind, amount_fen, prepared, about, approval_no),
            pan=card.pan,
            expiry_yymm=card.card.expiry_yymm,
            track2=Secret(card.card.track2),
            card_sequence=card.card.sequence if card.chip is not None and way != "swipe" else "",
            pin_block=pin_block,
            security_control=SECURITY_PIN_WITH_PAN if pin_block is not None else "",
        )
        return await self.send_payment(request, card, way, lost)

    async def pay_by_code(self, amount_fen: int, code: PayCode, lost: bool = False) -> Paid | None:
        """A sale by a customer's payment code; None when it does not stand."""
        request = replace(self.request("qr_sale", amount_fen, BY_CODE, None, None), code=code)
        return await self.send_payment(request, None, "scan", lost)

    async def give_back(self, paid: Paid, kind: str, amount_fen: int, *, lost: bool = False) -> Paid | None:
        """What is about an earlier payment and needs the supervisor: voids, refunds, cancels. None when it does not stand."""
        original = paid.named_at(self.till.terminal_no)
        approval_no = await self.approve(KINDS[kind].action, amount_fen, original)
        return await self.follow(paid, kind, amount_fen, approval_no, lost=lost)

    async def follow(
        self, paid: Paid, kind: str, amount_fen: int, approval_no: int | None = None, *, lost: bool = False
    ) -> Paid | None:
        """What is about an earlier payment. None when it does not stand."""
        self.pass_s(5, 12)
        if paid.card is None or not PAYMENTS[kind].takes_card:
            request = self.request(kind, amount_fen, BY_CODE, paid, approval_no)
            done = await self.send_payment(request, paid.card, paid.way, lost)
        else:
            done = await self.pay_by_card(
                kind, amount_fen, paid.card, paid.way, about=paid, approval_no=approval_no, lost=lost
            )
        if done is not None and paid in self.paid:
            self.paid.remove(paid)
        return done

    def request(
        self, kind: str, amount_fen: int, prepared: PreparedCard, about: Paid | None, approval_no: int | None
    ) -> PaymentRequest:
        """What every payment of this till says; a caller adds what its card or code says."""
        till = self.till
        return PaymentRequest(
            kind=kind,
            merchant_no=till.merchant_no,
            terminal_no=till.terminal_no,
            batch_no=till.batch_no,
            trace_no=till.next_trace(),
            amount_fen=amount_fen,
            entry_mode=prepared.entry_mode,
            reading=prepared.reading,
            operator_no=self.somebody.operator_no,
            pan=None,
            chip_data=prepared.chip_data,
            original=about.named_at(self.till.terminal_no) if about is not None else None,
            approval_no=approval_no,
            epoch=till.epoch,
        )

    async def send_payment(
        self, request: PaymentRequest, card: HeldCard | None, way: EntryWay, lost: bool
    ) -> Paid | None:
        """Send a payment; None when it does not stand. `lost`: its answer gets lost, and it is reversed."""
        payload = await self.till.ask(request.message())
        if payload is None:
            payload = await self.floor.wait_for_answer(self.till.line, BANK_WAIT_S)
        if lost:
            self.floor.clock.pass_ms(round(TILL_WAIT_S * 1000))
            await self._reverse(request)
            return None
        answer = self.till.read(payload)
        if not answer.is_good:
            return None
        paid = Paid(self.till.terminal_no, request.kind, request.amount_fen, original_of(request, answer), card, way)
        self.paid.append(paid)
        if PAYMENTS[paid.kind].total:
            self.counted.append(paid)
        return paid

    async def _reverse(self, request: PaymentRequest) -> None:
        reversal = ReversalRequest(
            kind=request.kind,
            merchant_no=request.merchant_no,
            terminal_no=request.terminal_no,
            batch_no=request.batch_no,
            trace_no=request.trace_no,
            amount_fen=request.amount_fen,
            entry_mode=request.entry_mode,
            reason=NO_ANSWER,
            pan=request.pan,
            original=request.original,
            epoch=request.epoch,
            reading=request.reading,
        )
        answer = await self.till.tell(reversal.message())
        if not answer.is_good:
            raise Fault(f"a reversal of the past was answered {answer.code}")

    # ── the end of the batch ─────────────────────────────────────────────────

    async def settle(self, *, forgets: Paid | None = None) -> bool:
        """0500: the batch is over, and nobody is signed in any more. The answer is whether host and till agree.

        `forgets`: a payment that is not in the till's books any more. The totals differ then, and all that it knows is told again.
        """
        till, person, batch_no = self.till, self.somebody, self.till.batch_no
        known = [paid for paid in self.counted if paid is not forgets]
        request = SettlementRequest(
            merchant_no=till.merchant_no,
            terminal_no=till.terminal_no,
            batch_no=batch_no,
            trace_no=till.next_trace(),
            sums=sums_of(known),
            operator_no=person.operator_no,
        )
        answer = await till.tell(request.message())
        if not answer.is_good:
            raise Fault(f"till {till.terminal_no} could not settle: {answer.code}")
        _, flag = read_settlement_answer(answer.message)
        if flag != AGREED:
            await tell_again(till, known)
        till.batch_no = BatchNo(next_in_six_digits(batch_no))
        self.on_duty, self.paid, self.counted = None, [], []
        return flag == AGREED

    # ── within ───────────────────────────────────────────────────────────────

    @property
    def somebody(self) -> Person:
        """Who is on duty. Fault when nobody is."""
        if self.on_duty is None:
            raise Fault(f"nobody is signed in at {self.till.terminal_no}")
        return self.on_duty

    def checks(self) -> list[CheckedItem]:
        """How its parts are."""
        lacks = MODEL_LACKS.get(self.model, frozenset())
        return [self.not_ok.get(item, CheckedItem(item, "ok")) for item in CHECK_ITEMS if item not in lacks]

    def clock(self) -> UnixMs:
        """What its own clock says, in whole seconds."""
        return UnixMs(round(self.floor.clock.now() / 1000 + self.drift_s) * 1000)

    def pass_s(self, low: float, high: float) -> int:
        """Some seconds go by; the answer is how many, in milliseconds."""
        taken_ms = round(self.dice.between(low, high) * 1000)
        self.floor.clock.pass_ms(taken_ms)
        return taken_ms


def wrong_password(password: str, dice: Dice) -> str:
    """One digit of it is another one."""
    place = dice.below(len(password))
    other = str((int(password[place]) + 1 + dice.below(9)) % 10)
    return password[:place] + other + password[place + 1 :]


def new_password(dice: Dice) -> str:
    """A password that somebody thinks of: six digits in no pattern."""
    while True:
        digits = "".join(str(dice.below(10)) for _ in range(6))
        steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
        if len(set(digits)) >= 4 and len(steps) >= 3:
            return digits
