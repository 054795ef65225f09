"""The shell's hands: performs the effects of one step, in their order.

`Remember…` effects are done on the spot, and when one fails the rest of its step is dropped: what follows it may be the payment
itself. Exchanges with the host, prints and the self-check run beside it as jobs; each ends in one event.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from ..basics.chance import Chance
from ..basics.errors import Defect, Fault, Misuse
from ..basics.numbers import BatchNo, TraceNo, UnixMs
from ..basics.secret import Secret
from ..basics.words import Lang
from ..cup.transactions import CATALOGUE
from ..cup.values.issuer_script import read_scripts, write_results
from ..cup.values.strokes import bounded_strokes
from ..edges.watched import short_task
from .devices.machine import Devices
from .devices.ports import CardInHand, CardUnread, CodeInHand, EnvelopeTerms, OfflineVerdict, OutOfPaper
from .flow.core import effects as fx
from .flow.core import events as ev
from .flow.core.noted.settings import SettingName
from .flow.core.payments import Attempt
from .flow.core.state import Machine
from .flow.payment.reading import NO_CODE
from .journal_port import Journal, Remembered
from .link.card_data import BY_CODE, PreparedCard, code_in_hand, keep_card, read_kept_card, seen_of
from .link.chip_data import prepare_card
from .link.host_line import HostLine, line_sign
from .link.host_link import HostLink, SendEffect
from .link.issuer_scripts import run_scripts
from .link.outgoing import Outgoing, SignedSlip
from .self_check import NETWORK_TIMEOUT_S, run_self_check
from .settings_desk import SettingsDesk

IN_TURN = fx.SendPayment | fx.SendReversal | fx.SendSettlement | fx.SendSignOff
"""What waits until a notice of scripts is over that left before it."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CardRead:
    """The reader saw a card."""

    card: CardInHand | CardUnread
    round: int
    """Which opening of the reader it answers; a later opening or closing makes it void."""


@dataclass(frozen=True, slots=True)
class JobBroke:
    """A job ended in an error that no port promises."""

    error: Exception


Post = Callable[[ev.Event | CardRead | JobBroke], None]
_Job = Callable[[], Coroutine[Any, Any, ev.Event | None]]


