"""A terminal played by hand: events go in, effects are kept, records are durable unless the story says otherwise."""

from zhanggui.basics.numbers import (
    BatchNo,
    MerchantNo,
    OperatorNo,
    RecordNo,
    Rrn,
    TerminalNo,
    TraceNo,
    UnixMs,
)
from zhanggui.basics.words import Lang
from zhanggui.cup.messages.settlement import Sums
from zhanggui.cup.values.slip import Slip
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.settlement import KindSums
from zhanggui.terminal.flow.core.stage import Stage
from zhanggui.terminal.flow.core.state import Machine, State, new_terminal
from zhanggui.terminal.flow.machine import FORCED_TO, ORDERED_TO, TABLE, flow, screen_of
from zhanggui.terminal.flow.screens.render import render_screen
from zhanggui.terminal.flow.screens.views import ScreenView
from zhanggui.terminal.models.profiles import load_profile

MORNING = UnixMs(1_795_395_303_000)
"""2026-11-23 08:55:03 in China."""
MERCHANT = MerchantNo("102100058120001")
MASKED = "621700*********0012"

CHECKED: tuple[ev.CheckItem, ...] = (
    "power",
    "network",
    "keypad",
    "display",
    "card_reader",
    "scanner",
    "printer",
    "clock",
    "tamper",
)


def all_well() -> tuple[ev.CheckResult, ...]:
    return tuple(ev.CheckResult(item=item, state="ok") for item in CHECKED)


def found(item: ev.CheckItem, state: ev.CheckState, reason: str = "") -> tuple[ev.CheckResult, ...]:
    """All well but for one item."""
    return tuple(ev.CheckResult(item=i, state=state, reason=reason) if i == item else r for i, r in zip_items())


def zip_items() -> list[tuple[ev.CheckItem, ev.CheckResult]]:
    return [(result.item, result) for result in all_well()]


def machine(model: str = "smart") -> Machine:
    return Machine(
        profile=load_profile(model),
        terminal_no=TerminalNo("10000001"),
        merchant_no=MERCHANT,
        software="zhanggui 0.1.0",
    )


def memory(trace_no: str = "000011", batch_no: str = "000001", **kept: object) -> ev.Memory:
    kept = {"software": "zhanggui 0.1.0"} | kept
    return ev.Memory(trace_no=TraceNo(trace_no), batch_no=BatchNo(batch_no), **kept)  # type: ignore[arg-type]


def pending(trace_no: str = "000009", amount_fen: int = 5000, attempts: int = 0) -> ev.PendingReversal:
    return ev.PendingReversal(
        trace_no=TraceNo(trace_no),
        batch_no=BatchNo("000001"),
        amount_fen=amount_fen,
        masked_pan=MASKED,
        reason="98",
        attempts=attempts,
    )


def approved_sale(trace_no: str, amount_fen: int = 1234, way: ev.EntryWay = "insert") -> ev.ApprovedPayment:
    return ev.ApprovedPayment(
        trace_no=TraceNo(trace_no),
        batch_no=BatchNo("000002"),
        amount_fen=amount_fen,
        masked_pan=MASKED,
        way=way,
        expiry_yymm="4912",
        rrn=Rrn("112308550301"),
        auth_code="654321",
        host_time="2026-11-23 08:55:03",
        issuer="掌柜银行",
        acquirer="掌柜收单",
        operator_no=OperatorNo("01"),
        merchant_no=MERCHANT,
        chip_lines=("AID: A000000333010101", "ARQC: 0123456789ABCDEF"),
    )


def approval(trace_no: str, amount_fen: int = 1234, now: UnixMs = MORNING) -> ev.PaymentApproved:
    """What the host says of a payment that it approved."""
    payment = approved_sale(trace_no, amount_fen)
    return ev.PaymentApproved(
        now=now,
        trace_no=payment.trace_no,
        amount_fen=amount_fen,
        rrn=payment.rrn,
        auth_code=payment.auth_code,
        host_time=payment.host_time,
        issuer=payment.issuer,
        acquirer=payment.acquirer,
        card_org=payment.card_org,
        chip_lines=payment.chip_lines,
    )


