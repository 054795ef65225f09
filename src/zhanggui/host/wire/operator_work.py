"""Work on operator messages: 0820 with 60.3 = 401 to 407 and 362. The rules are in `acquirer`; here stand the facts that need keys."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import msgspec

from ...acquirer.operators.approvals import decide_approve
from ...acquirer.operators.duty import decide_lock, decide_offline, decide_sign_out, decide_status
from ...acquirer.operators.entry import CodeFacts, NewPassword, OperatorAsked
from ...acquirer.operators.passwords import decide_change_password, earlier_passwords
from ...acquirer.operators.session_rows import need_sessions_of
from ...acquirer.operators.sign_in import decide_confirm, decide_verify
from ...acquirer.policy.rules import Policy, policy_of
from ...acquirer.rows.decision import Decision, OperatorReply
from ...acquirer.rows.numbering import envelope_counter
from ...acquirer.rows.records import Approval, Counter, Merchant, Operator, SignIn, StoredAnswer, Terminal
from ...acquirer.rows.state import Insert, Needs, State, Update
from ...basics.numbers import OperatorNo, UnixMs
from ...cup.messages.head import host_time
from ...cup.messages.operator import operator_answer, read_operator_request
from ...cup.operator_tags import Tag, number_or_none, pack_tags, unpack_tags
from ..keys import NO_PASSWORD
from ..work import Arrival, Desk, TerminalWork
from .payment_work import SYSTEM_ERROR
from .repeats import HASH_BYTES, RequestMark

Rule = Callable[[State, OperatorAsked, UnixMs], Decision]

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "operator_verify": decide_verify,
        "operator_confirm": decide_confirm,
        "operator_sign_out": decide_sign_out,
        "operator_lock": decide_lock,
        "operator_password": decide_change_password,
        "operator_approve": decide_approve,
        "operator_offline": decide_offline,
        "status": decide_status,
    }
)
ANSWERED_AGAIN = frozenset({"status"})
"""A heartbeat's answer is not kept for repeats: it is simply decided again."""
COUNTERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "operator_verify": ("sign_in",),
        "operator_confirm": ("session", "case"),
        "operator_lock": ("sign_in",),
        "operator_password": ("sign_in", "note"),
        "operator_approve": ("approval", "sign_in"),
        "operator_offline": ("sign_in", "session"),
    }
)
"""Which of a merchant's numbers a message may use up; a counter that does not exist yet costs a look each time."""
PASSWORD_MESSAGES = frozenset({"operator_verify", "operator_lock", "operator_password", "operator_approve"})
NO_PASSWORDS = bytes(HASH_BYTES)
BUSINESS_TAGS = (
    Tag.RECORD_NO,
    Tag.VERDICT,
    Tag.WRONG_ITEM,
    Tag.REASON,
    Tag.SIGN_IN_CODE,
    Tag.TAKE_OVER,
    Tag.ACTION,
    Tag.AMOUNT,
    Tag.SESSION_NO,
    Tag.OFFLINE,
    Tag.NOTES,
)
"""What tells a repeat from another request, beside the passwords; what was measured changes with time."""


