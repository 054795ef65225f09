"""One message and the answer that may be believed.

An answer is used only when it answers this request: message type = request + 10; fields 3, 4, 11, 41, 42 as sent; and the MAC
where the catalogue asks for one: on operator messages and the status always, on payments and reversals always where the dialect
MACs refusals, otherwise when they stand (domain reference §4.4 and §9). Anything else is a failure with its own name.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import aclosing
from typing import NoReturn

import structlog

from ...basics.errors import Fault, LocalProtocolError, RemoteProtocolError
from ...basics.numbers import request_of
from ...cup.dialect import Dialect
from ...cup.envelope import REQUIREMENT_SIGN_IN, REQUIREMENT_STATUS, Envelope, unwrap, wrap
from ...cup.messages.sealing import covered_bytes, seal
from ...cup.qr.identity import IdentityField
from ...cup.response_codes import means
from ...cup.transactions import Transaction, text_of
from ...edges.logs import REQUEST, note
from ...iso8583.message import Message
from ..devices.ports import PinPad
from ..flow.core.events import Failure
from .host_line import HostLine, LineFailed, UnprovenRefusal

OK = "00"
MAC_FIELD = 64
KEYS_WANTED = frozenset({"A0", "97", "77", "99"})
"""Refusals that a host may be unable to MAC: it has no keys for this terminal, or others. Unproven they lead to a new sign-on."""
UNREAD = frozenset({"30", "40"})
"""Refusals of what a host could not read or does not know: it has looked for no key, and can't MAC them."""
ECHOED = (3, 4, 11, 41, 42)
"""Fields that an answer must carry as they were sent, where the request had them."""

_log = structlog.get_logger(__name__)


exchanges: Counter[str] = Counter()
"""Payments and whatever else this process asked hosts, by whether an answer came: answered, failed."""


