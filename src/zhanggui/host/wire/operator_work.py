"""Work on operator messages (0820, 60.3 = 401 to 409 and 362): repeats, and the facts that need keys. Rows: `operator_messages.py`."""

from typing import Any

import msgspec

from ...acquirer.operators.duty import orders_asked_by
from ...acquirer.operators.elsewhere import need_sessions_of
from ...acquirer.operators.entry import BadgeFacts, CodeFacts, NewPassword, NewPhoneCode, OperatorAsked, whose_user_name
from ...acquirer.operators.passwords import earlier_passwords
from ...acquirer.operators.phones.codes import why_not_proven
from ...acquirer.operators.supervision import RESET_PASSWORD
from ...acquirer.orders.telling import keys_of_orders
from ...acquirer.policy.rules import Policy, policy_of
from ...acquirer.policy.shift_codes import judge_said, read_shift_codes
from ...acquirer.rows.decision import Decision, OperatorReply, reply_of
from ...acquirer.rows.records import (
    Badge,
    Counter,
    Merchant,
    Operator,
    PhoneAttempt,
    StoredAnswer,
    Stranger,
    Terminal,
    TerminalOrder,
    UserName,
)
from ...acquirer.rows.state import Insert, Needs, State, Update
from ...basics.errors import certain
from ...basics.numbers import OperatorNo, UnixMs, is_digits
from ...cup.messages.head import host_time
from ...cup.messages.operator import operator_answer, read_operator_request
from ...cup.messages.operator_asks import (
    ConfirmContents,
    ManageContents,
    NewPasswordContents,
    PhoneContents,
    StatusContents,
)
from ...cup.messages.operator_outcomes import AnswerAgain
from ...cup.operator_tags import Tag, Tags, pack_answer
from ...cup.values.badge import BY_BADGE, ShownBadge, badge_context
from ...cup.values.phone import write_code
from ...cup.values.user_name import fold_user_name
from ...vault.pinblock import PasswordAccount
from ..keys import NO_PASSWORD, NOBODY
from ..orders import Line, orders_in
from ..work import Arrival, Desk, TerminalWork
from .operator_messages import OPERATOR_MESSAGES, business_of
from .payment_work import SYSTEM_ERROR
from .repeats import HASH_BYTES, RequestMark

NO_PASSWORDS = bytes(HASH_BYTES)
PROVEN = frozenset(("00", "P6"))
"""Answers that only a right password, or a badge that is enough, gets."""
NO_CODE_FACTS, NO_NEW_PASSWORD = CodeFacts(), NewPassword()


