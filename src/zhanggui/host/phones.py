"""The page of a phone's code as work of the engine: decided in a batch beside sign-ins and sales, answered after the commit.

a code's page ─▶ genuine? ─▶ PhoneWork in the queue ─▶ the rule of `operators/phones/answering.py` ─▶ its reply
"""

import asyncio
from collections.abc import Callable

from ..acquirer.operators.entry import OperatorAsked, whose_user_name
from ..acquirer.operators.phones.answering import PhoneSaid, decide_phone_answer, decide_phone_look
from ..acquirer.rows.decision import Decision, PhoneReply, reply_of
from ..acquirer.rows.records import Counter, Operator, PhoneAttempt, Stranger, Terminal, UserName
from ..acquirer.rows.state import Needs, State
from ..acquirer.terminals.leases import Word
from ..basics.errors import Fault
from ..basics.numbers import OperatorNo, TraceNo, UnixMs, is_digits
from ..basics.secret import Secret
from ..cup.messages.operator_outcomes import RefusedOperator
from ..cup.values.phone import PhoneCode
from ..cup.values.user_name import fold_user_name
from ..vault.pinblock import PasswordAccount
from .keys import NOBODY, HostKeys
from .queue import WorkQueue
from .work import Desk, log

PHONE = "phone"
NO_WORD = Word(PHONE, "", TraceNo("000000"))
"""A phone says nothing of whether its terminal lives."""
FORGED = PhoneReply("P9", RefusedOperator(reason="phone_code_over"))
"""What a code gets that this host never made: the words of one that is over, and no look at any row."""
OPERATOR_DIGITS = 2
AT_ONCE_MAX = 16
"""Looks and answers that are with the engine at once; the others wait, so that whoever has some code never crowds out terminals."""
Rule = Callable[[State, OperatorAsked[PhoneSaid], UnixMs], Decision]


class PhoneWork:
    """One look at a code's page, or one answer there."""

    __slots__ = ("_code", "_future", "_password", "_phone", "_rule", "_terminal_key", "_typed")

    def __init__(
        self,
        rule: Rule,
        code: PhoneCode,
        phone: str,
        future: "asyncio.Future[PhoneReply]",
        login: str = "",
        password: Secret | None = None,
    ) -> None:
        self._rule = rule
        self._code = code
        self._phone = phone
        self._future = future
        self._typed = login
        self._password = password
        self._terminal_key = code.merchant_no, code.terminal_no

    def add_needs(self, needs: Needs) -> None:
        merchant_no = self._code.merchant_no
        needs.add(Terminal, self._terminal_key)
        needs.add(PhoneAttempt, self._terminal_key)
        needs.add(Counter, (merchant_no, "sign_in"))
        if self._user_name:
            needs.add(UserName, (merchant_no, fold_user_name(self._user_name)))
        elif self._typed:
            needs.add(Operator, (merchant_no, OperatorNo(self._typed)))

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        if not self._typed:
            return
        key = self._code.merchant_no, self._operator_no(state)
        if self._user_name:
            more.add(Operator, key)
            more.leads_on = True
        if state.get(Operator, *key) is None:
            more.add(Stranger, key)

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        merchant_no, operator_no = self._code.merchant_no, self._operator_no(state)
        asked = OperatorAsked(
            merchant_no=merchant_no,
            terminal_no=self._code.terminal_no,
            operator_no=operator_no,
            user_name=self._user_name,
            contents=PhoneSaid(name=self._code.name, phone=self._phone),
            mac="none",
            leases=desk.leases,
            word=NO_WORD,
            password_right=self._is_right(desk.keys, state.get(Operator, merchant_no, operator_no), operator_no),
        )
        return self._rule(state, asked, now)

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        reply = reply_of(decision, PhoneReply)
        if decision.reason:
            merchant_no, terminal_no = self._terminal_key
            log.info(
                "refused",
                peer=PHONE,
                transaction=PHONE,
                merchant_no=merchant_no,
                terminal_no=terminal_no,
                response_code=reply.response_code,
                reason=decision.reason,
            )
        if not self._future.done():
            self._future.set_result(reply)

    def fail(self, desk: Desk, now: UnixMs) -> None:
        if not self._future.done():
            self._future.set_exception(Fault("what a phone asked could not be written; nothing was changed"))

    @property
    def _user_name(self) -> str:
        return "" if is_digits(self._typed, OPERATOR_DIGITS) else self._typed

    def _operator_no(self, state: State) -> OperatorNo:
        """Who is meant. What is nobody's goes on as itself, and gets what an unknown number gets."""
        if not self._user_name:
            return OperatorNo(self._typed)
        return whose_user_name(state, self._code.merchant_no, self._user_name)

    def _is_right(self, keys: HostKeys, operator: Operator | None, operator_no: OperatorNo) -> bool:
        if self._password is None:
            return False
        number = operator_no if is_digits(operator_no, OPERATOR_DIGITS) else NOBODY
        return keys.said_password_right(operator, PasswordAccount(self._code.merchant_no, number), self._password)


class PhoneQueue:
    """Where the page of codes asks: genuine codes go into the engine's queue, any other is answered here."""

    def __init__(self, queue: WorkQueue, keys: HostKeys) -> None:
        self._queue = queue
        self._keys = keys
        self._turns = asyncio.Semaphore(AT_ONCE_MAX)

    async def look(self, code: PhoneCode, phone: str) -> PhoneReply:
        """What the code is for. Raises Fault when the host could not."""
        return await self._ask(code, lambda future: PhoneWork(decide_phone_look, code, phone, future))

    async def answer(self, code: PhoneCode, phone: str, login: str, password: Secret) -> PhoneReply:
        """Whether this is the operator. Raises Fault when the host could not."""
        return await self._ask(
            code, lambda future: PhoneWork(decide_phone_answer, code, phone, future, login, password)
        )

    async def _ask(self, code: PhoneCode, work: "Callable[[asyncio.Future[PhoneReply]], PhoneWork]") -> PhoneReply:
        if not self._keys.is_phone_code(code):
            log.info("refused", peer=PHONE, transaction=PHONE, reason="phone_code_forged")
            return FORGED
        async with self._turns:
            future: asyncio.Future[PhoneReply] = asyncio.get_running_loop().create_future()
            self._queue.submit(work(future))
            return await future
