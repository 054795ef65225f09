"""The sign-in of operators at terminals under messages in any order, and everything that goes wrong on the way.

Answers are lost and requests repeated, old messages come again, batches mix terminals, the host restarts, its clock jumps, passwords
change, people lock, unlock, approve, take over and work without network. After every step: one operator has one live session at
most, no payment was taken without one, every attempt is a record, numbers only grow, and the chain holds.
"""

from collections import Counter as Tally

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from tests.worlds.floor import PASSWORDS
from tests.worlds.one_room import BADGES, MERCHANT, USER_NAMES, OneRoom
from tests.worlds.our_terminal import (
    APPROVE,
    BATCH,
    CHANGE,
    CONFIRM,
    LOCK,
    OFFLINE,
    PHONE,
    SIGN_OUT,
    STATUS,
    VERIFY,
    Answer,
    OurTerminal,
    Tags,
)

from zhanggui.acquirer.policy.rules import policy_of
from zhanggui.acquirer.rows.decision import AskBank, Decision, OperatorReply, PhoneReply
from zhanggui.acquirer.rows.moves import SIGN_IN
from zhanggui.acquirer.rows.records import Approval, Operator, Payment, Session, SignIn
from zhanggui.acquirer.rows.state import Insert
from zhanggui.basics.numbers import TraceNo
from zhanggui.basics.spans import HOUR_MS
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.envelope import wrap
from zhanggui.cup.messages.management import management_request
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.transactions import CATALOGUE
from zhanggui.cup.values.badge import BY_BADGE
from zhanggui.host.phones import PhoneWork
from zhanggui.host.wire.operator_work import OperatorWork
from zhanggui.host.wire.payment_work import PaymentWork
from zhanggui.host.work import Work

TERMINALS = 3
LONGEST_SESSION_MS = policy_of("basic").session_hours_max * HOUR_MS
KEPT = 12
"""Old messages that may come again."""
places = st.integers(0, TERMINALS - 1)
cashiers = st.sampled_from(["01", "02"])
usually = st.sampled_from([True, True, True, False])
fates = st.sampled_from(["heard", "heard", "heard", "lost", "twice"])


class WatchedRoom(OneRoom):
    """Judges each decision by the rows as they are before its changes."""

    def __init__(self, policy: str) -> None:
        super().__init__(TERMINALS, policy_overrides=policy)
        self.attempts = 0
        self.passwords = dict(PASSWORDS)

    def before(self, work: Work) -> None:
        self.live_before = [row for row in self.rows(Session) if row.ended_ms is None]

    def decided(self, work: Work, decision: Decision) -> None:
        if isinstance(work, PaymentWork):
            self._judge_sale(work, decision)
        if isinstance(work, PhoneWork):
            self._judge_answer(decision)
        if not isinstance(work, OperatorWork) or work.verdict not in ("current", "next"):
            return
        assert isinstance(decision.reply, OperatorReply)
        is_first = decision.reason not in ("repeat", "same_trace_other_contents")
        if work.request.network_code == PHONE:
            # A right password on a phone that no sign-in came of.
            self.attempts += made(decision)
        if work.request.network_code in (VERIFY, OFFLINE) or _is_refused_password(
            work, decision.reply, decision.reason
        ):
            # A use of an envelope that is told a second time was recorded the first time.
            self.attempts += is_first and decision.reason != "told_again"
        if not is_first:
            assert decision.changes == (), "a repeat changes nothing"

    def _judge_answer(self, decision: Decision) -> None:
        """Each refused password is a record, as at a terminal; who proves it on a phone is recorded by the sign-in that follows."""
        assert isinstance(decision.reply, PhoneReply)
        code, count = decision.reply.response_code, made(decision)
        assert count == 1 if code in ("P1", "P2", "P3", "P4", "P7") else count <= (code != "00")
        self.attempts += count

    def _judge_sale(self, work: PaymentWork, decision: Decision) -> None:
        if not any(isinstance(effect, AskBank) for effect in decision.effects):
            return
        request = work.request
        (session,) = [row for row in self.live_before if row.terminal_no == request.terminal_no]
        assert session.operator_no == request.operator_no, "the session is somebody else's"
        assert session.locked_ms is None, "the terminal is locked"
        assert session.sale_limit_fen is None or request.amount_fen <= session.sale_limit_fen
        assert self.clock.now() - session.opened_ms <= LONGEST_SESSION_MS
        operator = self.state.get(Operator, MERCHANT, session.operator_no)
        assert operator is not None
        assert operator.role == "cashier"
        assert work.verdict in ("current", "next")