class OperatorWork(TerminalWork):
    """One operator message."""

    __slots__ = ("answer_key", "badge", "contents", "number", "orders", "packed", "phone", "request", "row")

    def __init__(self, arrival: Arrival) -> None:
        super().__init__(arrival)
        self.request = read_operator_request(arrival.message)
        self.row = OPERATOR_MESSAGES[arrival.transaction.name]
        self.contents = self.row.read(self.request.tags)
        self.badge = self.request.badge if self.row.takes_badge else None
        self.phone = self.request.phone if self.row.takes_phone else ""
        self.number = OperatorNo("")
        """Who asks, once the rows are there."""
        self.orders: tuple[int, ...] = ()
        """Numbers of the orders that it may be told, as they stood when its rows were asked for."""
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
        needs.add(Terminal, self.terminal_key)
        if self.badge is not None:
            needs.add(Badge, (self.terminal_key[0], self.badge.number))
            return
        if self.phone:
            needs.add(PhoneAttempt, self.terminal_key)
            return
        if self.request.user_name:
            # Whose it is comes first, and then the rest in the order in which a number's rows are loaded: hosts that share a
            # database lock them in one order.
            needs.add(UserName, self._user_name_key())
            return
        self._add_own_needs(needs, self.request.operator_no)

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        super().more_needs(desk, state, more)
        operator_no = self._operator_no(state)
        if self.badge is not None:
            # Tries with a badge that counts no more are the badge's own; whose it was is needed to know that.
            merchant_no = self.terminal_key[0]
            more.add(Stranger, (merchant_no, self.badge.number))
            known = state.get(Badge, merchant_no, self.badge.number)
            operator_no = known.operator_no if known is not None else operator_no
        if self.badge is not None or self.phone or self.request.user_name:
            self._add_own_needs(more, operator_no)
            more.leads_on = True
        if operator_no:
            need_sessions_of(state, (self.terminal_key[0], operator_no), more, shared=desk.leases.shared)
        if isinstance(self.contents, ManageContents) and self.contents.about_no:
            about = self.terminal_key[0], self.contents.about_no
            need_sessions_of(state, about, more, shared=desk.leases.shared)
        if isinstance(self.contents, StatusContents):
            self.orders = desk.orders.to_tell(self.terminal_key, self.contents.order_held)
            asked = orders_asked_by(self.contents, self.orders)
            for key in keys_of_orders(*self.terminal_key, asked):
                more.add(TerminalOrder, key)

    def _add_own_needs(self, needs: Needs, operator_no: OperatorNo | None) -> None:
        merchant_no = self.terminal_key[0]
        if operator_no is not None:
            needs.add(Operator, (merchant_no, operator_no))
        for name in self.row.counters:
            needs.add(Counter, (merchant_no, name))
        self.row.needs(needs, self.terminal_key, self.contents)
        if self.row.is_kept:
            needs.add(StoredAnswer, self.answer_key)

    def _user_name_key(self) -> tuple[str, str]:
        return self.terminal_key[0], fold_user_name(self.request.user_name)

    def _operator_no(self, state: State) -> OperatorNo:
        """Who asks: 63.1, or whose user name or badge it is, or whom a phone has proven.

        What is nobody's goes on as itself, and gets what an unknown number gets.
        """
        asked = self.request
        if self.badge is not None:
            return self._badge_holder(state, self.badge)
        if self.phone:
            attempt = self._answered(state)
            return OperatorNo(attempt.operator_no if attempt is not None else "")
        if not asked.user_name:
            return asked.operator_no or OperatorNo("")
        return whose_user_name(state, self.terminal_key[0], asked.user_name)

    def _answered(self, state: State) -> PhoneAttempt | None:
        """The code that the message names, where it is this terminal's last one."""
        attempt = state.get(PhoneAttempt, *self.terminal_key)
        return attempt if attempt is not None and attempt.name == self.phone else None

    def _badge_holder(self, state: State, badge: ShownBadge) -> OperatorNo:
        """Whose badge it is, as long as it counts."""
        merchant_no = self.terminal_key[0]
        known, merchant = state.get(Badge, merchant_no, badge.number), state.get(Merchant, merchant_no)
        holder = state.get(Operator, merchant_no, known.operator_no) if known is not None else None
        if holder is None or holder.badge_no != badge.number or merchant is None:
            return OperatorNo(badge.number)
        if policy_of(merchant.policy, merchant.policy_overrides).badge == "off":
            return OperatorNo(badge.number)
        return holder.operator_no

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        self.packed = None
        verdict = self.check_mac(desk, state)
        row = self.row
        if verdict not in ("current", "next"):
            return row.rule(state, self._asked(desk, state), now)
        if not row.is_kept:
            if self.is_behind or (isinstance(self.contents, StatusContents) and self._was_heard(desk)):
                # Sent again by somebody, or held back: it would spend the code that stands on the screen now, and a heartbeat
                # would be told an order, and move the ring to a stranger's line.
                return Decision(reply=OperatorReply("94"), reason="number_is_behind")
            return row.rule(state, self._facts(desk, state, now), now)
        mark = self._mark(desk, state)
        stored = state.get(StoredAnswer, *self.answer_key)
        if stored is not None:
            match mark.judge(stored, now):
                case "repeat":
                    self.packed = stored.tags
                    again = OperatorReply(stored.response_code, AnswerAgain(stored.tags))
                    return Decision(reply=again, reason="repeat")
                case "other_contents":
                    return Decision(reply=OperatorReply("94"), reason="same_trace_other_contents")
        elif self.is_behind:
            return Decision(reply=OperatorReply("94"), reason="number_is_behind")
        decision = row.rule(state, self._facts(desk, state, now), now)
        if not isinstance(decision.reply, OperatorReply):
            return decision
        return self._keeping_the_answer(decision, decision.reply, mark, Insert if stored is None else Update, now)

    def _was_heard(self, desk: Desk) -> bool:
        """Whether this very number came before. A terminal gives each heartbeat a new one and never sends one again."""
        return self.verdict == "current" and desk.leases.was_heard(self.terminal_key, self.word())

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        reply = reply_of(decision, OperatorReply)
        self.log_outcome(reply.response_code, decision.reason)
        if isinstance(self.contents, StatusContents):
            self._keep_the_line(desk, decision, reply)
        self._send(desk, reply, now)

    def _keep_the_line(self, desk: Desk, decision: Decision, reply: OperatorReply) -> None:
        """Its line is where the terminal can be rung; what became of its orders is known from now on."""
        desk.orders.put(orders_in(decision.changes))
        if reply.response_code == "00":
            envelope = msgspec.structs.replace(self.envelope, body=b"")
            line = Line(self.connection, self.dialect, envelope, self.mac_key, self.request.trace_no)
            desk.orders.heard_on(self.terminal_key, line)

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
            self.packed if self.packed is not None else self._said(reply),
        )
        self.answer(desk, message, with_mac=True)

    def _said(self, reply: OperatorReply) -> Tags:
        """What the answer says; whose user name or badge it is, only to whom it is proven that it is his."""
        tags = reply.said.tags()
        if (self.request.user_name or self.badge is not None or self.phone) and reply.response_code in PROVEN:
            tags[Tag.OPERATOR_NO] = self.number
        return tags

    def _keeping_the_answer(
        self,
        decision: Decision,
        reply: OperatorReply,
        mark: RequestMark,
        change: type[Insert] | type[Update],
        now: UnixMs,
    ) -> Decision:
        merchant_no, terminal_no, batch_no, trace_no, message_class = self.answer_key
        self.packed = pack_answer(self._said(reply))
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
        said = business_of(self.row, self.request.tags)
        pin_key = self._pin_key(state)
        login = self.request.operator_no or self.request.user_name or self.phone
        if self.badge is not None:
            login = desk.keys.shown_mark(self.terminal_key[0], pin_key, self.badge.block, self._badge_context()).hex()
        business = desk.keys.request_hash(self.transaction.name, login, *said)
        context = "".join(self.answer_key).encode()
        blocks = (self.request.password_block, self._new_block())
        hashes = [
            desk.keys.password_hash(block, pin_key, self._account(state), context)
            for block in blocks
            if block is not None and login
        ]
        passwords = hashes[0] if hashes else NO_PASSWORDS
        if len(hashes) > 1:
            passwords = desk.keys.request_hash(*(one.hex() for one in hashes))
        return RequestMark.of(business, passwords, self.mac_key)

    def _new_block(self) -> bytes | None:
        """The block of a new password; None when there is none, or none that can be read."""
        contents = self.contents
        return contents.new_block if isinstance(contents, NewPasswordContents | ManageContents) else None

    def _pin_key(self, state: State) -> str:
        """The PIN key that came with the MAC key which fitted."""
        if self.fitting is not None:
            return self.fitting.pin_key
        return certain(state.get(Terminal, *self.terminal_key), "its MAC was checked").pin_key

    # ── facts ────────────────────────────────────────────────────────────────

    def _asked(self, desk: Desk, state: State) -> OperatorAsked[Any]:
        """Without any fact: all that a rule needs to refuse a message whose MAC is wrong."""
        merchant_no, terminal_no = self.terminal_key
        return OperatorAsked(
            merchant_no=merchant_no,
            terminal_no=terminal_no,
            operator_no=self._operator_no(state),
            user_name=self.request.user_name,
            contents=self.contents,
            mac=self.verdict,
            fitting=self.fitting,
            leases=desk.leases,
            word=self.word(),
        )

    def _account(self, state: State) -> PasswordAccount:
        """Whose password, and what was typed beside it: the block is bound to what was typed, or to a badge."""
        operator_no, user_name = self._operator_no(state), self.request.user_name
        number = operator_no if is_digits(operator_no, 2) else NOBODY
        if self.badge is not None:
            return PasswordAccount(self.terminal_key[0], number, BY_BADGE)
        return PasswordAccount(self.terminal_key[0], number, fold_user_name(user_name) if user_name else "")

    def _facts(self, desk: Desk, state: State, now: UnixMs) -> OperatorAsked[Any]:
        merchant_no, terminal_no = self.terminal_key
        merchant = state.get(Merchant, merchant_no)
        pin_key = self._pin_key(state)
        badge = self._badge_facts(desk, state, pin_key)
        operator_no = self._operator_no(state)
        if badge is not None and not badge.right:
            # The number stands on the badge for all to see. Who forges one guesses at the badge, and locks nobody out.
            operator_no = OperatorNo(badge.number)
        self.number = operator_no
        operator = state.get(Operator, merchant_no, operator_no)
        policy = policy_of(merchant.policy, merchant.policy_overrides) if merchant is not None else policy_of("basic")
        return OperatorAsked(
            merchant_no=merchant_no,
            terminal_no=terminal_no,
            operator_no=operator_no,
            user_name=self._typed_name(state),
            contents=self.contents,
            mac=self.verdict,
            fitting=self.fitting,
            leases=desk.leases,
            word=self.word(),
            password_right=self._password_right(desk, state, operator, pin_key, now),
            badge=badge,
            phone=self.phone,
            new_phone_code=self._new_phone_code(desk),
            has_phone_page=bool(desk.phone_page),
            code=self._code(desk, merchant, operator, policy, now),
            new_password=self._new_password(desk, state, operator, pin_key, policy),
            orders=self.orders,
        )

    def _typed_name(self, state: State) -> str:
        """A user name as it was typed, here or on a phone."""
        attempt = self._answered(state) if self.phone else None
        return attempt.user_name if attempt is not None else self.request.user_name

    def _new_phone_code(self, desk: Desk) -> NewPhoneCode | None:
        """What a terminal may be given that asks for a code."""
        if not isinstance(self.contents, PhoneContents) or self.contents.verdict != "open":
            return None
        code = desk.keys.new_phone_code(*self.terminal_key)
        return NewPhoneCode(name=code.name, address=f"{desk.phone_page}{write_code(code)}" if desk.phone_page else "")

    def _password_right(self, desk: Desk, state: State, operator: Operator | None, pin_key: str, now: UnixMs) -> bool:
        if self.phone:
            return not why_not_proven(self._answered(state), self.phone, now)
        block = self.request.password_block
        if not self.row.has_password or block is None or not self.number:
            return False
        return desk.keys.password_right(operator, pin_key, block, self._account(state))

    def _badge_context(self) -> bytes:
        asked = self.request
        return badge_context(asked.merchant_no, asked.terminal_no, asked.batch_no, asked.trace_no)

    def _badge_facts(self, desk: Desk, state: State, pin_key: str) -> BadgeFacts | None:
        """What the vault says of the badge. The same work for one that nobody has."""
        shown, merchant_no = self.badge, self.terminal_key[0]
        if shown is None:
            return None
        known = state.get(Badge, merchant_no, shown.number)
        right = desk.keys.badge_right(known, merchant_no, pin_key, shown.block, self._badge_context())
        return BadgeFacts(
            number=shown.number,
            right=right,
            holder=known.operator_no if known is not None else None,
            with_password=self.request.password_block is not None,
        )

    def _code(
        self, desk: Desk, merchant: Merchant | None, operator: Operator | None, policy: Policy, now: UnixMs
    ) -> CodeFacts:
        contents = self.contents
        if not isinstance(contents, ConfirmContents) or policy.sign_in_code == "none":
            return NO_CODE_FACTS
        if policy.sign_in_code == "shift":
            codes = read_shift_codes(merchant.shift_code) if merchant is not None else ()
            same = [desk.keys.shift_code_right(self.terminal_key[0], contents.code, one.sealed) for one in codes]
            said = judge_said(codes, same, now)
            return CodeFacts(is_set=said.is_set, right=said.right, shift_code_no=said.number)
        code = contents.code.reveal()
        if operator is None or not operator.code_secret:
            return NO_CODE_FACTS
        verdict = desk.keys.check_code(operator.code_secret, code, now, policy.code_digits, policy.code_steps_back)
        return CodeFacts(is_set=True, right=verdict.right, step=verdict.step, drift_s=verdict.drift_s)

    def _new_password(
        self, desk: Desk, state: State, operator: Operator | None, pin_key: str, policy: Policy
    ) -> NewPassword:
        if isinstance(self.contents, ManageContents):
            return self._first_password(desk, self.contents, pin_key, policy)
        if not isinstance(self.contents, NewPasswordContents):
            return NO_NEW_PASSWORD
        block = self.contents.new_block
        if block is None:
            return NewPassword(fault="unreadable")
        # The same work for a number that does not exist; nothing comes of it.
        known = (
            [NO_PASSWORD] if operator is None else [(operator.salt, operator.verifier), *earlier_passwords(operator)]
        )
        earlier = known[: max(policy.password_history, 1)]
        return desk.keys.new_password(block, pin_key, self._account(state), policy, earlier)

    def _first_password(self, desk: Desk, contents: ManageContents, pin_key: str, policy: Policy) -> NewPassword:
        """Of somebody else, until first use: earlier ones are no reason against it, or who resets would learn of them."""
        if contents.action != RESET_PASSWORD:
            return NO_NEW_PASSWORD
        if contents.new_block is None:
            return NewPassword(fault="unreadable")
        account = PasswordAccount(self.terminal_key[0], contents.about_no or NOBODY)
        return desk.keys.new_password(contents.new_block, pin_key, account, policy, earlier=())