class HostExchange:
    """Seals, sends, reads and checks, in one dialect."""

    def __init__(self, line: HostLine, pin_pad: PinPad, dialect: Dialect) -> None:
        self._line = line
        self._pin_pad = pin_pad
        self._dialect = dialect
        self._required: Callable[[], None] | None = None
        self._wanted: Callable[[], None] | None = None

    @property
    def terminal_identity(self) -> IdentityField:
        """Where a payment tells which machine asks."""
        return self._dialect.terminal_identity

    @property
    def macs_refusals(self) -> bool:
        """Whether a refusal that is believed has proven who wrote it."""
        return self._dialect.macs_refusals

    def on_requirement(self, tell: Callable[[], None]) -> None:
        """Call `tell` when the header of a checked answer asks for a new sign-in."""
        self._required = tell

    def over(self, line: HostLine) -> "HostExchange":
        """The same exchange over another line."""
        return HostExchange(line, self._pin_pad, self._dialect)

    def on_status_wanted(self, tell: Callable[[], None]) -> None:
        """Call `tell` when the header of a checked answer asks for a heartbeat."""
        self._wanted = tell

    def rings(self, payload: bytes, is_ring: Callable[[Message], bool]) -> bool:
        """Whether a payload that came unasked is a ring whose MAC is right; anything else is nobody's."""
        try:
            envelope, message = self._opened(payload)
            return is_ring(message) and self._pin_pad.verify_mac(*covered_bytes(envelope.body, message))
        except (RemoteProtocolError, Fault):
            return False

    async def ask(self, transaction: Transaction, request: Message) -> Message:
        """Send a request and return its answer, checked. Raises LineFailed, nothing else."""
        return (await self.ask_for_body(transaction, request))[0]

    def proves(self, body: bytes, answer: Message) -> bool:
        """Whether an answer that needs no MAC carries one that fits the keys of now."""
        try:
            return self._pin_pad.verify_mac(*covered_bytes(body, answer))
        except RemoteProtocolError:
            return False

    async def ask_for_body(self, transaction: Transaction, request: Message) -> tuple[Message, bytes]:
        """The same with the bytes of the answer, for whoever can prove it only later."""
        try:
            payload = await self._line.exchange(self._payload(transaction, request))
            exchanges["answered"] += 1
        except LineFailed as error:
            exchanges["failed"] += 1
            if transaction.mac == "approved":
                note("host_silent", {**_named(request), "message": transaction.name, "failure": error.failure})
            raise
        try:
            envelope, answer = self._opened(payload)
        except RemoteProtocolError as error:
            self._refuse(transaction, request, "bad_answer", str(error))
        return self._believed(transaction, request, envelope, answer), envelope.body

    async def ask_all(self, asked: Iterable[tuple[Transaction, Message]], *, in_flight: int) -> list[Message]:
        """Send requests over one line, so many of them in flight, and return their answers, checked, as they came.

        An answer belongs to the request of its number (11), the one that left first where two have the same. Raises LineFailed.
        """
        waiting: dict[str | bytes, deque[tuple[Transaction, Message]]] = {}

        def payloads() -> Iterator[bytes]:
            for transaction, request in asked:
                waiting.setdefault(request.fields[11], deque()).append((transaction, request))
                yield self._payload(transaction, request)

        answers = []
        async with aclosing(self._line.exchange_all(payloads(), in_flight=in_flight)) as came:
            async for payload in came:
                try:
                    envelope, answer = self._opened(payload)
                    of_number = waiting[answer.fields[11]]
                    transaction, request = of_number.popleft()
                except (RemoteProtocolError, LookupError) as error:
                    _log.warning("exchange_failed", failure="bad_answer", reason=str(error))
                    raise LineFailed("bad_answer") from error
                answers.append(self._believed(transaction, request, envelope, answer))
        return answers

    def _opened(self, payload: bytes) -> tuple[Envelope, Message]:
        envelope = unwrap(self._dialect, payload)
        return envelope, self._dialect.codec.decode(envelope.body)

    def _believed(self, transaction: Transaction, request: Message, envelope: Envelope, answer: Message) -> Message:
        """The answer, if it is one to this request. Raises LineFailed."""
        try:
            code = text_of(answer, 39)
            self._check_echo(transaction, request, answer)
        except RemoteProtocolError as error:
            self._refuse(transaction, request, "bad_answer", str(error))
        if transaction.mac == "approved":
            self._check_outcome(transaction, code, envelope.body, answer)
            said = {"message": transaction.name, "response_code": code, "rrn": str(answer.fields.get(37, ""))}
            note("host_answered", {**_named(request), **said})
        elif self._macs_all(transaction):
            if MAC_FIELD not in answer.fields and code in UNREAD:
                _log.warning(
                    "exchange_failed",
                    **_named(request),
                    message=transaction.name,
                    failure="bad_mac",
                    reason=f"{code} without a MAC",
                )
                raise UnprovenRefusal(code)
            self._check_mac(transaction, envelope.body, answer)
        # The header has no MAC; all that a forged one can do is to make somebody sign in again.
        if envelope.requirement == REQUIREMENT_SIGN_IN and self._required is not None:
            self._required()
        if envelope.requirement == REQUIREMENT_STATUS and self._wanted is not None:
            self._wanted()
        return answer

    def _macs_all(self, transaction: Transaction) -> bool:
        """Whether request and every answer carry a MAC."""
        return transaction.mac == "always" or (transaction.mac == "ours" and self._dialect.macs_batches)

    def _payload(self, transaction: Transaction, request: Message) -> bytes:
        """The whole payload. What can't be built or MACed was not sent."""
        try:
            if transaction.mac != "approved" and not self._macs_all(transaction):
                return wrap(self._dialect, self._dialect.codec.encode(request))
            return wrap(self._dialect, seal(self._dialect.codec, request, self._pin_pad.mac))
        except (LocalProtocolError, Fault) as error:
            self._refuse(transaction, request, "not_sent", str(error))

    def _check_echo(self, transaction: Transaction, request: Message, answer: Message) -> None:
        if answer.mti != transaction.answer_mti:
            self._refuse(transaction, request, "bad_answer", "another message type than the request's answer")
        for number in ECHOED:
            if number in request.fields and answer.fields.get(number) != request.fields[number]:
                self._refuse(transaction, request, "bad_answer", f"field {number} is not as it was sent")

    def _check_outcome(self, transaction: Transaction, code: str, body: bytes, answer: Message) -> None:
        """A payment's or a reversal's answer: it must say something, and prove it.

        A refusal without a MAC proves nothing, whoever wrote it: what it is about stays in doubt. Where it says that the keys
        are not good, new ones are asked for first, since a host without keys for this terminal can't say so in another way.
        """
        meaning = means(code)
        if meaning == "unknown":
            self._refuse(transaction, answer, "bad_answer", "a response code that is in no table")
        if meaning == "stands_not":
            if not self._dialect.macs_refusals:
                return
            if MAC_FIELD not in answer.fields and code not in KEYS_WANTED:
                self._refuse(transaction, answer, "bad_answer", f"a refusal ({code}) without a MAC")
        self._check_mac(transaction, body, answer)

    def _check_mac(self, transaction: Transaction, body: bytes, answer: Message) -> None:
        try:
            covered, mac = covered_bytes(body, answer)
        except RemoteProtocolError as error:
            self._refuse(transaction, answer, "bad_mac", str(error))
        if not self._pin_pad.verify_mac(covered, mac):
            self._refuse(transaction, answer, "bad_mac", "the MAC does not fit")

    def _refuse(self, transaction: Transaction, of: Message, failure: Failure, reason: str) -> NoReturn:
        """`of`: the request, or an answer that repeats its numbers."""
        _log.warning("exchange_failed", **_named(of), message=transaction.name, failure=failure, reason=reason)
        raise LineFailed(failure)


def _named(message: Message) -> dict[str, str]:
    """What the request is called in every log."""
    return {REQUEST: request_of(str(message.fields.get(41, "")), str(message.fields.get(11, "")))}