class Story:
    """One terminal and everything that happened to it."""

    def __init__(self, model: str = "smart", lang: Lang = "zh") -> None:
        self.state: State = new_terminal(machine(model))
        self.lang: Lang = lang
        self.now = MORNING
        self.effects: list[fx.Effect] = []
        self.latest: tuple[fx.Effect, ...] = ()
        self.views: list[ScreenView] = []
        self.broken_records: set[str] = set()
        """Names of `Remember…` effects that the disk does not take, such as `payment`."""

    # ── one step ─────────────────────────────────────────────────────────────

    def send(self, event: ev.Event) -> tuple[fx.Effect, ...]:
        """One event; its records become durable, or fail and take the rest of the step with them."""
        before, had_session = type(self.state.stage), self.state.session is not None
        self.state, effects = flow(self.state, event)
        self.check_declared(before, event, had_session)
        self.latest = effects
        self.show()
        for effect in effects:
            self.effects.append(effect)
            if isinstance(effect, fx.Remember):
                what = effect.record
                if what in self.broken_records:
                    self.effects.pop()
                    self.send(ev.JournalFailed(now=self.now, what=what))
                    break
                self.send(ev.Journalled(now=self.now, what=what))
        self.latest = effects
        return effects

    def check_declared(self, before: type[Stage], event: ev.Event, had_session: bool) -> None:
        """The table names every stage that a step may lead to: the diagrams in the docs come from it."""
        after = type(self.state.stage)
        if after is before:
            return
        request = getattr(event, "request", "")
        row = TABLE.get((before, type(event), request)) or TABLE.get((Stage, type(event), request))
        if row is None:
            assert after in (*ORDERED_TO, *(FORCED_TO if had_session else ()))
            return
        leads_to = (*row.leads_to, *ORDERED_TO, *(FORCED_TO if had_session else ()))
        assert after in leads_to, f"{before.__name__} + {type(event).__name__} led to {after.__name__}, undeclared"

    def show(self) -> None:
        view = render_screen(screen_of(self.state), self.state.lang)
        if not self.views or self.views[-1] != view:
            self.views.append(view)

    # ── what people do ───────────────────────────────────────────────────────

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.send(ev.KeyPressed(now=self.now, key=key))

    def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            self.now = UnixMs(self.now + 1000)
            self.send(ev.Ticked(now=self.now))

    def power_on(self, memory: ev.Memory | None = None) -> None:
        self.send(ev.PoweredOn(now=self.now, lang=self.lang, memory=memory or globals()["memory"]()))

    def checked(self, results: tuple[ev.CheckResult, ...] | None = None) -> None:
        self.send(ev.SelfChecked(now=self.now, results=results or all_well()))

    def card(self, way: ev.EntryWay = "insert", chip: bool = True) -> None:
        self.send(ev.CardSeen(now=self.now, way=way, masked_pan=MASKED, expiry_yymm="4912", label="掌柜卡", chip=chip))

    def pin(self, outcome: str = "entered", digits: int = 6) -> None:
        for count in range(1, digits + 1):
            self.send(ev.PinDots(now=self.now, count=count))
        self.send(ev.PinDone(now=self.now, outcome=outcome))  # type: ignore[arg-type]

    # ── what the host says ───────────────────────────────────────────────────

    def signed_on(self, drift_s: int = 0, **more: object) -> None:
        told = ev.SignedOn(now=self.now, batch_no=BatchNo("000002"), host_now=self.now, drift_s=drift_s, **more)  # type: ignore[arg-type]
        self.send(told)

    def verified(self, drift_s: int = 0, role: str = "cashier", **more: object) -> None:
        facts = ev.OperatorVerified(
            now=self.now,
            record_no=RecordNo(88),
            operator_no=OperatorNo("01"),
            operator_name="王芳",
            role=role,  # type: ignore[arg-type]
            merchant_name="城南小馆",
            place="前台",
            host_now=self.now,
            drift_s=drift_s,
            **{"login": OperatorNo("01")} | more,  # type: ignore[arg-type]
        )
        self.send(facts)

    def confirmed(self) -> None:
        answer = ev.SignInConfirmed(now=self.now, record_no=RecordNo(88), host_now=self.now)
        self.send(answer)

    def refused(self, request: str, code: str, **more: object) -> None:
        self.send(ev.Refused(now=self.now, request=request, response_code=code, **more))  # type: ignore[arg-type]

    def failed(self, request: str, failure: ev.Failure) -> None:
        self.send(ev.HostFailed(now=self.now, request=request, failure=failure))

    def approved(self, amount_fen: int = 1234, way: ev.EntryWay = "insert") -> None:
        self.send(approval(self.state.trace_no, amount_fen, self.now))

    def reversal_taken(self, code: str = "00") -> None:
        self.send(ev.ReversalAccepted(now=self.now, response_code=code))

    def printed(self, copy: str) -> None:
        self.send(ev.Printed(now=self.now, copy=copy))  # type: ignore[arg-type]

    def print_failed(self, copy: str) -> None:
        self.send(ev.PrintFailed(now=self.now, copy=copy, reason="check.printer.no_paper"))  # type: ignore[arg-type]

    def counted(self, count: int = 2, fen: int = 12_850, batch_no: str = "000002") -> None:
        """What the journal says of the batch."""
        sums = Sums(debit_count=count, debit_fen=fen)
        kinds = (KindSums("sale", count, fen),) if count else ()
        lines = tuple(
            ev.DayLine(
                trace_no=TraceNo(f"{10 + number:06d}"),
                time="08:55:03",
                masked_pan=MASKED,
                amount_fen=fen // count,
                state="approved",
                auth_code="654321",
            )
            for number in range(count)
        )
        self.send(ev.BatchCounted(now=self.now, batch_no=BatchNo(batch_no), sums=sums, kinds=kinds, lines=lines))

    def host_agrees(self, sums: Sums | None = None) -> None:
        """0510; with totals of its own, the host does not agree."""
        ours = self.state.settlement.sums if self.state.settlement is not None else Sums()
        self.send(ev.SettlementAnswered(now=self.now, sums=sums or ours, agreed=sums is None))

    # ── chapters ─────────────────────────────────────────────────────────────

    def to_number(self, memory: ev.Memory | None = None) -> "Story":
        self.power_on(memory)
        self.checked()
        return self

    def to_standby(self, memory: ev.Memory | None = None, role: str = "cashier") -> "Story":
        self.to_number(memory)
        self.signed_on()
        self.keys("0", "1")
        self.pin(digits=4)
        self.verified(role=role)
        self.keys("enter")
        self.confirmed()
        self.keys("enter")
        return self

    def to_selling(self, amount_fen: int = 1234, way: ev.EntryWay = "insert") -> "Story":
        self.keys("sale", *str(amount_fen), "enter")
        self.card(way)
        if self.screen_id == "pin":
            self.pin()
        return self

    # ── what to look at ──────────────────────────────────────────────────────

    @property
    def code(self) -> str:
        return screen_of(self.state).code

    @property
    def screen_id(self) -> str:
        return screen_of(self.state).id

    @property
    def view(self) -> ScreenView:
        return render_screen(screen_of(self.state), self.state.lang)

    @property
    def text(self) -> str:
        """Every word that the screen shows."""
        view = self.view
        lines = [f"{line.text} {line.right}" for line in (*view.lines, *view.totals)]
        rows = [f"{row.left} {row.middle} {row.right}" for row in view.rows]
        return "\n".join([view.title, view.code, *lines, *rows])

    def screen_ids(self) -> list[str]:
        """The screens in order, each once in a row."""
        ids: list[str] = []
        for view in self.views:
            if not ids or ids[-1] != view.id:
                ids.append(view.id)
        return ids

    def names(self) -> list[str]:
        """The effects of the last step by name."""
        return [type(effect).__name__ for effect in self.latest]

    def all_of(self, kind: type[fx.Effect]) -> list[fx.Effect]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def slips(self) -> list[Slip]:
        return [effect.slip for effect in self.effects if isinstance(effect, fx.Print | fx.PrintSlip)]


