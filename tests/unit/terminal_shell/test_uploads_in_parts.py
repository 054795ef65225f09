"""What the terminal sends up in parts: from the first one that the host lacks, never for ever, and whole to a host that takes no parts."""

from types import SimpleNamespace
from typing import cast

import pytest
from tests.worlds.flow_story import approved_sale
from tests.worlds.shell_makes import StillClock

from zhanggui.basics.numbers import MerchantNo, TerminalNo
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.envelope import unwrap
from zhanggui.cup.messages.signature import SIGNATURE, SIGNATURE_PART, SignatureUpload
from zhanggui.cup.transactions import Transaction
from zhanggui.cup.values.parts import read_part, split, write_have
from zhanggui.cup.values.strokes import UPLOAD_BYTES_MAX, read_strokes, write_strokes
from zhanggui.iso8583.message import Message
from zhanggui.terminal.devices.ports import PinPad
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.link.host_exchange import HostExchange
from zhanggui.terminal.link.host_line import HostLine, LineFailed, UnprovenRefusal
from zhanggui.terminal.link.outgoing import SignedSlip
from zhanggui.terminal.link.upload_link import UNPROVEN_MAX, UploadLink

LONG = tuple(tuple((10 + at * 15 + step % 7, 20 + step) for step in range(60)) for at in range(20))
COUNT = len(split("signature", write_strokes(LONG, 8_000)))
PAYMENT = approved_sale("000012")
SEND = fx.SendSignature(batch_no=PAYMENT.batch_no, trace_no=PAYMENT.trace_no)


class Host:
    """A host that has so many parts, loses them once, or takes none."""

    def __init__(
        self, *, have: int = 0, loses_at: int = 0, code: str = "00", deaf: bool = False, unproven: bool = False
    ) -> None:
        self.unproven = unproven
        self.have, self.loses_at, self.code, self.deaf = have, loses_at, code, deaf
        self.sent: list[int] = []
        """Numbers of the parts that came; 0 for what came whole."""
        self.whole = b""

    async def ask(self, transaction: Transaction, request: Message) -> Message:
        content = request.fields[62]
        assert isinstance(content, bytes)
        assert len(content) <= UPLOAD_BYTES_MAX
        answer: dict[int, str | bytes] = {39: "00"}
        if content[:4] != b"ZGP1":
            self.sent.append(0)
            self.whole = content
            return Message("0830", answer)
        part = read_part(content)
        assert transaction is (SIGNATURE if part.is_last else SIGNATURE_PART)
        self.sent.append(part.number)
        if self.unproven:
            raise UnprovenRefusal(self.code)
        if self.code != "00":
            return Message("0830", {39: self.code})
        if part.number == self.loses_at:
            self.loses_at, self.have = 0, 0
        if part.number == self.have + 1 and not self.deaf:
            self.have += 1
        answer[39] = "00" if part.number <= self.have else "22"
        answer[62] = write_have(self.have)
        return Message("0830", answer)


def link_to(host: Host) -> UploadLink:
    return UploadLink(
        cast(HostExchange, host),
        StillClock(),
        merchant_no=MerchantNo("102100058120001"),
        terminal_no=TerminalNo("10000002"),
    )


async def sent(host: Host, link: UploadLink | None = None) -> ev.Event:
    return await (link or link_to(host)).signature(SEND, SignedSlip(PAYMENT, LONG), "SendSignature")


async def test_each_part_goes_once_in_its_order() -> None:
    host = Host()
    assert isinstance(await sent(host), ev.SignatureTaken)
    assert host.sent == list(range(1, COUNT + 1))


async def test_what_the_host_has_is_not_sent_again() -> None:
    host = Host(have=COUNT - 2)
    assert isinstance(await sent(host), ev.SignatureTaken)
    assert host.sent == [1, COUNT - 1, COUNT]


async def test_a_host_that_lost_them_is_sent_all_of_them_again() -> None:
    host = Host(loses_at=3)
    assert isinstance(await sent(host), ev.SignatureTaken)
    assert host.sent == [1, 2, 3, *range(1, COUNT + 1)]


async def test_a_host_that_never_has_any_is_not_asked_for_ever() -> None:
    host = Host(deaf=True)
    with pytest.raises(LineFailed):
        await sent(host)
    assert len(host.sent) <= 2 * COUNT + 1