class OperatorWork(TerminalWork):
    """One operator message."""

    __slots__ = ("answer_key", "packed", "request")

    def __init__(self, arrival: Arrival) -> None:
        super().__init__(arrival)
        self.request = read_operator_request(arrival.message)
        self.packed: bytes | None = None
        """Field 62 of the answer as it is kept for repeats; it goes out as it is."""
        asked = self.request
        self.answer_key = (
            asked.merchant_no,
            asked.terminal_no,
            asked.batch_no,
            asked.trace_no,
            self.transaction.network_code,
        )

    def add_needs(self, needs: Needs) -> None:
        merchant_no = self.terminal_key[0]
        tags = self.request.tags
        needs.add(Terminal, self.terminal_key)
        if self.request.operator_no is not None:
            needs.add(Operator, (merchant_no, self.request.operator_no))
        for name in COUNTERS.get(self.transaction.name, ()):
            needs.add(Counter, (merchant_no, name))
        for number in (
            number_or_none(tags.get(Tag.RECORD_NO, "")),
            number_or_none(tags.get(Tag.OFFLINE, "").split(",")[0]),
        ):
            if number is not None:
                needs.add(SignIn, (merchant_no, number))
        envelope = number_or_none(tags.get(Tag.OFFLINE, "").split(",")[0])
        if envelope is not None:
            needs.add(Counter, (merchant_no, envelope_counter(envelope)))
        approval_no = number_or_none(tags.get(Tag.TAKE_OVER, ""))
        if approval_no is not None:
            needs.add(Approval, (merchant_no, approval_no))
        if self.transaction.name == "operator_sign_out":
            needs.figures[self.terminal_key] = None
        if self.transaction.name not in ANSWERED_AGAIN:
            needs.add(StoredAnswer, self.answer_key)

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        super().more_needs(desk, state, more)
        if self.request.operator_no is not None:
            need_sessions_of(state, (self.terminal_key[0], self.request.operator_no), more, shared=desk.leases.shared)

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        self.packed = None
        verdict = self.check_mac(desk, state)
        name = self.transaction.name
        if verdict not in ("current", "next"):
            return RULES[name](state, OperatorAsked(request=self.request, mac=verdict, leases=desk.leases), now)
        if name in ANSWERED_AGAIN:
            return RULES[name](state, self._facts(desk, state, now), now)
        mark = self._mark(desk, state)
        stored = state.get(StoredAnswer, *self.answer_key)
        if stored is not None:
            match mark.judge(stored, now):
                case "repeat":
                    self.packed = stored.tags
                    again = OperatorReply(stored.response_code, unpack_tags(stored.tags))
                    return Decision(reply=again, reason="repeat")
                case "other_contents":
                    return Decision(reply=OperatorReply("94"), reason="same_trace_other_contents")
        decision = RULES[name](state, self._facts(desk, state, now), now)
        if not isinstance(decision.reply, OperatorReply):
            return decision
        return self._keeping_the_answer(decision, decision.reply, mark, Insert if stored is None else Update, now)

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        assert isinstance(decision.reply, OperatorReply)
        self.log_outcome(decision.reply.response_code, decision.reason)
        self._send(desk, decision.reply, now)

    def fail(self, desk: Desk, now: UnixMs) -> None:
        self.packed = None
        self.log_outcome(SYSTEM_ERROR, "system_error")
        self._send(desk, OperatorReply(SYSTEM_ERROR), now)

    def _send(self, desk: Desk, reply: OperatorReply, now: UnixMs) -> None:
        message = operator_answer(
            self.transaction,
            self.message,
            host_time(now),
            desk.rrn.take_if_reserved(),
            reply.response_code,
            desk.acquirer_code,
            self.packed if self.packed is not None else reply.tags,
        )
        self.answer(desk, message, with_mac=True)

    def _keeping_the_answer(
        self,
        decision: Decision,
        reply: OperatorReply,
        mark: RequestMark,
        change: type[Insert] | type[Update],
        now: UnixMs,
    ) -> Decision:
        merchant_no, terminal_no, batch_no, trace_no, message_class = self.answer_key
        self.packed = pack_tags(reply.tags)
        kept = StoredAnswer(
            merchant_no=merchant_no,
            terminal_no=terminal_no,
            batch_no=batch_no,
            trace_no=trace_no,
            message_class=message_class,
            fingerprint=mark.packed,
            response_code=reply.response_code,
            tags=self.packed,
            made_ms=now,
        )
        return msgspec.structs.replace(decision, changes=(*decision.changes, change(kept)))

    def _mark(self, desk: Desk, state: State) -> RequestMark:
        tags = self.request.tags
        said = [tags.get(tag, "") for tag in BUSINESS_TAGS]
        business = desk.keys.request_hash(self.transaction.name, self.request.operator_no or "", *said)
        context = "".join(self.answer_key).encode()
        operator_no, pin_key = self.request.operator_no or OperatorNo(""), self._pin_key(state)
        blocks = [self.request.password_block, self._new_block() if Tag.NEW_BLOCK in tags else None]
        hashes = [
            desk.keys.password_hash(block, pin_key, self.terminal_key[0], operator_no, context)
            for block in blocks
            if block is not None and operator_no
        ]
        passwords = hashes[0] if hashes else NO_PASSWORDS
        if len(hashes) > 1:
            passwords = desk.keys.request_hash(*(one.hex() for one in hashes))
        return RequestMark.of(business, passwords, self.mac_key)

    def _new_block(self) -> bytes | None:
        """The block of a new password; None when there is none, or none that can be read."""
        try:
            return bytes.fromhex(self.request.tags.get(Tag.NEW_BLOCK, "")) or None
        except ValueError:
            return None

    def _pin_key(self, state: State) -> str:
        """The PIN key that came with the MAC key which fitted."""
        terminal = state.get(Terminal, *self.terminal_key)
        assert terminal is not None
        return terminal.next_pin_key if self.verdict == "next" else terminal.pin_key

    # ── facts ────────────────────────────────────────────────────────────────

    def _facts(self, desk: Desk, state: State, now: UnixMs) -> OperatorAsked:
        merchant = state.get(Merchant, self.terminal_key[0])
        operator_no = self.request.operator_no or OperatorNo("")
        operator = state.get(Operator, self.terminal_key[0], operator_no)
        pin_key = self._pin_key(state)
        policy = policy_of(merchant.policy, merchant.policy_overrides) if merchant is not None else policy_of("basic")
        return OperatorAsked(
            request=self.request,
            mac=self.verdict,
            leases=desk.leases,
            password_right=self._password_right(desk, operator, operator_no, pin_key),
            code=self._code(desk, merchant, operator, policy, now),
            new_password=self._new_password(desk, operator, operator_no, pin_key, policy),
        )

    def _password_right(self, desk: Desk, operator: Operator | None, operator_no: OperatorNo, pin_key: str) -> bool:
        block = self.request.password_block
        if self.transaction.name not in PASSWORD_MESSAGES or block is None or not operator_no:
            return False
        return desk.keys.password_right(operator, pin_key, block, self.terminal_key[0], operator_no)

    def _code(
        self, desk: Desk, merchant: Merchant | None, operator: Operator | None, policy: Policy, now: UnixMs
    ) -> CodeFacts:
        if self.transaction.name != "operator_confirm" or policy.sign_in_code == "none":
            return CodeFacts()
        code = self.request.tags.get(Tag.SIGN_IN_CODE, "")
        if policy.sign_in_code == "shift":
            preset = merchant.shift_code if merchant is not None else ""
            return CodeFacts(is_set=bool(preset), right=bool(preset) and desk.keys.same_text(code, preset))
        if operator is None or not operator.code_secret:
            return CodeFacts()
        verdict = desk.keys.check_code(operator.code_secret, code, now, policy.code_digits, policy.code_steps_back)
        return CodeFacts(is_set=True, right=verdict.right, step=verdict.step, drift_s=verdict.drift_s)

    def _new_password(
        self, desk: Desk, operator: Operator | None, operator_no: OperatorNo, pin_key: str, policy: Policy
    ) -> NewPassword:
        if self.transaction.name != "operator_password":
            return NewPassword()
        block = self._new_block()
        if block is None:
            return NewPassword(fault="unreadable")
        # The same work for a number that does not exist; nothing comes of it.
        known = (
            [NO_PASSWORD] if operator is None else [(operator.salt, operator.verifier), *earlier_passwords(operator)]
        )
        earlier = known[: max(policy.password_history, 1)]
        return desk.keys.new_password(block, pin_key, self.terminal_key[0], operator_no, policy, earlier)
