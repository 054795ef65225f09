"""Slips by link at the host: who finds one, how long, and what everybody else sees."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from errno import ENOSPC
from typing import Literal, cast

import pytest
from msgspec.structs import replace
from tests.worlds.memory_host import MERCHANT, TERMINAL, Line, MemoryHost

from zhanggui.acquirer.rows.records import Document, Merchant, SlipLink
from zhanggui.acquirer.rows.state import Change
from zhanggui.acquirer.slips.erasing import emptied
from zhanggui.acquirer.slips.links import OPENED_MAX
from zhanggui.basics.numbers import BatchNo, MerchantNo, TraceNo, UnixMs
from zhanggui.basics.spans import DAY_MS
from zhanggui.cup.messages.signature import SignatureUpload
from zhanggui.cup.values.parts import read_have, split
from zhanggui.cup.values.slip import SlipLine
from zhanggui.cup.values.slip_link import (
    SLIP_BYTES_MAX,
    SlipAddress,
    SlipCopies,
    read_copies,
    read_link,
    write_copies,
    write_link,
)
from zhanggui.host.queue import WorkQueue
from zhanggui.host.slip_pages import SlipPages

PAGE = "https://pos.example:8602"


@dataclass
class Shop:
    """A host with a page for phones, and one approved payment."""

    house: MemoryHost

    def copies(self, **changed: str) -> SlipCopies:
        """A slip of the payment, as short as one can be."""
        (payment,) = self.house.store.payments()
        told = {"card": payment.masked_pan, "rrn": payment.rrn} | changed
        zh = (SlipLine("title", "签购单"), SlipLine("text", told["card"]), SlipLine("pair", "参考号:", told["rrn"]))
        return SlipCopies(zh=zh, en=(SlipLine("title", "Sales slip"), *zh[1:]))

    async def send(self, content: bytes) -> tuple[str, str]:
        """Send a slip up, part by part: the last answer's code, and the address in it."""
        (payment,) = self.house.store.payments()
        for part in split("slip", content):
            upload = SignatureUpload(
                merchant_no=MERCHANT,
                terminal_no=TERMINAL,
                batch_no=BatchNo("000001"),
                trace_no=TraceNo("000001"),
                amount_fen=payment.amount_fen,
                rrn=payment.rrn,
                part=part,
            )
            line = Line()
            self.house.receive(self.house.sealed(upload.message()), line)
            await self.house.settled()
            (answer,) = line.sent
            address = read_have(answer.fields.get(62))[1]
            if address or answer.fields[39] != "00":
                break
        return str(answer.fields[39]), address

    async def address(self) -> str:
        code, address = await self.send(write_copies(self.copies()))
        assert code == "00"
        return address

    async def opened(self, address: str) -> SlipCopies | None:
        """What whoever opens this address finds."""
        seen = await self.house.slip_pages.slip(link_in(address))
        return seen.copies if seen is not None else None

    async def became(self, address: str) -> tuple[str, int]:
        """What is said beside it of its payment, and how much of that stands."""
        seen = await self.house.slip_pages.slip(link_in(address))
        assert seen is not None
        return seen.became, seen.standing_fen

    def link_row(self) -> SlipLink:
        (row,) = [row for row in self.house.store.rows.values() if isinstance(row, SlipLink)]
        return row

    def document(self) -> Document:
        row = self.house.store.rows[(Document, MERCHANT, self.link_row().document_id)]
        assert isinstance(row, Document)
        return row

    def set_days(self, days: int) -> None:
        merchant = self.house.store.rows[(Merchant, MERCHANT)]
        assert isinstance(merchant, Merchant)
        self.house.store.put(replace(merchant, policy_overrides=f'{{"slip_link_days":{days}}}'))


def link_in(address: str) -> SlipAddress:
    assert address.startswith(PAGE)
    _, _, merchant, text = address.removeprefix(PAGE).split("/")
    link = read_link(merchant, text)
    assert link is not None
    return link


@pytest.fixture
async def shop(house: MemoryHost) -> Shop:
    house.desk.phone_page = PAGE
    house.sale("000001", Line())
    await house.settled()
    house.bank_says("00", house.wire.sent[-1])
    await house.settled()
    return Shop(house)