@pytest.mark.parametrize("code", ["12", "30", "40"])
async def test_a_host_that_takes_no_parts_gets_fewer_points_in_one_message(code: str) -> None:
    host = Host(code=code)
    assert isinstance(await sent(host), ev.SignatureTaken)
    assert host.sent == [1, 0]
    assert len(read_strokes(host.whole)) == len(LONG), "never fewer strokes"


async def test_a_host_from_before_parts_which_refuses_them_without_a_mac_gets_fewer_points_after_some_tries() -> None:
    host = Host(code="40", unproven=True)
    link = link_to(host)
    for _ in range(UNPROVEN_MAX):
        with pytest.raises(UnprovenRefusal):
            await sent(host, link)
    assert isinstance(await sent(host, link), ev.SignatureTaken)
    assert isinstance(await sent(host, link), ev.SignatureTaken)
    assert host.sent == [1] * UNPROVEN_MAX + [0, 0], "the next one no longer waits for it"


class Before:
    """A host that does not know 801: its reception answers before anybody has looked for a key."""

    def __init__(self, code: str, mac: bytes | None) -> None:
        self.code, self.mac = code, mac

    async def exchange(self, payload: bytes) -> bytes:
        envelope = unwrap(UNIONPAY, payload)
        asked = UNIONPAY.codec.decode(envelope.body).fields
        fields = {number: asked[number] for number in (4, 11, 41, 42, 60)} | {39: self.code}
        if self.mac is not None:
            fields[64] = self.mac
        return envelope.answer(UNIONPAY, UNIONPAY.codec.encode(Message("0830", fields)))


@pytest.mark.parametrize(
    ("code", "mac", "is_told_apart"),
    [("40", None, True), ("30", None, True), ("40", bytes(8), False), ("25", None, False), ("00", None, False)],
)
async def test_only_what_a_host_could_not_read_may_come_without_a_mac_and_it_is_not_believed(
    code: str, mac: bytes | None, is_told_apart: bool
) -> None:
    pin_pad = cast(PinPad, SimpleNamespace(mac=lambda data: bytes(8), verify_mac=lambda data, mac: False))
    exchange = HostExchange(cast(HostLine, Before(code, mac)), pin_pad, UNIONPAY)
    part = split("signature", write_strokes(LONG, 8_000))[0]
    upload = SignatureUpload(
        merchant_no=MerchantNo("102100058120001"),
        terminal_no=TerminalNo("10000002"),
        batch_no=PAYMENT.batch_no,
        trace_no=PAYMENT.trace_no,
        amount_fen=PAYMENT.amount_fen,
        rrn=PAYMENT.rrn,
        part=part,
    )
    with pytest.raises(LineFailed) as caught:
        await exchange.ask(SIGNATURE_PART, upload.message())
    assert caught.value.failure == "bad_mac"
    assert isinstance(caught.value, UnprovenRefusal) is is_told_apart


async def test_tries_without_a_mac_count_only_in_a_row() -> None:
    host = Host(code="40", unproven=True)
    link = link_to(host)
    for _ in range(UNPROVEN_MAX - 1):
        with pytest.raises(UnprovenRefusal):
            await sent(host, link)
    host.unproven, host.code = False, "00"
    assert isinstance(await sent(host, link), ev.SignatureTaken)
    host.unproven, host.code = True, "40"
    with pytest.raises(UnprovenRefusal):
        await sent(host, link)
    with pytest.raises(UnprovenRefusal):
        await sent(host, link)
    assert 0 not in host.sent


async def test_what_stands_no_more_is_refused_and_not_split_further() -> None:
    host = Host(code="25")
    refused = await sent(host)
    assert isinstance(refused, ev.Refused)
    assert refused.response_code == "25"
    assert host.sent == [1]


async def test_what_cannot_be_read_now_is_not_sent() -> None:
    link = UploadLink(
        cast(HostExchange, Host()),
        StillClock(),
        merchant_no=MerchantNo("102100058120001"),
        terminal_no=TerminalNo("10000002"),
    )
    with pytest.raises(LineFailed):
        await link.signature(SEND, None, "SendSignature")
