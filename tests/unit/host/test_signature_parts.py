"""A signature in parts at the host: in their order, lost, repeated, another one's, and not what they say they are."""

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.worlds.memory_host import MERCHANT, TERMINAL, Line, MemoryHost

from zhanggui.acquirer.rows.records import Document, PaymentSignature
from zhanggui.acquirer.slips.erasing import expire
from zhanggui.acquirer.slips.gathering import KEPT_DAYS
from zhanggui.basics.chance import SystemChance
from zhanggui.basics.numbers import BatchNo, TraceNo, UnixMs
from zhanggui.basics.spans import DAY_MS
from zhanggui.cup.messages.signature import SignatureUpload
from zhanggui.cup.values.parts import (
    PART_BYTES,
    PARTS_MAX,
    WHOLE_BYTES_MAX,
    Gathered,
    Part,
    read_have,
    read_part,
    split,
    take,
    write_part,
)

WHOLE = bytes(range(256)) * 5
"""Three parts of it."""
FIRST, SECOND, LAST = split("signature", WHOLE)


@dataclass
class Till:
    """One approved payment of a terminal, and what is uploaded for it."""

    house: MemoryHost

    async def sell(self, trace: str = "000001") -> None:
        self.house.sale(trace, Line())
        await self.house.settled()
        self.house.bank_says("00", self.house.wire.sent[-1])
        await self.house.settled()

    async def send(self, part: Part, trace: str = "000001") -> tuple[str, int]:
        """The answer's code, and how many parts it says are there."""
        (payment,) = [row for row in self.house.store.payments() if row.trace_no == trace]
        upload = SignatureUpload(
            merchant_no=MERCHANT,
            terminal_no=TERMINAL,
            batch_no=BatchNo("000001"),
            trace_no=TraceNo(trace),
            amount_fen=payment.amount_fen,
            rrn=payment.rrn,
            part=part,
        )
        line = Line()
        self.house.receive(self.house.sealed(upload.message()), line)
        await self.house.settled()
        (answer,) = line.sent
        return str(answer.fields[39]), read_have(answer.fields.get(62))[0]

    def signed(self, trace: str = "000001") -> bytes:
        """What is kept as the signature of a payment; nothing while nothing is."""
        rows = self.house.store.rows.values()
        found = [row for row in rows if isinstance(row, PaymentSignature) and row.trace_no == trace]
        if not found:
            return b""
        document = self.house.store.rows[(Document, MERCHANT, found[0].document_id)]
        assert isinstance(document, Document)
        return self.house.keys.open_document(MERCHANT, document.document_id, document.sealed)

    def waiting(self) -> list[Document]:
        """Parts that wait for the rest."""
        rows = self.house.store.rows.values()
        return [row for row in rows if isinstance(row, Document) and row.kind == "parts" and row.sealed]


@pytest.fixture
async def till(house: MemoryHost) -> Till:
    made = Till(house)
    await made.sell()
    return made


async def test_parts_become_one_signature_with_the_last_one(till: Till) -> None:
    assert await till.send(FIRST) == ("00", 1)
    assert await till.send(SECOND) == ("00", 2)
    assert till.signed() == b""
    assert await till.send(LAST) == ("00", 3)
    assert till.signed() == WHOLE
    assert till.waiting() == [], "what was joined is kept once"


async def test_what_waits_for_the_rest_is_sealed_and_goes_after_a_week(till: Till) -> None:
    await till.send(FIRST)
    (waiting,) = till.waiting()
    assert FIRST.content[:40] not in waiting.sealed
    until = UnixMs(waiting.kept_ms + KEPT_DAYS * DAY_MS)
    assert expire(waiting, UnixMs(until - 1)) is None
    assert expire(waiting, until) is not None


async def test_a_part_that_comes_again_changes_nothing_and_hears_how_many_there_are(till: Till) -> None:
    await till.send(FIRST)
    await till.send(SECOND)
    assert await till.send(FIRST) == ("00", 2)
    assert await till.send(SECOND) == ("00", 2)
    await till.send(LAST)
    assert await till.send(LAST) == ("00", 3), "the answer to the last one was lost"
    assert await till.send(FIRST) == ("00", 3)
    assert till.signed() == WHOLE


async def test_a_part_behind_a_lost_one_is_asked_for_again(till: Till) -> None:
    assert await till.send(SECOND) == ("22", 0)
    await till.send(FIRST)
    assert await till.send(LAST) == ("22", 1)
    assert till.signed() == b""