async def test_a_slip_is_found_by_its_link_as_the_terminal_laid_it_out(shop: Shop) -> None:
    address = await shop.address()
    assert await shop.opened(address) == shop.copies()


async def test_nothing_that_the_host_keeps_leads_to_the_link(shop: Shop) -> None:
    address = await shop.address()
    token = address.rpartition("/")[2]
    assert len(token) == 29, "144 bits, five to a letter"
    assert token not in repr(shop.house.store.rows)
    assert token[:16] not in repr(shop.house.store.rows)
    assert "签购单".encode() not in shop.document().sealed
    assert "••" in repr(link_in(address)) or token not in repr(link_in(address))


async def test_asked_again_it_is_the_same_link_and_the_same_slip(shop: Shop) -> None:
    first = await shop.address()
    changed = replace(shop.copies(), zh=(*shop.copies().zh, SlipLine("text", "又一行")))
    code, again = await shop.send(write_copies(changed))
    assert (code, again) == ("00", first)
    assert await shop.opened(first) == shop.copies()
    documents = [row for row in shop.house.store.rows.values() if isinstance(row, Document) and row.sealed]
    assert len(documents) == 1


async def test_its_time_ends_by_policy_and_the_link_leads_nowhere(shop: Shop) -> None:
    shop.set_days(7)
    address = await shop.address()
    document = shop.document()
    assert document.until_ms - document.kept_ms == 7 * DAY_MS
    shop.house.clock.at_ms = UnixMs(document.until_ms - 1)
    assert await shop.opened(address) is not None
    shop.house.clock.at_ms = document.until_ms
    assert await shop.opened(address) is None
    assert await shop.send(write_copies(shop.copies())) == ("25", ""), "nor is it begun anew"


async def test_ended_erased_and_never_made_are_the_same_nothing(shop: Shop) -> None:
    address = await shop.address()
    link = link_in(address)
    shop.house.store.put(emptied(shop.document(), "asked", shop.house.clock.now()))
    forged = address[:-1] + ("A" if address[-1] != "A" else "B")
    other_shop = replace(link, merchant_no=MerchantNo("102100058120002"))
    assert await shop.opened(address) is None
    assert await shop.opened(forged) is None
    assert await shop.house.slip_pages.slip(other_shop) is None


async def test_each_opening_is_counted_and_at_last_no_longer_written(shop: Shop) -> None:
    address = await shop.address()
    await shop.opened(address)
    await shop.opened(address)
    assert (shop.link_row().opened, shop.link_row().opened_ms) == (2, shop.house.clock.now())
    shop.house.store.put(replace(shop.link_row(), opened=OPENED_MAX))
    assert await shop.opened(address) is not None
    assert shop.link_row().opened == OPENED_MAX


async def test_what_can_not_be_counted_is_shown_all_the_same(shop: Shop) -> None:
    address = await shop.address()

    def full(changes: Sequence[Change]) -> None:
        if changes:
            raise OSError(ENOSPC, "no space left")

    shop.house.store.before_save = full
    assert await shop.opened(address) == shop.copies()
    shop.house.store.before_save = lambda changes: None
    assert shop.link_row().opened == 0
    assert await shop.opened(address) is not None
    assert shop.link_row().opened == 1


async def test_a_slip_whose_payment_was_reversed_says_so(shop: Shop) -> None:
    address = await shop.address()
    (payment,) = shop.house.store.payments()
    assert await shop.became(address) == ("", payment.amount_fen)
    line = Line()
    shop.house.reverse("000001", line)
    await shop.house.settled()
    assert line.codes == ["00"]
    assert await shop.became(address) == ("reversed", payment.amount_fen)


@pytest.mark.parametrize(
    ("kind", "state", "said"),
    [
        ("void", "approved", "undone"),
        ("void", "pending", ""),
        ("preauth_cancel", "approved", "undone"),
        ("completion", "approved", "completed"),
    ],
)
async def test_a_slip_whose_payment_another_one_ended_says_so_once_that_stands(
    shop: Shop, kind: str, state: Literal["approved", "pending"], said: str
) -> None:
    address = await shop.address()
    (payment,) = shop.house.store.payments()
    number = TraceNo("000002")
    shop.house.store.put(
        replace(payment, undone_by_batch_no=payment.batch_no, undone_by_trace_no=number),
        replace(payment, trace_no=number, kind=kind, state=state),
    )
    assert (await shop.became(address))[0] == said


