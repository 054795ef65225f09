"""A terminal's host link and the scripted host it talks to, with requests of each kind ready to be sent."""

from pathlib import Path

from tests.worlds.scripted_host import ScriptedHost
from tests.worlds.shell_makes import (
    BATCH,
    CARD,
    MERCHANT,
    OPERATOR,
    TERMINAL,
    StillClock,
    attempt,
    new_pin_pad,
    reversal,
    trace,
)

from zhanggui.basics.numbers import RecordNo
from zhanggui.basics.secret import Pan, Secret
from zhanggui.cup.dialect import UNIONPAY, Dialect
from zhanggui.terminal.devices.pin_pad import VirtualPinPad
from zhanggui.terminal.devices.ports import CardInHand
from zhanggui.terminal.devices.switches import VirtualLine
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.link.card_data import PreparedCard, keep_card, read_kept_card
from zhanggui.terminal.link.host_calendar import HostCalendar
from zhanggui.terminal.link.host_exchange import HostExchange
from zhanggui.terminal.link.host_line import TcpHostLine
from zhanggui.terminal.link.host_link import CupHostLink, SendEffect
from zhanggui.terminal.link.outgoing import Outgoing
from zhanggui.vault.hsm import KeySet

SHORT_S = 0.3
"""An answer that is never coming is waited for this long."""
TRACK = f"{CARD}=49122200000012300"


class Ends:
    """A terminal's link and the host it talks to."""

    def __init__(self, folder: Path, host: ScriptedHost) -> None:
        self.clock = StillClock()
        self.host = host
        self.switch = VirtualLine()
        self.pin_pad: VirtualPinPad = new_pin_pad(folder, self.clock)
        host.room.enrol(self.pin_pad)
        self.point_at(host.port)

    def point_at(self, port: int, dialect: Dialect = UNIONPAY) -> None:
        """Talk to another port from now on, in this dialect."""
        line = TcpHostLine("127.0.0.1", port, self.switch, answer_timeout_s=SHORT_S)
        self.link = CupHostLink(
            HostExchange(line, self.pin_pad, dialect),
            self.pin_pad,
            self.clock,
            HostCalendar(self.clock),
            merchant_no=MERCHANT,
            terminal_no=TERMINAL,
            version="zhanggui 0.1.0",
        )

    def sign_on_keys(self) -> None:
        """Working keys on both ends without an exchange."""
        keys = self.host.room.working_keys()
        self.pin_pad.load_working_keys(keys.field_62, KeySet.DOUBLE_TRACK)

    async def perform(self, effect: SendEffect, outgoing: Outgoing | None = None) -> ev.Event | None:
        """One exchange."""
        return await self.link.perform(effect, outgoing or Outgoing())


SIGN_ON = fx.SendSignOn(trace_no=trace(1), batch_no=BATCH)
SALE = fx.SendPayment(attempt=attempt(12))
CONFIRM = fx.SendConfirm(trace_no=trace(3), batch_no=BATCH, operator_no=OPERATOR, record_no=RecordNo(41))
REVERSAL = fx.SendReversal(reversal=reversal(12))
STATUS = fx.SendStatus(checks=(ev.CheckResult(item="printer", state="warn", reason="check.printer.no_paper"),))


def card(way: ev.EntryWay = "swipe") -> CardInHand:
    return CardInHand(
        pan=Pan(CARD),
        expiry_yymm="4912",
        track2=Secret(TRACK),
        sequence="",
        way=way,
        label_zh="测试卡",
        label_en="Test card",
        has_chip=False,
        chip=None,
    )


def with_card() -> Outgoing:
    return Outgoing(card=card(), prepared=PreparedCard("022"))


def with_kept_card(ends: Ends) -> Outgoing:
    return Outgoing(kept=read_kept_card(keep_card(card(), PreparedCard("022"), ends.pin_pad)))