def slips_out(story: Story) -> None:
    """Both copies of the payment that was just approved come out."""
    if story.screen_id == "sign_here":
        story.send(ev.Signed(now=story.now))
    story.printed("merchant")
    if story.screen_id == "tear_off":
        story.keys("enter")
    story.printed("cardholder")


def approved_by(story: Story, number: str = "00") -> None:
    """A supervisor approves what is asked for."""
    story.keys(*number)
    story.pin()
    story.send(ev.Approved(now=story.now, approval_no=7, supervisor="陈店长"))


def putting_right(story: Story, right_fen: int) -> Story:
    """From standby: the amount of the newest payment is put right, up to where its void is on the way."""
    newest = story.state.today[0]
    if story.state.machine.profile.touch:
        story.keys(f"row.{newest.batch_no}.{newest.trace_no}")
    else:
        story.keys("reprint", *newest.trace_no, "enter")
    story.keys("put_right", *str(right_fen), "enter")
    story.card("insert")
    approved_by(story)
    assert story.screen_id == "selling"
    return story


def whole_job(model: str, lang: Lang) -> Story:
    """From power-on to two slips and sign-out."""
    story = Story(model, lang)
    story.to_standby()
    story.to_selling()
    story.approved()
    if story.screen_id == "sign_here":
        story.send(ev.Signed(now=story.now))
    story.printed("merchant")
    if story.screen_id == "tear_off":
        story.keys("enter")
    story.printed("cardholder")
    story.keys("sign_out")
    story.keys("enter")
    story.send(ev.SignedOut(now=story.now, sales_count=1, sales_fen=1234))
    story.keys("enter")
    return story


RULES = "idle_lock_s=120,idle_warning_s=20,after_sale=keep,code_digits=6,drift_warn_s=30,check_eyes=0,offline=1"


def with_rules(**changed: object) -> str:
    """Tag RULES with some values changed."""
    rules = dict(part.split("=") for part in RULES.split(","))
    return ",".join(f"{name}={value}" for name, value in (rules | changed).items())


def on_duty(model: str = "smart", rules: str = RULES, **more: object) -> Story:
    """Signed in and in standby, under these rules."""
    story = Story(model).to_number()
    story.signed_on()
    story.keys("0", "1")
    story.pin(digits=4)
    story.verified(rules=rules, **more)  # type: ignore[arg-type]
    story.keys("enter")
    story.confirmed()
    story.keys("enter")
    assert story.screen_id == "standby"
    return story


def ordered(story: Story, order: str = "sign_in", notice: str = "") -> None:
    """The host orders something, with the next word that it says."""
    story.send(ev.Ordered(now=story.now, orders=(order,), notice=notice))


def tearing_off(model: str = "smart", rules: str = RULES, amount_fen: int = 170) -> Story:
    """A sale is approved, and its merchant copy has come out."""
    story = on_duty(model, rules).to_selling(amount_fen)
    story.approved(amount_fen)
    story.printed("merchant")
    assert story.screen_id == "tear_off"
    return story