async def test_parts_of_two_payments_never_meet(till: Till) -> None:
    await till.sell("000002")
    other = split("signature", WHOLE[::-1])
    await till.send(FIRST)
    assert await till.send(SECOND, "000002") == ("22", 0), "the same signature, but of another payment"
    for part in other:
        await till.send(part, "000002")
    await till.send(SECOND)
    await till.send(LAST)
    assert (till.signed(), till.signed("000002")) == (WHOLE, WHOLE[::-1])


async def test_another_whole_begins_anew_and_is_never_joined_to_the_first(till: Till) -> None:
    other = split("signature", WHOLE[::-1])
    await till.send(FIRST)
    assert await till.send(other[1]) == ("22", 0)
    assert await till.send(other[0]) == ("00", 1)
    assert await till.send(SECOND) == ("22", 0)
    await till.send(other[1])
    await till.send(other[2])
    assert till.signed() == WHOLE[::-1]
    assert await till.send(FIRST) == ("94", 0), "what was signed is never replaced"


async def test_parts_that_are_not_what_they_say_are_all_dropped(till: Till) -> None:
    await till.send(FIRST)
    await till.send(replace(SECOND, content=bytes(PART_BYTES)))
    assert await till.send(LAST) == ("22", 0)
    assert till.waiting() == []
    for part in (FIRST, SECOND, LAST):
        await till.send(part)
    assert till.signed() == WHOLE


async def test_parts_of_a_payment_that_was_undone_are_not_gathered(till: Till) -> None:
    (payment,) = till.house.store.payments()
    till.house.store.put(replace(payment, state="reversed"))
    assert await till.send(FIRST) == ("25", 0)
    assert till.waiting() == []


async def test_more_follows_with_801_and_the_last_comes_with_800_alone(till: Till) -> None:
    (payment,) = till.house.store.payments()
    upload = SignatureUpload(
        merchant_no=MERCHANT,
        terminal_no=TERMINAL,
        batch_no=BatchNo("000001"),
        trace_no=TraceNo("000001"),
        amount_fen=payment.amount_fen,
        rrn=payment.rrn,
        part=FIRST,
    )
    message = upload.message()
    assert message.fields[60] == "00000001801"
    message.fields[60] = "00000001800"
    line = Line()
    till.house.receive(till.house.sealed(message), line)
    await till.house.settled()
    assert line.codes == ["30"]


@pytest.mark.parametrize("size", [1, PART_BYTES, PART_BYTES + 1, WHOLE_BYTES_MAX])
def test_a_whole_of_any_size_is_split_and_joined(size: int) -> None:
    whole = SystemChance().take(size)
    parts = split("signature", whole)
    assert len(parts) <= PARTS_MAX
    gathered: Gathered | None = None
    for part in parts:
        content = write_part(part)
        assert len(content) <= 480
        taken = take(gathered, read_part(content))
        gathered = taken.gathered
    assert taken.whole == whole


@pytest.mark.parametrize("size", [0, WHOLE_BYTES_MAX + 1])
def test_nothing_and_too_much_are_not_split(size: int) -> None:
    with pytest.raises(ValueError, match="a whole has"):
        split("signature", bytes(size))


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"ZGP1",
        write_part(FIRST)[:-1],
        write_part(FIRST) + b"\0",
        b"ZGP1X" + write_part(FIRST)[5:],
        b"ZGP1S\x00" + write_part(FIRST)[6:],
        b"ZGP1S\x04" + write_part(FIRST)[6:],
        b"ZGP1S\x01\xff\xff\xff" + write_part(FIRST)[9:],
    ],
)
def test_what_no_whole_is_split_into_is_refused(wrong: bytes) -> None:
    with pytest.raises(ValueError, match=r"part|whole"):
        read_part(wrong)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=200)
@given(
    st.lists(st.binary(min_size=PART_BYTES, max_size=3 * PART_BYTES + 7), min_size=2, max_size=2, unique=True),
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3)), max_size=30),
)
def test_whatever_comes_in_whatever_order_only_a_whole_comes_out(
    wholes: list[bytes], sent: list[tuple[int, int]]
) -> None:
    parts = [split("signature", whole) for whole in wholes]
    gathered: Gathered | None = None
    for which, at in sent:
        part = parts[which][at % len(parts[which])]
        taken = take(gathered, part)
        if taken.verdict == "whole":
            assert taken.whole == wholes[which]
        gathered = gathered if taken.verdict == "missing" else taken.gathered
    for part in parts[0]:
        taken = take(gathered, part)
        gathered = taken.gathered
    assert taken.whole == wholes[0], "sent in their order, they arrive whatever came before"