@pytest.mark.parametrize(
    ("taken", "pending", "said"), [(1, 0, "refunded_in_part"), (1, 1, ""), (0, 0, ""), (None, 0, "refunded")]
)
async def test_a_slip_says_what_was_refunded(shop: Shop, taken: int | None, pending: int, said: str) -> None:
    address = await shop.address()
    (payment,) = shop.house.store.payments()
    gone = payment.amount_fen if taken is None else taken
    shop.house.store.put(replace(payment, adjusted_fen=-gone or None, pending_parts=pending or None))
    assert await shop.became(address) == (said, payment.amount_fen - gone)


async def test_where_no_page_is_served_or_the_shop_wants_none_nothing_is_kept(shop: Shop) -> None:
    shop.house.desk.phone_page = ""
    assert await shop.send(write_copies(shop.copies())) == ("40", "")
    shop.house.desk.phone_page = PAGE
    shop.set_days(0)
    assert await shop.send(write_copies(shop.copies())) == ("40", "")
    assert not [row for row in shop.house.store.rows.values() if isinstance(row, Document)]


@pytest.mark.parametrize("wrong", ["card", "rrn", "signature", "bytes", "steering"])
async def test_a_slip_that_is_not_the_cardholders_copy_of_this_payment_is_not_shown(shop: Shop, wrong: str) -> None:
    contents: dict[str, Callable[[], bytes]] = {
        "card": lambda: write_copies(shop.copies(card="6217000000000000012")),
        "rrn": lambda: write_copies(shop.copies(rrn="000000000000")),
        "signature": lambda: write_copies(replace(shop.copies(), en=(*shop.copies().en, SlipLine("signature")))),
        "bytes": lambda: b"no slip at all",
        "steering": lambda: write_copies(replace(shop.copies(), en=(*shop.copies().en, SlipLine("text", "\x1b[2J")))),
    }
    content = contents[wrong]()
    assert await shop.send(content) == ("25", "")
    assert not [row for row in shop.house.store.rows.values() if isinstance(row, SlipLink)]


async def test_a_slip_of_a_payment_that_was_undone_is_not_shown(shop: Shop) -> None:
    content = write_copies(shop.copies())
    (payment,) = shop.house.store.payments()
    shop.house.store.put(replace(payment, state="reversed"))
    assert await shop.send(content) == ("25", "")


async def test_a_forged_link_costs_no_look_at_a_row(shop: Shop) -> None:
    address = await shop.address()

    class NoQueue:
        def submit(self, work: object) -> None:
            raise AssertionError("a made-up link reached the engine")

    pages = SlipPages(cast(WorkQueue, NoQueue()), shop.house.keys, shop.house.door)
    assert await pages.slip(link_in(address[:-2] + "AA")) is None
    with pytest.raises(AssertionError, match="reached the engine"):
        await pages.slip(link_in(address))


def test_what_unpacks_to_more_than_a_slip_is_not_read() -> None:
    line = SlipLine("text", "掌" * 300)
    bomb = write_copies(SlipCopies(zh=(line,) * 100, en=(line,) * 100))
    assert len(bomb) < 2_000 < SLIP_BYTES_MAX
    with pytest.raises(ValueError, match="no slip of ours"):
        read_copies(bomb)


@pytest.mark.parametrize("text", ["", "A" * 28, "a" * 29, "A" * 28 + "1", "A" * 30, "../" + "A" * 26])
def test_what_was_never_a_link_is_told_by_its_form(text: str) -> None:
    assert read_link("102100058120001", text) is None


def test_a_link_is_read_as_it_was_written() -> None:
    link = read_link("102100058120001", "AB" * 8 + "C" * 13)
    assert link is not None
    assert write_link(link) == f"/S/102100058120001/{'AB' * 8}{'C' * 13}"