def made(decision: Decision) -> int:
    """How many attempts became records."""
    return sum(isinstance(change, Insert) and isinstance(change.record, SignIn) for change in decision.changes)


def _is_refused_password(work: OperatorWork, reply: OperatorReply, reason: str) -> bool:
    """Whether somebody typed number and password to unlock, to change it or to approve, and was refused for it."""
    typed = work.request.network_code in (LOCK, CHANGE, APPROVE) and work.request.password_block is not None
    return typed and reply.response_code in ("P1", "P2", "P3", "P4", "P7") and not reason.startswith("new_password:")


class SignInMachine(RuleBasedStateMachine):
    @initialize(duplicate=st.sampled_from(["refuse", "take_over"]))
    def open(self, duplicate: str) -> None:
        self.room = WatchedRoom(f'{{"duplicate": "{duplicate}", "delay_max_s": 5, "badge": "alone", "phone": true}}')
        self.sent: list[tuple[OurTerminal, object, bytes]] = []
        self.waiting: dict[int, tuple[str, str]] = {}
        """By terminal: operator and record that a confirmation would name."""
        self.approvals: dict[int, str] = {}
        self.envelopes: dict[int, tuple[str, str]] = {}
        self.states: dict[int, str] = {}
        self.used: dict[int, int] = {}
        self.codes: list[tuple[int, str, str]] = []
        """Codes that were shown: terminal, name, address."""
        self.proven: dict[int, tuple[str, str]] = {}
        """By terminal: what a phone has proven and nobody took up: the code's name, and who."""
        for terminal in self.room.terminals:
            self.room.get_keys(terminal)

    # ── how a message goes ───────────────────────────────────────────────────

    def send(self, place: int, payload: bytes, fate: str = "heard") -> Answer:
        """Send it; a lost answer is asked for again, and a doubled message comes twice at once."""
        terminal = self.room.terminals[place]
        if fate == "twice":
            (_, _, first), (_, _, second) = self.room.receive([payload, payload])
            return self.same(terminal.read(first), terminal.read(second))
        answer = self.room.ask(terminal, payload)
        if fate == "lost":
            answer = self.same(answer, self.room.ask(terminal, payload))
        self.sent = [*self.sent[-KEPT:], (terminal, terminal.keys, payload)]
        return answer

    def same(self, first: Answer, second: Answer) -> Answer:
        """A repeat says what the first answer said; only a sale that is still at the bank says nothing yet."""
        assert (first.code, first.tags) == (second.code, second.tags)
        return second

    def operator(
        self, place: int, code: str, number: str, tags: Tags, fate: str, password: str | None = None
    ) -> Answer:
        payload = self.room.terminals[place].operator(code, number, tags, password)
        answer = self.send(place, payload, fate)
        assert answer.sealed or answer.code == "77"
        return answer

    def password(self, number: str, right: bool) -> str:
        return self.room.passwords[number] if right else "0001"

    # ── people ───────────────────────────────────────────────────────────────

    @rule(place=places)
    def new_keys(self, place: int) -> None:
        self.room.get_keys(self.room.terminals[place])

    @rule(
        place=places,
        who=st.sampled_from([*BADGES, "revoked", "nobody"]),
        password=st.sampled_from(["right", "wrong", None, None]),
        fate=fates,
    )
    def show_badge(self, place: int, who: str, password: str | None, fate: str) -> None:
        typed = None if password is None else self.password(who if who in BADGES else "01", password == "right")
        terminal, badge = self.room.terminals[place], self.room.badges[who]
        answer = self.send(place, terminal.operator(VERIFY, BY_BADGE, {}, typed, badge), fate)
        if answer.code in ("00", "P6"):
            assert who in BADGES, "a badge that counts no more, or never did, opened something"
            assert password != "wrong", "a wrong password opened something"
            assert answer[Tag.OPERATOR_NO] == who
            self.waiting[place] = (who, answer[Tag.RECORD_NO])

    @rule(place=places, fate=fates)
    def show_code(self, place: int, fate: str) -> None:
        """A new one; every other of this terminal is over. One whose answer got lost is asked for anew."""
        terminal = self.room.terminals[place]
        for _ in range(1 if fate == "heard" else 2):
            answer = self.room.ask(terminal, terminal.operator(PHONE, None, {Tag.VERDICT: "open"}))
            if answer.code == "00":
                self.codes = [*self.codes[-KEPT:], (place, answer[Tag.PHONE], answer[Tag.PHONE_PAGE])]
                self.proven.pop(place, None)

    @rule(
        place=places,
        which=st.sampled_from(["new", "new", "last", "any"]),
        data=st.data(),
        phone=st.sampled_from("aab"),
        who=st.sampled_from(["01", "01", "02", "00", "55", *USER_NAMES]),
        right=usually,
    )
    def answer_code(self, place: int, which: str, data: st.DataObject, phone: str, who: str, right: bool) -> None:
        """A new one; the last one again; or one of before, perhaps another phone's."""
        if which == "new" or not self.codes:
            self.show_code(place, "heard")
        if not self.codes:
            return
        place, name, address = data.draw(st.sampled_from(self.codes)) if which == "any" else self.codes[-1]
        number = USER_NAMES.get(who, who)
        password = self.password(number, right) if number in self.room.passwords else "0001"
        reply = self.room.answer_code(address, phone, who, password)
        if reply.response_code == "00":
            assert right, "a wrong password proved something"
            assert number in ("01", "02")
            assert self.proven.setdefault(place, (name, number)) == (name, number), "a code proved two people"

    @rule(place=places, fate=fates)
    def sign_in_by_phone(self, place: int, fate: str) -> None:
        """All steps in a row, so that it happens."""
        self.show_code(place, "heard")
        if self.codes and self.codes[-1][0] == place:
            self.room.answer_code(self.codes[-1][2], "a", "01", self.room.passwords["01"])
            self.proven[place] = (self.codes[-1][1], "01")
        self.take_up(place, None, fate)
        self.confirm(place, "ok", "", fate)

    @rule(place=places, which=st.sampled_from([None, "last", "last", "any"]), fate=fates)
    def take_up(self, place: int, which: str | None, fate: str) -> None:
        """401 with what a phone has proven; with the last code, once more perhaps; or with any other terminal's."""
        name = self.proven.get(place, ("AAAAAAAA", ""))[0]
        if which and self.codes:
            place, name = self.codes[-1][0] if which == "last" else place, self.codes[-1][1]
        answer = self.send(place, self.room.terminals[place].operator(VERIFY, None, {}, phone=name), fate)
        if answer.code in ("00", "P6"):
            assert self.proven.get(place, ("", ""))[0] == name, (
                "a code opened something that proved nobody here, or did before"
            )
            assert answer[Tag.OPERATOR_NO] == self.proven[place][1]
            self.waiting[place] = (self.proven[place][1], answer[Tag.RECORD_NO])
        if self.proven.get(place, ("", ""))[0] == name:
            self.proven.pop(place)

    @rule(place=places)
    def leave_code(self, place: int) -> None:
        terminal, name = self.room.terminals[place], self.proven.pop(place, ("AAAAAAAA", ""))[0]
        self.room.ask(terminal, terminal.operator(PHONE, None, {Tag.VERDICT: "leave", Tag.PHONE: name}))

    @rule(
        place=places,
        login=st.sampled_from(["01", "01", "02", "00", "55", *USER_NAMES, "nobody"]),
        right=usually,
        fate=fates,
    )
    def verify(self, place: int, login: str, right: bool, fate: str) -> None:
        number = USER_NAMES.get(login, login)
        password = self.password(number, right) if number in self.room.passwords else "0001"
        answer = self.operator(place, VERIFY, login, {}, fate, password)
        if answer.code in ("00", "P6"):
            assert right, "a wrong password opened something"
            assert number in ("01", "02")
            self.waiting[place] = (number, answer[Tag.RECORD_NO])

    @rule(
        place=places,
        verdict=st.sampled_from(["ok", "ok", "ok", "wrong"]),
        how=st.sampled_from(["", "", "approved", "stale"]),
        fate=fates,
    )
    def confirm(self, place: int, verdict: str, how: str, fate: str) -> None:
        number, record_no = self.waiting.get(place, ("01", "99"))
        said = {"approved": self.approvals.get(place, "99"), "stale": "stale:broken"}.get(how, "")
        tags = {Tag.RECORD_NO: record_no, Tag.VERDICT: verdict, Tag.TAKE_OVER: said}
        answer = self.operator(place, CONFIRM, number, tags, fate)
        if answer.code == "00" and verdict == "ok":
            self.envelopes[place] = (number, record_no)

    @rule(place=places, number=cashiers)
    def sign_in(self, place: int, number: str) -> None:
        """Both steps, so that sessions are frequent."""
        self.verify(place, number, True, "heard")
        if self.waiting.get(place, ("", ""))[0] == number:
            self.confirm(place, "ok", "", "heard")

    @rule(order=st.permutations(range(TERMINALS)), number=cashiers)
    def race(self, order: list[int], number: str) -> None:
        """All terminals verify and confirm the same operator, each step in one batch."""
        terminals = [self.room.terminals[place] for place in order]
        batch = [t.operator(VERIFY, number, {}, self.room.passwords[number]) for t in terminals]
        said = [t.read(a) for t, (_, _, a) in zip(terminals, self.room.receive(batch), strict=True)]
        batch = [
            t.operator(CONFIRM, number, {Tag.RECORD_NO: one[Tag.RECORD_NO] or "99", Tag.VERDICT: "ok"})
            for t, one in zip(terminals, said, strict=True)
        ]
        answers = [t.read(a) for t, (_, _, a) in zip(terminals, self.room.receive(batch), strict=True)]
        assert [answer.code for answer in answers].count("00") <= 1

    @rule(place=places, right=usually, action=st.sampled_from(["take_over", "take_over", "refund"]), fate=fates)
    def approve(self, place: int, right: bool, action: str, fate: str) -> None:
        tags = {Tag.ACTION: action, Tag.RECORD_NO: self.waiting.get(place, ("", "1"))[1]}
        answer = self.operator(place, APPROVE, "00", tags, fate, self.password("00", right))
        if answer.code == "00":
            assert right
            self.approvals[place] = answer[Tag.APPROVAL_NO]

    @rule(place=places, fate=fates)
    def take_over(self, place: int, fate: str) -> None:
        """All steps in a row, so that it happens."""
        self.verify(place, "01", True, "heard")
        self.approve(place, True, "take_over", "heard")
        self.confirm(place, "ok", "approved", fate)

    @rule(place=places, number=cashiers, fate=fates)
    def sign_out(self, place: int, number: str, fate: str) -> None:
        self.operator(place, SIGN_OUT, number, {Tag.REASON: "asked"}, fate)

    @rule(place=places, number=cashiers, fate=fates)
    def lock(self, place: int, number: str, fate: str) -> None:
        self.operator(place, LOCK, number, {Tag.VERDICT: "lock"}, fate)
        for session in self.live():
            self.sell(place, session.operator_no, 100)

    @rule(place=places, login=st.sampled_from(["01", "02", "00", *USER_NAMES]), right=usually, fate=fates)
    def unlock(self, place: int, login: str, right: bool, fate: str) -> None:
        number = USER_NAMES.get(login, login)
        answer = self.operator(place, LOCK, login, {Tag.VERDICT: "unlock"}, fate, self.password(number, right))
        assert right or answer.code != "00"

    @rule(place=places, number=cashiers, right=usually, new=st.sampled_from(["9461", "5072", "1948"]), fate=fates)
    def change_password(self, place: int, number: str, right: bool, new: str, fate: str) -> None:
        block = self.room.terminals[place].password_block(number, new).hex()
        answer = self.operator(place, CHANGE, number, {Tag.NEW_BLOCK: block}, fate, self.password(number, right))
        if answer.code == "00":
            assert right
            assert new != self.room.passwords[number]
            self.room.passwords[number] = new

    @rule(place=places, uses=st.integers(1, 4), fate=fates)
    def come_back_from_offline(self, place: int, uses: int, fate: str) -> None:
        number, record_no = self.envelopes.get(place, ("01", "1"))
        self.operator(place, OFFLINE, number, {Tag.OFFLINE: f"{record_no},{uses},{self.room.clock.now()}"}, fate)

    @rule(place=places, number=cashiers)
    def heartbeat(self, place: int, number: str) -> None:
        answer = self.operator(place, STATUS, number, {Tag.HEALTH: "printer:ok"}, "heard")
        here = [s for s in self.live() if s.terminal_no == self.room.terminals[place].terminal_no]
        if not any(session.operator_no == number for session in here):
            assert answer[Tag.ORDERS] == "sign_in"

    @rule(place=places, number=cashiers, amount_fen=st.sampled_from([100, 50_001]))
    def sell(self, place: int, number: str, amount_fen: int) -> None:
        self.room.receive([self.room.terminals[place].sale(number, amount_fen)])

    @rule(place=places, number=cashiers)
    def forget_to_sign_out(self, place: int, number: str) -> None:
        """The next morning somebody sells on."""
        self.sign_in(place, number)
        self.room.clock.advance(s=46_800)
        self.sell(place, number, 100)

    # ── what goes wrong ──────────────────────────────────────────────────────

    @precondition(lambda self: bool(getattr(self, "sent", ())))
    @rule(data=st.data())
    def old_messages_come_again(self, data: st.DataObject) -> None:
        """Late, in any order, in one batch; those under keys that are gone too."""
        chosen = data.draw(st.lists(st.sampled_from(self.sent), min_size=1, max_size=4))
        for _, decision, _ in self.room.receive([payload for _, _, payload in chosen]):
            assert isinstance(decision.reply, OperatorReply)
            assert decision.reason in ("repeat", "wrong_mac", "same_trace_other_contents") or not any(
                isinstance(change.record, Session) and isinstance(change, Insert) for change in decision.changes
            )

    @rule(place=places)
    def a_stranger_signs_the_terminal_off(self, place: int) -> None:
        """Anybody can send 002."""
        terminal = self.room.terminals[place]
        number = TraceNo("999999")
        request = management_request(CATALOGUE["sign_off"], MERCHANT, terminal.terminal_no, BATCH, number)
        ((_, decision, _),) = self.room.receive([wrap(UNIONPAY, UNIONPAY.codec.encode(request))])
        assert decision.changes == ()

    @rule(place=places, number=cashiers)
    def a_stranger_asks_for_keys_while_somebody_signs_in(self, place: int, number: str) -> None:
        """Anybody can send 0800: between the terminal's own and its first message, and after that."""
        terminal = self.room.terminals[place]
        self.room.get_keys(terminal)
        self.room.receive([terminal.sign_on()])
        self.heartbeat(place, number)
        self.room.receive([terminal.sign_on()])
        self.heartbeat(place, number)

    @rule()
    def the_host_restarts(self) -> None:
        self.room.restart()

    @rule(seconds=st.sampled_from([1, 6, 61, 91, 700, 2_000, 46_800, 90_000, -3_600, -90_000]))
    def the_clock_goes_on_or_jumps(self, seconds: int) -> None:
        self.room.clock.advance(s=seconds)

    # ── what always holds ────────────────────────────────────────────────────

    def live(self) -> list[Session]:
        return [session for session in self.room.rows(Session) if session.ended_ms is None]

    @invariant()
    def one_operator_has_one_live_session_and_one_terminal_too(self) -> None:
        live = self.live()
        assert max(Tally(session.operator_no for session in live).values(), default=0) <= 1
        assert max(Tally(session.terminal_no for session in live).values(), default=0) <= 1

    @invariant()
    def numbers_only_grow_and_every_attempt_is_a_record(self) -> None:
        numbers = [session.session_no for session in self.room.rows(Session)]
        assert numbers == list(range(1, len(numbers) + 1))
        records = [record.record_no for record in self.room.rows(SignIn)]
        assert records == list(range(1, self.room.attempts + 1))

    @invariant()
    def records_move_along_and_the_active_ones_have_the_live_sessions(self) -> None:
        for record in self.room.rows(SignIn):
            before = self.states.get(record.record_no, record.state)
            assert record.state == before or (before, record.state) in SIGN_IN.moves, f"{before} became {record.state}"
            self.states[record.record_no] = record.state
        active = {record.record_no for record in self.room.rows(SignIn) if record.state == "active"}
        assert active == {session.record_no for session in self.live()}

    @invariant()
    def an_approval_is_used_once_and_every_approved_sign_in_has_one(self) -> None:
        approvals = self.room.rows(Approval)
        for approval in approvals:
            if approval.used_ms is not None:
                assert self.used.setdefault(approval.approval_no, approval.used_ms) == approval.used_ms
        approved = [record for record in self.room.rows(SignIn) if record.approved_by]
        assert len(approved) == len(self.used)
        assert {record.record_no for record in approved} == {
            approval.record_no for approval in approvals if approval.approval_no in self.used
        }

    @invariant()
    def a_payment_has_a_session_that_had_begun(self) -> None:
        sessions = {int(session.session_no): session for session in self.room.rows(Session)}
        for payment in self.room.rows(Payment):
            if payment.reason is not None:
                # Refused before the bank was asked: it is kept for who looks for it, and belongs to no shift.
                assert payment.state == "declined"
                continue
            assert payment.session_no is not None
            session = sessions[payment.session_no]
            assert (session.terminal_no, session.operator_no) == (payment.terminal_no, payment.operator_no)

    @invariant()
    def the_chain_holds(self) -> None:
        assert self.room.chain_holds()


TestSignInMachine = SignInMachine.TestCase
TestSignInMachine.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
