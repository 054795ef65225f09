"""What the terminal says to its host at the end of a batch: totals (0500), details and their end (0320), sign-off (0820/002)."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

from ...basics.clock import Clock
from ...basics.numbers import BatchNo, MerchantNo, TerminalNo, TraceNo, next_in_six_digits
from ...cup.messages.management import management_request
from ...cup.messages.settlement import (
    AGREED,
    BLOCK_DETAILS_MAX,
    Detail,
    SettlementRequest,
    UploadBlock,
    UploadEnd,
    UploadOne,
    detail_row,
    goes_in_a_block,
    read_settlement_answer,
)
from ...cup.transactions import CATALOGUE, Transaction
from ...iso8583.message import Message
from ..flow.core import effects as fx
from ..flow.core import events as ev
from ..flow.core.settlement import BatchPage, Settlement, ToldPayment
from . import host_answers as answers
from .host_exchange import OK, HostExchange
from .host_line import IN_FLIGHT_MAX

SettlementEffect: TypeAlias = fx.SendSettlement | fx.SendDetails | fx.SendUploadEnd | fx.SendSignOff
"""The effects that end a batch."""
_SETTLEMENT, _SIGN_OFF = CATALOGUE["settlement"], CATALOGUE["sign_off"]
_ENDS: Mapping[bool, Transaction] = MappingProxyType(
    {True: CATALOGUE["upload_end_agreed"], False: CATALOGUE["upload_end_differs"]}
)


class SettlementLink:
    """The end of a batch at a host link."""

    def __init__(
        self, exchange: HostExchange, clock: Clock, *, merchant_no: MerchantNo, terminal_no: TerminalNo
    ) -> None:
        self._exchange = exchange
        self._clock = clock
        self._merchant_no = merchant_no
        self._terminal_no = terminal_no

    async def perform(self, effect: SettlementEffect, page: BatchPage, request: str) -> ev.Event:
        """Do one exchange, or, for details, all of a page over one line. Raises LineFailed and RemoteProtocolError."""
        match effect:
            case fx.SendSettlement(trace_no=trace_no, settlement=settlement):
                asked = SettlementRequest(
                    *self._named(settlement.batch_no, trace_no),
                    sums=settlement.sums,
                    operator_no=settlement.operator_no,
                )
                answer = await self._exchange.ask(_SETTLEMENT, asked.message())
                if answer.fields[39] != OK:
                    return answers.refused(answer, request, self._clock.now())
                sums, flag = read_settlement_answer(answer)
                return ev.SettlementAnswered(now=self._clock.now(), sums=sums, agreed=flag == AGREED)
            case fx.SendDetails(trace_no=trace_no, settlement=settlement, in_turn=in_turn):
                details = self._details(settlement, trace_no, page.told)
                told = await self._exchange.ask_all(details, in_flight=1 if in_turn else IN_FLIGHT_MAX)
                for answer in told:
                    if answer.fields[39] != OK:
                        return answers.refused(answer, request, self._clock.now())
                count = len(_to_tell(settlement, page.told))
                return ev.DetailsTold(now=self._clock.now(), count=count, cursor=page.cursor, is_last=page.is_last)
            case fx.SendUploadEnd(trace_no=trace_no, settlement=settlement):
                end = UploadEnd(
                    *self._named(settlement.batch_no, trace_no), is_agreed=settlement.agreed, count=settlement.told
                )
                answer = await self._exchange.ask(_ENDS[settlement.agreed], end.message())
                if answer.fields[39] != OK:
                    return answers.refused(answer, request, self._clock.now())
                return ev.UploadEnded(now=self._clock.now())
            case fx.SendSignOff(trace_no=trace_no, batch_no=batch_no):
                off = management_request(_SIGN_OFF, self._merchant_no, self._terminal_no, batch_no, trace_no)
                await self._exchange.ask(_SIGN_OFF, off)
                return ev.SignedOff(now=self._clock.now())

    def _details(
        self, settlement: Settlement, trace_no: TraceNo, told: tuple[ToldPayment, ...]
    ) -> Iterator[tuple[Transaction, Message]]:
        """The messages of a page: what goes by itself under its own number, and blocks of the others."""
        blocks: list[Detail] = []
        for one in _to_tell(settlement, told):
            kind = CATALOGUE[one.kind]
            if goes_in_a_block(kind, is_chip=one.is_chip):
                blocks.append(Detail(trace_no=one.trace_no, masked_pan=one.masked_pan, amount_fen=one.amount_fen))
                continue
            row = detail_row(kind, is_chip=one.is_chip, is_agreed=settlement.agreed)
            single = UploadOne(
                *self._named(settlement.batch_no, one.trace_no),
                row=row,
                masked_pan=one.masked_pan,
                amount_fen=one.amount_fen,
                response_code=one.response_code or OK,
            )
            yield row, single.message()
        stripe = CATALOGUE["upload_stripe"]
        for start in range(0, len(blocks), BLOCK_DETAILS_MAX):
            block = UploadBlock(
                *self._named(settlement.batch_no, trace_no), details=tuple(blocks[start : start + BLOCK_DETAILS_MAX])
            )
            yield stripe, block.message()
            trace_no = TraceNo(next_in_six_digits(trace_no))

    def _named(self, batch_no: BatchNo, trace_no: TraceNo) -> tuple[MerchantNo, TerminalNo, BatchNo, TraceNo]:
        return self._merchant_no, self._terminal_no, batch_no, trace_no


def _to_tell(settlement: Settlement, told: tuple[ToldPayment, ...]) -> tuple[ToldPayment, ...]:
    """Where the totals agree, only what a chip paid is told."""
    return tuple(one for one in told if one.is_chip) if settlement.agreed else told