class Performer:
    """Performs effects; what comes of them goes to `post`. It holds the card in hand, which the flow never sees."""

    def __init__(
        self,
        machine: Machine,
        *,
        devices: Devices,
        journal: Journal,
        line: HostLine,
        link: HostLink,
        chance: Chance,
        post: Post,
        desk: SettingsDesk,
    ) -> None:
        self._desk = desk
        self._terminal_no = machine.terminal_no
        self._merchant_no = machine.merchant_no
        self._devices = devices
        self.journal = journal
        self._line = line
        self._link = link
        self._chance = chance
        self._post = post
        link.on_order(post)
        self._jobs: set[asyncio.Task[None]] = set()
        self._printing = asyncio.Lock()
        self._paying: asyncio.Task[None] | None = None
        """The exchange of the newest payment."""
        self._card: CardInHand | CodeInHand | None = None
        self._prepared: tuple[BatchNo, TraceNo, PreparedCard] | None = None
        """The card's side of one payment, and which one: no other may leave with it."""
        self._reader_round = 0
        self._signing: tuple[BatchNo, TraceNo] | None = None
        self._telling_status = False
        """One status upload at a time: on a slow line they would pile up."""
        self._status_next: tuple[fx.SendStatus, BatchNo] | None = None
        """The last one that came meanwhile: it says the newest."""
        self._looking = False
        """One look at the line at a time."""
        self._told = asyncio.Event()
        """Not set while a notice of scripts is on its way: what the flow put behind it waits."""
        self._told.set()

    def card_arrived(self, read: CardRead, lang: Lang) -> ev.Event | None:
        """Take a card into the hand and say what the flow may see of it; None when nobody waits for it any more."""
        if read.round != self._reader_round:
            return None
        card = read.card
        if isinstance(card, CardUnread):
            return ev.CardUnreadable(now=self._now(), reason=card.reason, chip=card.chip)
        self._card = card
        return seen_of(card, lang, self._now())

    def code_scanned(self, text: Secret, lang: Lang) -> ev.Event:
        """Take a payment code into the hand in a card's place, and say what the flow may see of it. What is none is told at once."""
        if (code := code_in_hand(text)) is None:
            return ev.CardUnreadable(now=self._now(), reason=NO_CODE)
        self._close_reader()
        self._card = code
        return seen_of(code, lang, self._now())

    def signed(self, strokes: Sequence[Sequence[tuple[int, int]]]) -> None:
        """The cardholder signed; nothing when no signature was asked for."""
        signing, self._signing = self._signing, None
        if signing is None:
            return
        kept = True
        try:
            self.journal.keep_signature(*signing, bounded_strokes(strokes))
        except Fault as error:
            _log.error("signature_not_kept", trace_no=signing[1], reason=str(error))
            kept = False
        self._post(ev.Signed(now=self._now(), kept=kept))

    def let_go(self) -> None:
        """Cut the jobs, forget digits and card: as a power cut does."""
        for task in self._jobs:
            task.cancel()
        self._jobs.clear()
        self._devices.pin_pad.forget()
        self._devices.pin_pad.forget_badge()
        self._close_reader()
        self._signing = self._status_next = None
        self._telling_status = self._looking = False
        self._told.set()
        self._link.hang_up()

    async def stop(self) -> None:
        """Let go, and wait until every job has ended."""
        jobs = tuple(self._jobs)
        self.let_go()
        await asyncio.gather(*jobs, return_exceptions=True)

    def perform_all(self, effects: Sequence[fx.Effect], batch_no: BatchNo) -> fx.Restart | None:
        """Do the effects of one step in order; after a record that failed, nothing more of it is done.

        `batch_no` is the batch that status uploads name. A restart is the caller's to do: it is given back.
        """
        for effect in effects:
            if isinstance(effect, fx.Restart):
                return effect
            if not isinstance(effect, Remembered):
                self._perform(effect, batch_no)
            elif not self._remember(effect):
                break
        return None

    def _remember(self, effect: Remembered) -> bool:
        try:
            sealed_card = self._seal_card(effect.attempt) if isinstance(effect, fx.RememberPayment) else b""
            self.journal.remember(effect, sealed_card)
        except Fault as error:
            _log.error("journal_failed", terminal=self._terminal_no, what=effect.record, reason=str(error))
            self._post(ev.JournalFailed(now=self._now(), what=effect.record))
            return False
        self._post(ev.Journalled(now=self._now(), what=effect.record))
        return True

    def _seal_card(self, attempt: Attempt) -> bytes:
        """Fix the card's side of the payment now, so that the record and the message behind it say the same."""
        return keep_card(*self._prepare(attempt), self._devices.pin_pad)

    def _prepare(self, attempt: Attempt) -> tuple[CardInHand | None, PreparedCard]:
        if not CATALOGUE[attempt.kind].takes_card:
            self._prepared = (attempt.batch_no, attempt.trace_no, BY_CODE)
            return None, BY_CODE
        if not isinstance(self._card, CardInHand):
            raise Defect("a payment is to leave without a card in hand")
        prepared = prepare_card(
            self._card,
            attempt.doing.card.way if attempt.doing.card is not None else self._card.way,
            amount_fen=attempt.amount_fen,
            trade_type=CATALOGUE[attempt.kind].processing_code[:2],
            with_pin=attempt.with_pin,
            terminal_no=self._terminal_no,
            now=self._link.host_now(),
            chance=self._chance,
        )
        self._prepared = (attempt.batch_no, attempt.trace_no, prepared)
        return self._card, prepared

    def _prepared_for(self, attempt: Attempt) -> PreparedCard | None:
        """What was fixed for this payment; None when nothing was, or for another one: then the link sends nothing.

        Chip data names amount and date, and the record behind a reversal holds the same: another payment's would be undone.
        """
        if self._prepared is None:
            return None
        batch_no, trace_no, prepared = self._prepared
        if (batch_no, trace_no) == (attempt.batch_no, attempt.trace_no):
            return prepared
        _log.error("prepared_for_another_payment", trace_no=attempt.trace_no, prepared_trace_no=trace_no)
        return None

    def _perform(self, effect: fx.Effect, batch_no: BatchNo) -> None:
        match effect:
            case fx.RunSelfCheck():
                self._begin(self._self_check)
            case fx.LookAtLine():
                if not self._looking:
                    self._looking = True
                    self._begin(self._look_at_line)
            case fx.StartPinEntry():
                self._devices.pin_pad.begin(
                    effect.purpose,
                    min_digits=effect.min_digits,
                    max_digits=effect.max_digits,
                    may_skip=effect.may_skip,
                    timeout_s=effect.timeout_s,
                )
            case fx.StopPinEntry():
                self._devices.pin_pad.forget()
            case fx.TakeNumber():
                self._post(self._take_number())
            case fx.TakeExpiry(expiry_yymm=expiry_yymm):
                if isinstance(self._card, CardInHand):
                    self._card = replace(self._card, expiry_yymm=expiry_yymm)
            case fx.OpenReader():
                self._open_reader(effect.ways)
            case fx.CloseReader():
                self._close_reader()
            case fx.SealEnvelope():
                self._seal_envelope(effect)
            case fx.CheckOffline():
                self._post(self._check_offline(effect))
            case fx.Print():
                self._begin(lambda: self._print(effect))
            case fx.CountBatch(batch_no=counted):
                self._post(self._count(counted))
            case fx.PrintSlip():
                self._begin(lambda: self._print_slip(effect))
            case fx.FindPayment():
                self._post(self._find_payment(effect))
            case fx.ReadSetup(calls=calls):
                self._begin(lambda: self._read_setup(calls=calls))
            case fx.ChangeSetting(name=name, value=value):
                self._post(self._change_setting(name, value))
            case fx.CollectSignature():
                self._signing = (effect.batch_no, effect.trace_no)
            case fx.RunScripts():
                self._post(self._run_scripts(effect))
            case fx.SendScript():
                if self._told.is_set():
                    self._told.clear()
                    notice = self._outgoing(effect, batch_no)
                    self._begin(lambda: self._tell_script(effect, notice))
            case fx.SendStatus():
                if self._telling_status:
                    self._status_next = (effect, batch_no)
                else:
                    self._begin_status(effect, batch_no)
            case fx.SendPayment():
                # Asked once more, it is the same payment: nobody waits any more for the answer to the first.
                if self._paying is not None:
                    self._paying.cancel()
                paid = self._outgoing(effect, batch_no)
                self._paying = self._begin(lambda: self._ask(effect, paid))
            case _:
                if not isinstance(effect, SendEffect):
                    raise Defect(f"nobody performs {type(effect).__name__}")
                outgoing = self._outgoing(effect, batch_no)
                self._begin(lambda: self._ask(effect, outgoing))

    def _take_number(self) -> ev.NumberKeyed:
        """A number that was typed is in the hand as a card that was read, and nowhere else. Digits that are gone are as wrong ones."""
        try:
            pan = self._devices.pin_pad.take_card_number()
        except Fault as error:
            _log.warning("card_number_not_taken", terminal=self._terminal_no, reason=str(error))
            pan = None
        if pan is None:
            self._card = None
            return ev.NumberKeyed(now=self._now())
        self._card = CardInHand(pan, "", None, "", "keyed", "", "", has_chip=False, chip=None)
        return ev.NumberKeyed(now=self._now(), masked_pan=pan.mask())

    def _find_payment(self, effect: fx.FindPayment) -> ev.PaymentFound:
        """What can't be read is not there: nothing is printed of it."""
        try:
            payment = self.journal.approved(effect.batch_no, effect.trace_no)
        except Fault as error:
            _log.error("payment_not_read", terminal=self._terminal_no, reason=str(error))
            payment = None
        return ev.PaymentFound(now=self._now(), payment=payment)

    def _seal_envelope(self, effect: fx.SealEnvelope) -> None:
        """Without an envelope the operator is signed in all the same, and needs the line the next time."""
        terms = effect.terms
        try:
            self._devices.pin_pad.seal_envelope(
                EnvelopeTerms(
                    operator_no=effect.operator_no,
                    user_name=effect.user_name,
                    operator_name=effect.operator_name,
                    record_no=terms.record_no,
                    hours=terms.hours,
                    uses=terms.uses,
                    sale_limit_fen=terms.sale_limit_fen,
                    host_now=effect.host_now,
                )
            )
        except Fault as error:
            _log.error("envelope_not_sealed", terminal=self._terminal_no, reason=str(error))

    def _check_offline(self, effect: fx.CheckOffline) -> ev.OfflineChecked:
        """What can't be checked is not allowed."""
        try:
            verdict = self._devices.pin_pad.check_offline(self._merchant_no, effect.login, use=effect.use)
        except (Fault, Misuse) as error:
            _log.error("envelope_not_read", terminal=self._terminal_no, reason=str(error))
            verdict = OfflineVerdict("none")
        return ev.OfflineChecked(
            now=self._now(),
            login=effect.login,
            operator_no=verdict.operator_no,
            outcome=verdict.outcome,
            operator_name=verdict.operator_name,
            until=verdict.until_ms,
            uses_left=verdict.uses_left,
            sale_limit_fen=verdict.sale_limit_fen,
            tries_left=verdict.tries_left,
        )

    def _outgoing(self, effect: SendEffect, batch_no: BatchNo) -> Outgoing:
        """What the shell adds to an exchange; what can't be had is left out, and the link then sends nothing."""
        try:
            match effect:
                case fx.SendPayment(attempt=attempt):
                    if not attempt.reversible and self._card is not None:
                        self._prepare(attempt)  # nothing was remembered of it, so nothing was prepared yet
                    return Outgoing(card=self._card, prepared=self._prepared_for(attempt))
                case fx.SendReversal(reversal=reversal):
                    sealed_card = self.journal.sealed_card(reversal.batch_no, reversal.trace_no)
                    return Outgoing(kept=read_kept_card(sealed_card))
                case fx.SendScript(notice=notice):
                    of = notice.payment
                    return Outgoing(kept=read_kept_card(self.journal.script_card(of.batch_no, of.trace_no)))
                case fx.SendSignature(batch_no=of_batch, trace_no=of_trace):
                    payment = self.journal.approved(of_batch, of_trace)
                    return Outgoing(signed=SignedSlip(payment, self.journal.signature(of_batch, of_trace)))
                case fx.SendDetails(settlement=settlement):
                    return Outgoing(page=self.journal.batch_page(settlement.batch_no, settlement.cursor))
                case fx.SendStatus():
                    return Outgoing(trace_no=self.journal.next_status_no(), batch_no=batch_no)
        except Fault as error:
            _log.error("journal_failed", terminal=self._terminal_no, what=type(effect).__name__, reason=str(error))
        return Outgoing()

    def _count(self, batch_no: BatchNo) -> ev.Event:
        try:
            return self.journal.batch(batch_no)
        except Fault as error:
            _log.error("journal_failed", terminal=self._terminal_no, what="settlement", reason=str(error))
            return ev.JournalFailed(now=self._now(), what="settlement")

    def _open_reader(self, ways: Sequence[ev.ReaderWay]) -> None:
        self._close_reader()
        round_no = self._reader_round
        self._devices.reader.open(ways, lambda card: self._post(CardRead(card, round_no)))

    def _close_reader(self) -> None:
        self._reader_round += 1
        self._card = self._prepared = None
        self._devices.reader.close()

    # ── jobs beside the queue ────────────────────────────────────────────────

    def _begin(self, job: _Job) -> "asyncio.Task[None]":
        task = short_task(self._report(job))
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)
        return task

    async def _report(self, job: _Job) -> None:
        try:
            event = await job()
        except Exception as error:
            self._post(JobBroke(error))
            return
        if event is not None:
            self._post(event)

    async def _self_check(self) -> ev.Event:
        results = await run_self_check(self._devices, self._line)
        return ev.SelfChecked(now=self._now(), results=results)

    async def _ask(self, effect: SendEffect, outgoing: Outgoing) -> ev.Event | None:
        """One exchange; what it showed of the line is told before what came of it."""
        if isinstance(effect, IN_TURN):
            await self._told.wait()
        event = await self._link.perform(effect, outgoing)
        sign = line_sign(event)
        if sign is not None:
            self._post(ev.LineSeen(now=self._now(), sign=sign, drift_s=self._link.drift_s()))
        return event

    async def _look_at_line(self) -> ev.Event:
        try:
            taken = await self._line.reachable(NETWORK_TIMEOUT_S)
        finally:
            self._looking = False
        return ev.LineSeen(now=self._now(), sign="taken" if taken else "unreachable")

    async def _read_setup(self, *, calls: bool) -> ev.Event:
        reachable = await self._line.reachable(NETWORK_TIMEOUT_S) if calls else None
        return ev.SetupSeen(now=self._now(), facts=self._desk.facts(reachable))

    def _change_setting(self, name: SettingName, value: str) -> ev.Event:
        """The event tells what is set afterwards: the old value, where it could not be put down."""
        try:
            self._desk.change(name, value)
        except (Fault, Misuse) as error:
            _log.error("setting_not_kept", terminal=self._terminal_no, setting=name, reason=str(error))
        return ev.SetupSeen(now=self._now(), facts=self._desk.facts())

    def _run_scripts(self, effect: fx.RunScripts) -> ev.Event:
        card = self._card if isinstance(self._card, CardInHand) else None
        results = run_scripts(card, read_scripts(bytes.fromhex(effect.to_run)))
        return ev.ScriptsRun(
            now=self._now(),
            batch_no=effect.batch_no,
            trace_no=effect.trace_no,
            results=write_results(results).hex().upper(),
        )

    async def _tell_script(self, effect: fx.SendScript, outgoing: Outgoing) -> ev.Event | None:
        try:
            return await self._ask(effect, outgoing)
        finally:
            self._told.set()

    async def _tell_status(self, effect: fx.SendStatus, outgoing: Outgoing) -> ev.Event | None:
        try:
            return await self._ask(effect, outgoing)
        finally:
            self._telling_status = False
            waiting, self._status_next = self._status_next, None
            if waiting is not None:
                self._begin_status(*waiting)

    def _begin_status(self, effect: fx.SendStatus, batch_no: BatchNo) -> None:
        self._telling_status = True
        outgoing = self._outgoing(effect, batch_no)
        self._begin(lambda: self._tell_status(effect, outgoing))

    async def _print(self, effect: fx.Print) -> ev.Event:
        async with self._printing:
            try:
                payment = effect.payment
                signature = self.journal.signature(payment.batch_no, payment.trace_no) if effect.slip.electronic else ()
                await self._devices.printer.print(effect.slip, self._now(), signature)
            except OutOfPaper:
                return ev.PrintFailed(now=self._now(), copy=effect.copy, reason="check.printer.no_paper")
            except (Fault, Misuse) as error:
                _log.error("print_failed", terminal=self._terminal_no, reason=str(error))
                return ev.PrintFailed(now=self._now(), copy=effect.copy, reason="check.printer.fail")
        return ev.Printed(now=self._now(), copy=effect.copy)

    async def _print_slip(self, effect: fx.PrintSlip) -> ev.Event:
        slip = effect.slip
        async with self._printing:
            try:
                await self._devices.printer.print(slip, self._now())
            except OutOfPaper:
                return ev.SlipNotPrinted(now=self._now(), slip_id=slip.id, reason="check.printer.no_paper")
            except (Fault, Misuse) as error:
                _log.error("print_failed", terminal=self._terminal_no, reason=str(error))
                return ev.SlipNotPrinted(now=self._now(), slip_id=slip.id, reason="check.printer.fail")
        return ev.SlipPrinted(now=self._now(), slip_id=slip.id)

    def _now(self) -> UnixMs:
        return self._devices.clock.now()
